import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { siblingEntry } from '../../src/executors/sibling-url.ts';
import { readJournal, repairJournal } from '../../src/journal/index.ts';

const writer = fileURLToPath(siblingEntry('./journal-fixtures/writer', import.meta.url));
const kills = 12;
const seed = 20_260_727;

/** Whole numbers from 0 to 2^32 - 1, the same for the same seed (mulberry32). */
function randomNumbers(state: number): () => number {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/** Holds this process busy, so that a kill falls anywhere between two answers of the writer. */
function spin(ms: number): void {
  const untilMs = performance.now() + ms;
  while (performance.now() < untilMs);
}

/**
 * Lets a writer run until it has told `answers` times what is durable, and kills it `afterMs` later.
 *
 * @returns the last seq that it told.
 */
async function writeUntilKilled(
  firstSeq: number,
  run: readonly string[],
  answers: number,
  afterMs: number,
): Promise<number> {
  const child = spawn(process.execPath, [writer, ...run, String(firstSeq)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const told: number[] = [];
  // All lines are read, also those that it wrote between the kill's sending and its end.
  for await (const line of createInterface({ input: child.stdout })) {
    told.push(Number(line));
    if (told.length !== answers) continue;
    spin(afterMs);
    child.kill('SIGKILL');
  }
  expect(await exited).toEqual([null, 'SIGKILL']);
  return told.at(-1) ?? 0;
}

describe('the journal of a run that is killed', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pitwall-killed-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it(`has every event at or below the last durable seq that was told, over ${kills} kills of runs that go on`, async () => {
    const random = randomNumbers(seed);
    let nextSeq = 1;

    for (let kill = 1; kill <= kills; kill++) {
      // Three kills a run: what the first left behind is what the second goes on from.
      if (kill % 3 === 1) nextSeq = 1;
      const runId = `run-${Math.ceil(kill / 3)}`;
      const runFolder = join(folder, runId);
      const durable = await writeUntilKilled(nextSeq, [folder, runId], 2 + (random() % 6), (random() % 2000) / 1000);
      const torn: number[] = [];
      const events = await readJournal(runFolder, { onTorn: ({ line }) => torn.push(line) });
      const { repaired, lines } = await repairJournal(runFolder);

      const seqs = events.map(({ seq }) => seq);
      expect(durable, `kill ${kill} of seed ${seed}`).toBeGreaterThanOrEqual(nextSeq);
      expect(seqs.at(-1), `kill ${kill} of seed ${seed}`).toBeGreaterThanOrEqual(durable);
      expect(seqs.every((seq, index) => seq === index + 1)).toBe(true);
      expect({ repaired, lines }).toEqual({ repaired: torn.length === 1, lines: seqs.length });
      nextSeq = seqs.length + 1;
    }
  });
});
