import { describe, expect, it } from 'vitest';
import { commandExecutor } from '../../src/executors/command-executor.ts';

describe('the options of commandExecutor', () => {
  it.each([
    [{ concurency: 2 }, 'The options of commandExecutor have an unknown key "concurency": did you mean "concurrency"?'],
    [{ concurrency: 0 }, '"concurrency" must be a whole number from 1 on: how many run at once, but 0 came'],
    [{ env: { 'A=B': 'c' } }, '"env'],
    [{ env: { A: 1 } }, '"env'],
    [{ cwd: '' }, '"cwd" must be the path of a folder'],
    [{ cwd: '/nowhere' }, '"cwd" must be the path of a folder that is there, but "/nowhere" came'],
    [
      { cwd: '/etc/hostname' },
      '"cwd" must be the path of a folder that is there, but "/etc/hostname" came, which is no folder',
    ],
    [{ cwd: '/etc/hostname/below' }, 'but "/etc/hostname/below" came, which is not there: make the folder'],
    [{ cwd: '/tmp\0' }, 'but "/tmp\\u0000" came, which has a NUL character'],
    [{ cwd: `/${'x'.repeat(300)}` }, '…" came, which cannot be looked at (ENAMETOOLONG'],
    [{ env: { PITWALL_FD: '3' } }, '"env.PITWALL_FD" must be left out, because Pitwall sets it itself'],
    [{ warm: true }, 'unknown key "warm"'],
  ])('%j are refused', (options, reason) => {
    const make = () => commandExecutor(['true'], options as object);

    expect(make).toThrow(reason);
    expect(make).toThrow(expect.objectContaining({ code: 'CONFIGURATION' }) as Error);
  });
});
