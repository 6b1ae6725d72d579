import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { unknownGpuShare } from '../../src/probes/index.ts';
import type { ContainedProcess, Tenant } from '../../src/supervisor/contained-process.ts';
import { Evaluation } from '../../src/supervisor/evaluation.ts';
import { filesOf, type StartOrder, type SupervisorToHost } from '../../src/wire/index.ts';

type Settled = Extract<SupervisorToHost, { type: 'settled' }>;

/** An evaluation whose process is a fake, of which parts may be replaced by what throws. */
function begun(broken: Readonly<Record<string, unknown>> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'pitwall-evaluation-'));
  const order = {
    id: 'one',
    name: 'held-out',
    program: { kind: 'evaluator', module: '', entry: '', nodeArgs: [] },
    folder,
    inputs: [],
    limits: {},
    graceMs: 10,
  } as unknown as StartOrder;
  const seen = { ends: 0, closes: 0, tenant: undefined as Tenant | undefined };
  const told: SupervisorToHost[] = [];
  const process = {
    pid: 1,
    tree: { refresh: () => undefined, residentMb: () => 1, residentOnceMb: () => 1, pids: [] },
    output: { begin: () => undefined, end: () => Promise.resolve(), leftOut: [], lastWords: '', stdoutTail: '' },
    let: (tenant: Tenant | undefined) => (seen.tenant = tenant),
    say: () => undefined,
    cpuMs: () => 0,
    lowerPriority: () => undefined,
    keepPriorityLow: () => undefined,
    resumeAll: () => undefined,
    readToEnd: () => Promise.resolve(),
    end: () => (seen.ends++, Promise.resolve()),
    close: () => seen.closes++,
    ...broken,
  };
  const evaluation = new Evaluation(order, process as unknown as ContainedProcess, {
    queuedMs: 0,
    loading: 'to begin',
    unenforceable: [],
    gpu: { shareOf: () => unknownGpuShare, missing: 'none', isAwaited: false, readAtMs: undefined, why: '' },
    tell: (message) => told.push(message) > 0,
  });
  const ready = (): void => seen.tenant?.onFrame({ type: 'ready' });
  const settled = (): Settled[] => told.filter((each): each is Settled => each.type === 'settled');
  return { evaluation, seen, ready, settled, folder, answer: () => seen.tenant?.onFrame({ type: 'result' }) };
}

const throwing = (): never => {
  throw new Error('EISDIR');
};
const notWatched = {
  kind: 'failed',
  errorKind: 'rejected',
  code: 'EVALUATION_NOT_WATCHED',
  message: expect.stringMatching(
    /^The evaluation could not be watched any longer, and was ended: EISDIR\. /,
  ) as unknown,
};

describe('what throws in an evaluation’s own affairs ends it, and reaches nobody else', () => {
  it('in its first look', async () => {
    const { evaluation, seen, settled } = begun({ tree: { refresh: throwing } });

    await evaluation.gone;

    expect(settled()).toMatchObject([{ verdict: notWatched }]);
    expect(seen).toMatchObject({ ends: 1, closes: 1, tenant: undefined });
  });

  it('when it is heard', async () => {
    const { evaluation, ready, settled } = begun({ lowerPriority: throwing });

    ready();
    await evaluation.gone;

    expect(settled()).toMatchObject([{ verdict: notWatched }]);
  });

  it('when it is killed', async () => {
    let attempts = 0;
    const end = (): Promise<void> => (attempts++ === 0 ? throwing() : Promise.resolve());
    const { evaluation, settled } = begun({ end });

    evaluation.kill();
    await evaluation.gone;

    expect(settled()).toMatchObject([{ id: 'one', verdict: notWatched }]);
    expect(attempts).toBe(2);
  });

  it.each([() => throwing(), () => Promise.reject(new Error('EISDIR'))])('as it is settled', async (readToEnd) => {
    const { evaluation, ready, answer, settled, seen } = begun({ readToEnd });

    ready();
    answer();
    await evaluation.gone;

    expect(settled()).toMatchObject([{ verdict: notWatched }]);
    expect(seen.closes).toBe(1);
  });

  it('after it was told, which is not told anew', async () => {
    let closes = 0;
    const { evaluation, ready, answer, settled } = begun({ close: () => (closes++ === 0 ? throwing() : undefined) });

    ready();
    answer();
    await evaluation.gone;

    expect(settled()).toMatchObject([{ verdict: { kind: 'result' } }]);
    expect(closes).toBe(2);
  });
});

it('a folder that lies where its mailbox was is no reason to fail, and goes with the evaluation’s own', async () => {
  const { evaluation, ready, answer, settled, folder } = begun();
  const { mailbox } = filesOf(folder);
  ready();

  rmSync(mailbox);
  mkdirSync(mailbox);
  answer();
  await evaluation.gone;

  expect(settled()).toMatchObject([{ verdict: { kind: 'result' } }]);
  expect(existsSync(mailbox)).toBe(true);
});
