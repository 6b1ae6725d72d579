import { describe, expect, it } from 'vitest';
import { launchCommand, type Guards } from '../../src/supervisor/launch.ts';

const none: Guards = { timeout: false, parentDeathSignal: false, keepsPriority: false, dataLimit: false };
const all: Guards = { timeout: true, parentDeathSignal: true, keepsPriority: true, dataLimit: 'prlimit' };
const line = (guards: Guards, dataLimitMb?: number): string =>
  launchCommand(['node', 'entry'], guards, { lastResortMs: 1500, dataLimitMb }).join(' ');

describe('launchCommand', () => {
  it.each<[string, Guards, string]>([
    ['no guard', none, 'node entry'],
    [
      'every guard',
      all,
      'setpriv --pdeathsig ALRM --bounding-set -sys_nice -- timeout -s KILL 1.5 ' +
        'setpriv --pdeathsig KILL -- prlimit --data=104857600 -- node entry',
    ],
    ['timeout alone', { ...none, timeout: true }, 'timeout -s KILL 1.5 node entry'],
    [
      'no timeout',
      { ...all, timeout: false },
      'setpriv --pdeathsig KILL --bounding-set -sys_nice -- prlimit --data=104857600 -- node entry',
    ],
    ['the priority alone', { ...none, keepsPriority: true }, 'setpriv --bounding-set -sys_nice -- node entry'],
    [
      'no death signal',
      { ...all, parentDeathSignal: false },
      'setpriv --bounding-set -sys_nice -- timeout -s KILL 1.5 prlimit --data=104857600 -- node entry',
    ],
    ['the shell’s limit', { ...none, dataLimit: 'ulimit' }, 'sh -c ulimit -d 102400 && exec "$@" sh node entry'],
  ])('starts a program behind %s', (_, guards, expected) => {
    expect(line(guards, 100)).toBe(expected);
  });

  it('calls the guards where they were found', () => {
    const places = { setpriv: '/a/setpriv', timeout: '/b/timeout', prlimit: '/c/prlimit', sh: '/d/sh' };

    expect(line({ ...all, places }, 100)).toBe(
      '/a/setpriv --pdeathsig ALRM --bounding-set -sys_nice -- /b/timeout -s KILL 1.5 ' +
        '/a/setpriv --pdeathsig KILL -- /c/prlimit --data=104857600 -- node entry',
    );
    expect(line({ ...none, dataLimit: 'ulimit', places }, 100)).toMatch(/^\/d\/sh -c/);
  });

  it('limits no memory where no limit is given', () => {
    expect(line({ ...none, dataLimit: 'prlimit' })).toBe('node entry');
  });
});
