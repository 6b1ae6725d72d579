import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Outcome } from '../../src/index.ts';
import { runHost } from './hosts/run-host.ts';
import type { LoggedPlan } from './hosts/logged.ts';
import { inOwnMounts } from './hosts/namespaces.ts';
import { missing, missingMounts } from './needs.ts';

interface Dropped {
  readonly what: string;
  readonly count: number;
}

interface Logged {
  readonly outcome: Outcome;
  readonly dropped: readonly Dropped[];
  readonly code: number | null;
  /** In the file of the transport that is well. */
  readonly lines: readonly string[];
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pitwall-winston-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  return folder;
}

async function logged(plan: Omit<LoggedPlan, 'file'>, through: readonly string[] = []): Promise<Logged> {
  const file = join(temporaryFolder(), 'healthy.log');
  const host = runHost('logged', [JSON.stringify({ ...plan, file } satisfies LoggedPlan)], { through });
  const { outcome, dropped } = (await host.next('outcome')) as unknown as Logged;
  const [code] = await host.exited;
  return { outcome, dropped, code, lines: linesOf(file) };
}

function linesOf(file: string): string[] {
  return readFileSync(file, 'utf8').trimEnd().split('\n');
}

/** How a run ends where a transport goes wrong. */
function expectOnlyItsOwnLines({ outcome, dropped, code, lines }: Logged, what: string): void {
  expect(outcome.status).toBe('completed');
  expect(code).toBe(0);
  expect(lines.filter((line) => line.includes('ended'))).toHaveLength(outcome.epochs + 1);
  expect(lines.some((line) => /run \S+ completed;/.test(line))).toBe(true);
  expect(new Set(dropped.map((each) => each.what))).toEqual(new Set([what]));
  expect(dropped.length).toBeLessThanOrEqual(3); // once, at the training's end, and at that of the run
}

function countOf({ dropped }: Logged): number {
  return dropped.reduce((sum, { count }) => sum + count, 0);
}

describe('a transport of winston', () => {
  it.each<[LoggedPlan['wrong'], string, string]>([
    ['throws', '/dev/null', '"own"'],
    ['raises an error later', '/dev/null', '"own"'],
    ['never answers', '/dev/null', '"own"'],
    ['cannot be made', '/dev/null/no/wrong.log', '1'],
    ['cannot open its file', tmpdir(), '"file" 1'],
    ['has a file on a full disk', '/dev/full', '"file" 1'],
    ['has a stream on a full disk', '/dev/full', '"Stream"'],
  ])('that %s costs its own lines, and neither the process nor those of the other', async (wrong, wrongFile, name) => {
    const found = await logged({ wrong, wrongFile, epochs: 50 });

    expectOnlyItsOwnLines(found, `lines of the winston transport ${name}`);
    // All that was logged; an error that is raised later is not heard of the last lines.
    expect(countOf(found)).toBeGreaterThanOrEqual(found.lines.length - 4);
    expect(countOf(found)).toBeLessThanOrEqual(found.lines.length);
  });

  it.skipIf(missing('unshare', 'mount') || missingMounts())(
    'whose disk becomes full in the middle of the run costs what did not fit, and tells no less',
    async () => {
      const disk = join(temporaryFolder(), 'disk');
      const out = temporaryFolder();
      mkdirSync(disk);
      writeFileSync(join(out, 'kept.log'), '');
      // What fitted is taken out of the mount when the host has ended: a file beside it is appended to by the same shell.
      const through = [
        ...inOwnMounts(`mount -t tmpfs -o size=8k tmpfs ${disk}`),
        'sh',
        '-c',
        `"$@"; code=$?; cat ${join(disk, 'wrong.log')} >${join(out, 'kept.log')}; exit $code`,
        'sh',
      ];
      const wrongFile = join(disk, 'wrong.log');
      const found = await logged({ wrong: 'has a file on a full disk', wrongFile, epochs: 400 }, through);

      expectOnlyItsOwnLines(found, 'lines of the winston transport "file" 1');
      const kept = linesOf(join(out, 'kept.log'));
      expect(kept.length).toBeGreaterThan(50);
      expect(kept).toEqual([...found.lines.slice(0, kept.length - 1), expect.anything()]);
      // Those of `dropped` itself and the run's end come after the count.
      expect(kept.length - 1 + countOf(found)).toBeGreaterThanOrEqual(found.lines.length - 4);
    },
  );

  it.each([
    ['is on a full disk', 'exec 3>&1; "$@" >/dev/full'],
    ['nobody reads', 'exec 3>&1; code=$({ { "$@"; echo $? >&4; } | true; } 4>&1); exit $code'],
  ])('that writes to a stdout which %s costs its own lines, and does not end the training', async (_, script) => {
    const plan = {
      wrong: 'writes to a stdout that is broken',
      wrongFile: '/dev/null',
      epochs: 50,
      tellsOn: 3,
    } as const;

    const found = await logged(plan, ['sh', '-c', script, 'sh']);

    expectOnlyItsOwnLines(found, 'lines of the winston transport "console"');
    expect(countOf(found)).toBeGreaterThan(0); // what was written before its reader had gone is not lost
    expect(countOf(found)).toBeLessThanOrEqual(found.lines.length);
  });
});
