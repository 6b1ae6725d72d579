import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { HeldFile } from '../../src/probes/process-files.ts';
import { newbornMarked, ProcessTree } from '../../src/probes/index.ts';
import { missing } from './needs.ts';

/** The machine's last pid, as it stands while the kernel has given a pid away and has not yet told of its process. */
const standsAt = (pid: number): void => {
  vi.spyOn(HeldFile.prototype, 'read').mockReturnValue(`0.00 0.00 0.00 1/100 ${pid}\n`);
};

const bear = (): number => {
  const child = spawn('sleep', ['1000'], { stdio: 'ignore' });
  ends.push(() => child.kill('SIGKILL'));
  return child.pid ?? Number.NaN;
};

let ends: (() => unknown)[] = [];
afterEach(() => {
  for (const end of ends) end();
  ends = [];
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe.skipIf(missing('sleep'))('a process whose birth was told before it was there', () => {
  const tree = (): ProcessTree => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const made = new ProcessTree(process.pid);
    ends.push(() => {
      made.close();
    });
    return made;
  };

  it('is found soon', () => {
    const seen = tree();
    standsAt(1);
    seen.refresh();

    const pid = bear();
    vi.advanceTimersByTime(100);
    seen.refresh();
    expect(seen.pids).toContain(pid);
  });

  it('is found in a second, also where its parent waited long for a core', () => {
    const seen = tree();
    standsAt(1);
    for (let look = 0; look < 10; look++) {
      vi.advanceTimersByTime(20);
      seen.refresh();
    }

    const pid = bear();
    vi.advanceTimersByTime(500);
    seen.refresh();
    expect(seen.pids, 'nothing is walked for nothing').not.toContain(pid);
    vi.advanceTimersByTime(500);
    seen.refresh();
    expect(seen.pids).toContain(pid);
  });
});

describe('births without end', () => {
  it('are looked through once a tenth of a second has gone by since, and not all again and again', () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const afters: number[] = [];
    const seen = new ProcessTree(process.pid, ({ pid }) => {
      afters.push(pid);
      return [];
    });
    ends.push(() => {
      seen.close();
    });
    for (let look = 1; look <= 20; look++) {
      standsAt(1_000_000 + look);
      vi.advanceTimersByTime(50);
      seen.refresh();
      // Whoever was born in the last tenth of a second is still among them, and nobody of before the last three.
      const after = afters.at(-1) ?? 0;
      if (look > 6) expect(after - 1_000_000).toBeGreaterThanOrEqual(look - 6);
      expect(after).toBeLessThanOrEqual(1_000_000 + Math.max(0, look - 2));
    }
  });
});

describe.skipIf(missing('sleep'))('a process that was orphaned before anybody looked', () => {
  it('is found by its mark, among few that were born since and among all', () => {
    const mark = randomUUID();
    const sleeping = bear();
    const seen = new ProcessTree(sleeping, ({ pid }) => newbornMarked('ORPHAN_MARK', mark, pid));
    ends.push(() => {
      seen.close();
    });

    const env = { ...process.env, ORPHAN_MARK: mark };
    const { stdout } = spawnSync('sh', ['-c', 'sleep 1000 >/dev/null 2>&1 & echo $!'], { env, encoding: 'utf8' });
    const orphan = Number(stdout);
    ends.push(() => process.kill(orphan, 'SIGKILL'));

    seen.refresh();
    expect(seen.pids).toEqual([sleeping, orphan]);
    expect(newbornMarked('ORPHAN_MARK', mark, orphan - 1)).toEqual([orphan]);
    expect(newbornMarked('ORPHAN_MARK', mark, orphan)).toEqual([]);
    expect(newbornMarked('ORPHAN_MARK', mark, orphan + 100_000)).toEqual([orphan]);
  });
});
