// What the doctor has run in the place of an evaluation: it misbehaves as it is told.
import { spawn } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { defineEvaluator } from '../../evaluator/index.ts';

export type Trial =
  | { readonly does: 'spin' }
  | { readonly does: 'spin in an item' }
  | { readonly does: 'spin in a session of its own' }
  | { readonly does: 'grow'; readonly toMb: number }
  | { readonly does: 'leave a grandchild' }
  | { readonly does: 'answer' };

export default defineEvaluator(async (trial: Trial, { item }) => {
  switch (trial.does) {
    case 'spin':
      for (;;);
    case 'spin in an item':
      return item('an item', () => {
        for (;;);
      });
    case 'spin in a session of its own':
      spawn(process.execPath, ['-e', 'for (;;);'], { detached: true, stdio: 'ignore' });
      for (;;) await wait(1_000);
    case 'grow': {
      const held: Uint8Array[] = [];
      while (held.length * 5 < trial.toMb) {
        held.push(new Uint8Array(5 * 2 ** 20).fill(1));
        await wait(2);
      }
      return held.length;
    }
    case 'leave a grandchild': {
      // In a session of its own, as a daemon would be.
      const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' });
      child.unref();
      return child.pid;
    }
    case 'answer':
      return performance.timeOrigin + performance.now();
  }
});
