import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { JournalledEvent } from '../../src/events/index.ts';

export const runId = 'run-1';

/** A custom event: the kind that may carry anything. It is not urgent. */
export function custom(seq: number, value: unknown = seq): JournalledEvent {
  return { type: 'custom', seq, at: 1_700_000_000_000 + seq, runId, name: 'test', value };
}

/** An urgent event: it is synced at once. */
export function transition(seq: number): JournalledEvent {
  const reason = 'failure rate 100%';
  return {
    type: 'breaker:transition',
    seq,
    at: 1_700_000_000_000 + seq,
    runId,
    name: 'b',
    from: 'closed',
    to: 'open',
    reason,
  };
}

export function runEnd(seq: number): JournalledEvent {
  const evaluations = { requested: 0, completed: 0, violated: 0, failed: 0, cancelled: 0, skipped: 0 };
  const overhead = { callbacksMs: {}, totalMs: 0, trainingMs: 0, percent: null };
  return { type: 'run:end', seq, at: 1, runId, epochs: 1, steps: 1, status: 'completed', evaluations, overhead };
}

/** A folder that is gone after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pitwall-journal-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
