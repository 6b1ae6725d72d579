import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { siblingEntry } from '../../src/executors/sibling-url.ts';
import { Trainer } from '../../src/index.ts';
import { ConfigurationError } from '../../src/errors/index.ts';

interface Told {
  readonly told: readonly string[];
  readonly most: number;
}

/** Runs the host, which lets its evaluations end once `atOnce` of them run together. */
async function bounded(
  plan: { readonly capacity: object; readonly memoryMb: readonly number[]; readonly warm?: boolean },
  atOnce: number,
): Promise<Told> {
  const folder = mkdtempSync(join(tmpdir(), 'pitwall-bounded-'));
  const host = fileURLToPath(siblingEntry('./hosts/bounded', import.meta.url));
  const args = [host, JSON.stringify({ ...plan, folder }), String(atOnce)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout) as Told;
}

describe('all evaluations of a process together', () => {
  it('are as many processes as it may have, and the others wait', async () => {
    const { told, most } = await bounded({ capacity: { maxProcesses: 2 }, memoryMb: [100, 100, 100, 100, 100] }, 2);

    expect(most).toBe(2);
    expect(told).toHaveLength(10);
  });

  it('hold no more memory than they may: what does not fit waits, also before what would', async () => {
    const capacity = { maxProcesses: 8, totalMemoryMb: 700 };
    const { told, most } = await bounded({ capacity, memoryMb: [300, 300, 650, 100] }, 2);

    // The third does not fit beside the two, and the fourth does not overtake it.
    expect(most).toBe(2);
    expect(told.indexOf('2 started')).toBeGreaterThan(Math.min(told.indexOf('0 ended'), told.indexOf('1 ended')));
    expect(told.indexOf('3 started')).toBeGreaterThan(told.indexOf('2 ended'));
  });

  it('run alone where one may take more than all', async () => {
    const { told, most } = await bounded(
      { capacity: { maxProcesses: 8, totalMemoryMb: 400 }, memoryMb: [900, 900] },
      1,
    );

    expect(most).toBe(1);
    expect(told).toHaveLength(4);
  });

  it('make room for each other: a warm evaluator that waits is let go', async () => {
    const plan = { capacity: { maxProcesses: 1 }, memoryMb: [100, 100, 100], warm: true };
    const { told } = await bounded(plan, 1);

    expect(told).toEqual(['0 started', '0 ended', '1 started', '1 ended', '2 started', '2 ended']);
  });
});

describe('the bounds of a trainer', () => {
  it.each<[object, RegExp]>([
    [{ maxProcesses: 0 }, /"maxProcesses" must be a whole number of processes, from 1 on, but 0 came/],
    [{ maxProcesses: 1.5 }, /"maxProcesses" must be a whole number/],
    [{ totalMemoryMb: -5 }, /"totalMemoryMb" must be a number above 0 \(MB of 2\^20 bytes\), but -5 came/],
    [{ totalMemoryMB: 500 }, /totalMemoryMb/],
  ])('%j is refused in one sentence', (options, sentence) => {
    const make = (): unknown => new Trainer({ name: 'bounded', epochs: 1, ...options });

    expect(make).toThrow(ConfigurationError);
    expect(make).toThrow(sentence);
  });
});
