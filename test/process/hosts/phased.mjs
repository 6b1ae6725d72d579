// An evaluator that tells the test, in a file, how far it has come, and stays there as long as the test likes.
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync } from 'node:fs';

const { PITWALL_TEST_TOLD: told, PITWALL_TEST_HOLD: hold } = process.env;
const tell = (phase) => {
  appendFileSync(told, `${JSON.stringify({ phase, pid: process.pid })}\n`);
};
const moment = new Int32Array(new SharedArrayBuffer(4));

tell('loading');
while (hold !== undefined && existsSync(hold)) Atomics.wait(moment, 0, 0, 5);
tell('loaded');

export default async (input, { partial, signal }) => {
  switch (input.does) {
    case 'spin':
      tell('working');
      for (;;);
    case 'wait for its signal':
      tell('working');
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      return { heard: true };
    case 'wait for a file':
      tell('working');
      while (!existsSync(input.path)) await new Promise((resolve) => setTimeout(resolve, 2));
      return { waited: true };
    case 'leave children': {
      // One in its group, one in a session of its own, and two whose parent ends at once.
      const { sleep, token } = input;
      spawn(sleep, [token], { stdio: 'ignore' });
      spawn(sleep, [token], { stdio: 'ignore', detached: true });
      await new Promise((resolve) =>
        spawn('/bin/sh', ['-c', '"$1" "$2" & "$1" "$2" &', 'sh', sleep, token], { stdio: 'ignore' }).on(
          'exit',
          resolve,
        ),
      );
      partial({ children: 4 });
      tell('working');
      for (;;);
    }
    case 'eat': {
      tell('working');
      const kept = [];
      for (;;) {
        kept.push(Buffer.alloc(4 * 2 ** 20, 1));
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    }
    case 'eat in a grandchild': {
      const hungry = 'const kept = []; setInterval(() => kept.push(Buffer.alloc(8 * 2 ** 20, 1)), 5);';
      spawn(process.execPath, ['-e', hungry], { stdio: 'ignore' });
      tell('working');
      return new Promise(() => undefined);
    }
    case 'run a program': {
      spawn(input.program, input.args, { stdio: 'ignore', detached: true }).on('spawn', () => {
        tell('working');
      });
      return new Promise(() => undefined);
    }
    case 'print and fork':
      tell('working');
      while (!existsSync(input.path)) await new Promise((resolve) => setTimeout(resolve, 2));
      console.log('about to fork');
      await new Promise((resolve, reject) => {
        spawn(process.execPath, ['-e', ''], { stdio: 'ignore' }).on('error', reject).on('exit', resolve);
      });
      return { forked: true };
    case 'return much':
      tell('working');
      return { weights: new Float32Array((input.megabytes * 2 ** 20) / 4).fill(3) };
    default:
      return { weights: input.weights?.length ?? 0 };
  }
};
