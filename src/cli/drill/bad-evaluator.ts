// What the drill has run in the place of an evaluator, in a process or a thread: it misbehaves as it is told.
import { spawn } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { defineEvaluator } from '../../evaluator/index.ts';
import { burn, type Fault } from './fault.ts';

const chunkMb = 5;

export default defineEvaluator(async (fault: Fault, { item }) => {
  switch (fault.does) {
    case 'never answer':
    case 'never load': // has another module, which does not come so far
      for (;;);
    case 'never end an item':
      return item('an item that never ends', () => {
        for (;;);
      });
    case 'take memory': {
      const held: Uint8Array[] = [];
      while (held.length * chunkMb < fault.toMb) {
        held.push(new Uint8Array(chunkMb * 2 ** 20).fill(1));
        await wait(2);
      }
      for (;;) await wait(1_000, held); // holds it
    }
    case 'slow the training':
      for (let burner = 0; burner < fault.burners; burner++)
        spawn('sh', ['-c', burn], { detached: true, stdio: 'ignore' });
      for (;;) await wait(1_000);
    case 'fail':
      throw new Error('the drill has it fail');
  }
});
