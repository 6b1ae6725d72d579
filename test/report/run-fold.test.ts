import { describe, expect, it } from 'vitest';
import { memoryViolation, MadeUpRun } from './made-up-run.ts';
import { reported } from './reported.ts';

const of = (epoch: number): { readonly epoch: number; readonly step: number } => ({ epoch, step: epoch * 100 });

describe('RunFold', () => {
  it('tells how a run ended, how long it took, and how far it came', () => {
    const run = new MadeUpRun('run-1').start('minishogi', 2, { drain: 'wait' });
    run.epoch(1, { loss: 1 }, { checkpoint: true }).epoch(2, { loss: 0.5 }).end(2);

    expect(reported(run)).toMatchObject({
      run: {
        id: 'run-1',
        name: 'minishogi',
        status: 'completed',
        reason: null,
        durationMs: 20_000,
        awayMs: 0,
        epochsPlanned: 2,
        epochsDone: 2,
        steps: 200,
        events: run.events.length,
      },
      overhead: { callbacksMs: { 'vs-random': 12.5 } },
      overheadSinceMs: 0,
      checkpoints: { shown: [{ epoch: 1, step: 100, path: 'weights-1.bin', atMs: 10_000 }], of: 1 },
      config: { drain: 'wait' },
    });
  });

  it('says of a run without an end that it has none, and of its overhead nothing', () => {
    const { run, overhead, overheadSinceMs } = reported(new MadeUpRun().start('killed', 5).epoch(1, { loss: 1 }));

    expect(run).toMatchObject({ status: 'no-end', epochsDone: 1, epochsPlanned: 5 });
    expect([overhead, overheadSinceMs]).toEqual([null, null]);
  });

  it.each([
    ['a checkpoint within it', { type: 'checkpoint', epoch: 1, step: 60, path: 'half.bin', hash: 'x' }],
    [
      'the end of its epoch',
      { type: 'epoch:end', epoch: 1, metrics: {}, step: 60, checkpoint: { path: 'half.bin', hash: 'x' } },
    ],
  ] as const)('counts the steps of a killed run to the last that was told, in %s', (_, event) => {
    const run = new MadeUpRun().start('killed', 5).tell({ type: 'epoch:start', epoch: 1 });
    const pace = { p50Ms: 1, p99Ms: 1, maxMs: 1 };
    run.after(1000).tell({ type: 'step:summary', epoch: 1, step: 51, count: 51, ...pace });

    expect(reported(run.tell(event)).run.steps).toBe(60);
  });

  it('does not count back with a file that is told late', () => {
    const run = new MadeUpRun().start('killed', 5).epoch(1, { loss: 1 });
    run.tell({ type: 'checkpoint', epoch: 1, step: 60, path: 'late.bin', hash: 'x' });

    expect(reported(run).run.steps).toBe(100);
  });

  it('is empty without an event', () => {
    expect(reported(new MadeUpRun())).toMatchObject({ run: { events: 0, durationMs: 0 }, evaluations: { of: 0 } });
  });

  it('makes a curve of each metric, with gaps where it was no number', () => {
    const run = new MadeUpRun().start('r', 4);
    run.epoch(1, { loss: 1, note: 'x' }).epoch(2, { loss: NaN }).epoch(3, { loss: null }).epoch(4, { loss: 0.25 });

    expect(reported(run).metrics).toEqual([
      { name: 'loss', epochs: [1, 2, 3, 4], values: [1, null, null, 0.25], of: 4, notFinite: 1 },
    ]);
  });

  it('tells results at the epoch that they are of, in its order, however late they came', () => {
    const run = new MadeUpRun().start('r', 3);
    for (const epoch of [1, 2, 3]) run.requested(`e${epoch}`, of(epoch)).started(`e${epoch}`, of(epoch));
    for (const epoch of [3, 1, 2])
      run.ended(`e${epoch}`, { status: 'completed', result: { elo: epoch * 100, low: epoch, high: 900 } }, of(epoch));

    expect(reported(run).results).toEqual([
      {
        name: 'elo',
        evaluation: 'vs-random',
        epochs: [1, 2, 3],
        values: [100, 200, 300],
        low: [1, 2, 3],
        high: [900, 900, 900],
        of: 3,
        notFinite: 0,
      },
    ]);
  });

  it('counts each evaluation once, by how it ended, and keeps when it was asked for, began and was gone', () => {
    const run = new MadeUpRun().start('r', 3);
    run
      .after(100)
      .requested('done')
      .after(50)
      .started('done')
      .after(3000)
      .ended('done', { status: 'completed', result: 1 });
    run.requested('busy').skipped('busy', 'busy');
    run.requested('crashed').ended('crashed', {
      status: 'failed',
      error: { code: 'EVALUATOR_CRASHED', kind: 'crashed', message: 'out of luck' },
    });
    run.requested('waits').requested('runs').started('runs');

    const { counts, shown, byName } = reported(run).evaluations;

    expect(counts).toEqual({
      requested: 5,
      completed: 1,
      violated: 0,
      failed: 1,
      cancelled: 0,
      skipped: 1,
      unfinished: 2,
    });
    expect(shown.map(({ state, why }) => [state, why])).toEqual([
      ['completed', null],
      ['skipped', 'busy'],
      ['failed', 'EVALUATOR_CRASHED: out of luck'],
      ['waiting', null],
      ['running', null],
    ]);
    expect(shown[0]).toMatchObject({ requestedMs: 100, startedMs: 150, endedMs: 3150, wallMs: 3000 });
    expect(shown[0]!.result).toEqual([{ name: 'value', value: 1 }]);
    expect(byName).toEqual([
      { name: 'vs-random', counts, medianWallMs: 3000, longestWallMs: 3000, peakMemoryMb: 210.5 },
    ]);
  });

  it('tells a violation with the samples that led to it, and those of no other evaluation', () => {
    const run = new MadeUpRun().start('r', 1);
    run.requested('leaks').started('leaks').requested('calm').started('calm');
    run.after(100).sample('leaks', 300).sample('calm', 100).after(100).sample('leaks', 450);
    const violation = memoryViolation('leaks', run.after(20).at);
    const first = JSON.parse(
      JSON.stringify({ ...violation, killedAt: undefined, goneAt: undefined }),
    ) as typeof violation;
    run.tell({ type: 'sla:violation', violation: first }).after(6).ended('leaks', { status: 'violated', violation });

    const { shown, of } = reported(run).violations;

    expect(of).toBe(1);
    expect(shown).toMatchObject([
      {
        name: 'vs-random',
        epoch: 1,
        observedMs: 220,
        violation, // with what only its end tells
        samples: { atMs: [100, 200], memoryMb: [300, 450], gpuMemoryMb: [null, null], of: 2 },
      },
    ]);
  });

  it('tells when a rule was kept again', () => {
    const run = new MadeUpRun().start('r', 1).requested('hot').started('hot');
    const violation = { ...memoryViolation('hot', run.at), rule: 'cpuPercent', action: 'throttle' as const };
    run.tell({ type: 'sla:violation', violation }).after(5000).tell({ type: 'sla:recovered', violation });

    expect(reported(run).violations.shown).toMatchObject([{ observedMs: 0, recoveredMs: 5000 }]);
  });

  it('makes steps a second of the summaries, without the time between epochs', () => {
    const run = new MadeUpRun().start('r', 2);
    run.after(3000).epoch(1, {}, { seconds: 2, rate: 50 }).after(60_000).epoch(2, {}, { seconds: 1, rate: 40 });

    expect(reported(run).steps).toEqual({ atMs: [4000, 5000, 66_000], perSecond: [50, 50, 40], of: 3 });
  });

  it('sums up what went wrong beside the evaluations, each kind once', () => {
    const run = new MadeUpRun().start('r', 1);
    for (const message of ['first', 'second'])
      run.tell({ type: 'callback:error', callback: 'hook', error: { message } });
    for (const durationMs of [60, 200, 90])
      run.tell({ type: 'callback:slow', callback: 'hook', durationMs, event: 'x' });
    run.tell({ type: 'dropped', what: 'journal', count: 3 }).tell({ type: 'dropped', what: 'journal', count: 4 });
    run.tell({ type: 'sla:unmeasured', rule: 'gpuMemoryMb', why: 'no GPU' });
    run.tell({ type: 'sla:unenforceable', rule: 'memoryMb', why: 'inline' });

    expect(reported(run).trouble).toEqual({
      errors: [{ callback: 'hook', count: 2, message: 'first' }],
      slow: [{ callback: 'hook', count: 3, longestMs: 200 }],
      dropped: [{ what: 'journal', count: 7 }],
      unmeasured: [{ rule: 'gpuMemoryMb', why: 'no GPU' }],
      unenforceable: [{ rule: 'memoryMb', why: 'inline' }],
      torn: null,
    });
  });

  it('bounds what it tells and says how many there were: all that went wrong, the others evenly', () => {
    const run = new MadeUpRun().start('r', 1);
    for (let number = 1; number <= 5000; number++) {
      const id = `e${number}`;
      run.requested(id, of(number)).started(id, of(number));
      run.ended(id, { status: number % 100 === 0 ? 'failed' : 'completed', result: number }, of(number));
    }

    const { evaluations, results } = reported(run);

    expect(evaluations).toMatchObject({ of: 5000, counts: { requested: 5000, failed: 50 } });
    expect(evaluations.shown).toHaveLength(1000);
    expect(evaluations.shown.filter(({ state }) => state === 'failed')).toHaveLength(50);
    expect(evaluations.shown.map(({ epoch }) => epoch)).toEqual(
      evaluations.shown.map(({ epoch }) => epoch).sort((one, other) => one - other),
    );
    expect(results[0]).toMatchObject({ of: 4950 });
    expect(results[0]!.values.length).toBeLessThanOrEqual(1000);
  });

  it('takes a type that it does not know, of a newer version', () => {
    const run = new MadeUpRun().start('r', 1);
    run.tell({ type: 'weather', sky: 'blue' } as never).epoch(1, { loss: 1 });

    expect(reported(run).run).toMatchObject({ epochsDone: 1 });
  });
});

describe('a run that went on in another process', () => {
  /** Three epochs, killed in the fourth, and gone on from the checkpoint of the second. */
  function resumedRun(): MadeUpRun {
    const run = new MadeUpRun().start('r', 4);
    run.epoch(1, { loss: 4 });
    run.requested('of-1', of(1)).started('of-1', of(1));
    run.epoch(2, { loss: 3 }, { checkpoint: true });
    const fromSeq = run.seq;
    run.ended('of-1', { status: 'completed', result: { winRate: 0.5 } }, of(1));
    run.requested('of-2', of(2)).started('of-2', of(2)).sample('of-2', 480, of(2));
    run.tell({ type: 'sla:violation', violation: memoryViolation('of-2', run.at) });
    run.ended('of-2', { status: 'violated', violation: memoryViolation('of-2', run.at) }, of(2));
    run.epoch(3, { loss: 99 }, { checkpoint: true });
    run.requested('of-3', of(3)).started('of-3', of(3));
    run.tell({ type: 'sla:violation', violation: memoryViolation('of-3', run.at) });
    run.tell({ type: 'breaker:transition', name: 'b', from: 'closed', to: 'open', reason: 'two of two' });
    run.after(60_000).tell({ type: 'run:resume', fromSeq, fromEpoch: 2, epochs: 5, config: { again: true } });
    return run;
  }

  it('forgets the epochs, steps and checkpoints that are done again', () => {
    const { run, metrics, steps, checkpoints, config } = reported(resumedRun());

    expect(run).toMatchObject({ status: 'no-end', epochsDone: 2, epochsPlanned: 5, steps: 200, awayMs: 60_000 });
    expect(metrics).toMatchObject([{ epochs: [1, 2], values: [4, 3] }]);
    expect(steps.of).toBe(20);
    expect(checkpoints.of).toBe(1);
    expect(config).toEqual({ again: true });
  });

  it('keeps the evaluations at or before the checkpoint with what they broke, and no later ones', () => {
    const { evaluations, results, violations, breakers } = reported(resumedRun());

    expect(evaluations.shown.map(({ evaluationId, state }) => [evaluationId, state])).toEqual([
      ['of-1', 'completed'],
      ['of-2', 'violated'],
    ]);
    expect(results).toMatchObject([{ epochs: [1], values: [0.5] }]);
    expect(violations.shown.map(({ violation }) => violation.evaluationId)).toEqual(['of-2']);
    expect(breakers).toMatchObject([{ name: 'b', transitions: { of: 1 } }]);
  });

  it('tells what was done again once, and each resumption', () => {
    const run = resumedRun();
    const resumedAt = run.at;
    run.epoch(3, { loss: 2 }).requested('of-3', of(3)).started('of-3', of(3));
    run.ended('of-3', { status: 'completed', result: { winRate: 0.7 } }, of(3));

    const report = reported(run.end(3));

    expect(report.metrics).toMatchObject([{ epochs: [1, 2, 3], values: [4, 3, 2] }]);
    expect(report.evaluations.counts).toMatchObject({ requested: 3, completed: 2, violated: 1 });
    expect(report.results).toMatchObject([{ epochs: [1, 3], values: [0.5, 0.7] }]);
    expect(report.resumptions).toEqual([
      { atMs: resumedAt - report.run.startedAt, fromSeq: 27, fromEpoch: 2, awayMs: 60_000 },
    ]);
    expect(report.run.status).toBe('completed');
  });

  it('says from where on its overhead is: that of the processes before is not in the record', () => {
    const run = resumedRun();
    const resumedMs = run.at - run.events[0]!.at;

    expect(reported(run)).toMatchObject({ overhead: null, overheadSinceMs: null });
    expect(reported(run.epoch(3, { loss: 2 }).end(3))).toMatchObject({ overheadSinceMs: resumedMs });
  });

  it('goes on in the middle of an epoch: evaluations of its later steps are asked for again', () => {
    const run = new MadeUpRun().start('r', 2).epoch(1, { loss: 1 });
    run.tell({ type: 'checkpoint', epoch: 2, step: 150, path: 'half.bin', hash: 'x' });
    const fromSeq = run.seq;
    run.requested('at-150', { epoch: 2, step: 150 }).requested('at-180', { epoch: 2, step: 180 });
    run.tell({ type: 'epoch:end', epoch: 2, metrics: { loss: 50 }, step: 200 });
    run.tell({ type: 'run:resume', fromSeq, fromEpoch: 2 });

    const { evaluations, metrics, run: facts } = reported(run);

    expect(evaluations.shown.map(({ evaluationId }) => evaluationId)).toEqual(['at-150']);
    expect(metrics).toMatchObject([{ epochs: [1], values: [1] }]);
    expect(facts.steps).toBe(150);
  });

  it('takes a file that was told after its epoch for one of its end', () => {
    const run = new MadeUpRun().start('r', 3).epoch(1, { loss: 1 });
    run.tell({ type: 'checkpoint', epoch: 1, step: 100, path: 'one.bin', hash: 'x' });
    run.epoch(2, { loss: 2 });
    const fromSeq = run.seq;
    run.requested('of-2', { epoch: 2, step: 200 });
    run.tell({ type: 'checkpoint', epoch: 2, step: 200, path: 'two.bin', hash: 'x' });
    run.requested('of-3', { epoch: 3, step: 250 });
    run.tell({ type: 'run:resume', fromSeq, fromEpoch: 2 });

    const { evaluations, checkpoints, run: facts } = reported(run);

    expect(evaluations.shown.map(({ evaluationId }) => evaluationId)).toEqual(['of-2']);
    expect(checkpoints.shown.map(({ path }) => path)).toEqual(['one.bin', 'two.bin']);
    expect(facts.steps).toBe(200);
  });

  it('forgets everything where it begins again', () => {
    const run = new MadeUpRun().start('r', 2).epoch(1, { loss: 1 }).requested('e', of(1));
    run.tell({ type: 'run:resume', fromSeq: 1, fromEpoch: 0 });

    expect(reported(run)).toMatchObject({ run: { epochsDone: 0, steps: 0 }, evaluations: { of: 0 }, metrics: [] });
  });
});
