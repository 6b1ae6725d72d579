import { mkdtempSync, readdirSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { EventOf, JournalledEvent } from '../../src/events/index.ts';
import { readJournal } from '../../src/journal/index.ts';
import { processesMarked } from '../../src/probes/index.ts';
import { root, started, userEnv, type Ran, type Started } from '../dist/programs.ts';
import { eventsOf } from './recorded-run.ts';

/** The demo as the foreground job of a terminal. */
export interface DemoRun extends Started {
  /** Its journal, which must be whole. */
  journal(): Promise<JournalledEvent[]>;
  /** Its processes that are alive, evaluators and supervisor too. */
  alive(): number[];
}

const mark = 'PITWALL_TEST_DEMO';

/** @param node what Node is given before the demo's own arguments: the path of the program, from source or built */
export function demoRun(node: readonly string[], ...args: readonly string[]): DemoRun {
  const folder = mkdtempSync(join(tmpdir(), 'pitwall-test-'));
  const id = randomUUID();
  const run = started(process.execPath, [...node, 'demo', '--journal', folder, ...args], root, {
    ...userEnv(),
    [mark]: id,
  });
  return {
    ...run,
    journal: () => {
      const [runId = 'no run', ...others] = readdirSync(folder);
      expect(others).toEqual([]);
      return readJournal(join(folder, runId), {
        onTorn: ({ message }) => {
          throw new Error(message);
        },
      });
    },
    alive: () => processesMarked(mark, id),
  };
}

/** What `--json` has printed, and nothing else. */
export function reportOf({ code, stdout, stderr }: Ran): Record<string, unknown> {
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as Record<string, unknown>;
}

/** One beginning and one end, and every request accounted for. */
export function expectOneWholeRun(events: readonly JournalledEvent[]): EventOf<'run:end'> {
  for (const type of ['run:start', 'training:end', 'run:end'] as const) expect(eventsOf(events, type)).toHaveLength(1);
  const end = events.at(-1) as EventOf<'run:end'>;
  expect(end.type).toBe('run:end');
  const { requested, completed, violated, failed, cancelled, skipped } = end.evaluations;
  expect(requested).toBe(completed + violated + failed + cancelled + skipped);
  expect(eventsOf(events, 'evaluation:requested')).toHaveLength(requested);
  expect([...eventsOf(events, 'evaluation:end'), ...eventsOf(events, 'evaluation:skipped')]).toHaveLength(requested);
  return end;
}
