import { spawn } from 'node:child_process';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { isStopped } from '../../src/probes/index.ts';
import { Standstill } from '../../src/supervisor/standstill.ts';
import { missing } from './needs.ts';

let ends: (() => unknown)[] = [];
afterEach(() => {
  for (const end of ends) end();
  ends = [];
});

const sleeping = (): number => {
  const child = spawn('sleep', ['1000'], { stdio: 'ignore' });
  ends.push(() => child.kill('SIGKILL'));
  return child.pid ?? Number.NaN;
};

const stops = async (pid: number): Promise<void> => {
  while (!isStopped(pid)) await nextTurn();
};

describe.skipIf(missing('sleep'))('a standstill', () => {
  it('ends for all that it has stopped, and for nothing else', async () => {
    const [own, stoppedBefore, stoppedMeanwhile] = [sleeping(), sleeping(), sleeping()];
    const standstill = new Standstill();
    process.kill(stoppedBefore, 'SIGSTOP');
    await stops(stoppedBefore);

    standstill.begin([own, stoppedBefore]);
    await stops(own);
    process.kill(stoppedMeanwhile, 'SIGSTOP');
    await stops(stoppedMeanwhile);
    standstill.end();

    expect([own, stoppedBefore, stoppedMeanwhile].map(isStopped)).toEqual([false, true, true]);
  });

  it('keeps nothing that was let go on by others in it', async () => {
    const pid = sleeping();
    const standstill = new Standstill();
    process.kill(pid, 'SIGSTOP');
    await stops(pid);

    standstill.begin([pid]);
    process.kill(pid, 'SIGCONT');
    standstill.end();

    expect(isStopped(pid)).toBe(false);
    standstill.begin([pid]);
    await stops(pid);
    standstill.end();
    expect(isStopped(pid)).toBe(false);
  });

  it('passes over what is gone', () => {
    const standstill = new Standstill();

    expect(() => {
      standstill.begin([2 ** 22 + 1]);
      standstill.end();
    }).not.toThrow();
  });
});
