import { map, VirtualTimeScheduler } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { EventBody, JournalledEvent } from '../../src/events/index.ts';
import { judgeRun, type JudgedRun } from '../../src/replay/index.ts';
import { EvaluationError, resolveSla, violationOf, type Safeguard, type SlaInput } from '../../src/sla/index.ts';
import type { FakeScript } from '../../src/testing/fake-script.ts';
import { endsOf, recordOf, type RecordPlan } from './records.ts';

const slaOf = (input: SlaInput) => resolveSla(input, 'The SLA').sla;
const judged = (events: readonly JournalledEvent[], input: SlaInput): JudgedRun =>
  judgeRun(events, { sla: slaOf(input) });
const outcomeOf = ({ evaluations: [first] }: JudgedRun) => first?.judgement.outcome;

/** 300 MB at 200 ms, 500 MB at 400 ms, an answer at 900 ms, no items. */
const plain: FakeScript = [
  { atMs: 200, sample: 300 },
  { atMs: 400, sample: 500 },
  { atMs: 900, result: 1 },
];
/** A safeguard that ends what it watches at its start. */
const resigned: Safeguard = (guarded) =>
  guarded.started$.pipe(
    map(() => violationOf(guarded, { rule: 'resignations', limit: 0, observed: 1, unit: 'games', action: 'abort' })),
  );
const hanging: FakeScript = [
  { atMs: 0, item: 'a' },
  { atMs: 100, item: 'game 7' },
];

/** 96 epochs of five minutes, each with an evaluation that is sampled every second. */
function eightHours(): JournalledEvent[] {
  const events: EventBody[] = [];
  const times: number[] = [];
  const tell = (atMs: number, event: EventBody): void => {
    times.push(atMs);
    events.push(event);
  };
  for (let epoch = 1; epoch <= 96; epoch++) {
    const beganMs = (epoch - 1) * 300_000;
    const key = { evaluationId: `vs-${epoch}`, name: 'vs', epoch, step: epoch };
    const unmeasured = { cpuPercent: null, gpuUtilizationPercent: null, gpuMemoryMb: null };
    tell(beganMs, { type: 'epoch:start', epoch });
    tell(beganMs, { type: 'evaluation:requested', ...key });
    tell(beganMs, { type: 'evaluation:start', ...key, queuedMs: 0 });
    for (let second = 1; second < 280; second++)
      tell(beganMs + second * 1000, { type: 'evaluation:sample', ...key, memoryMb: second + epoch * 3, ...unmeasured });
    const usage = { wallMs: 280_000, cpuMs: null, cpuShare: null, peakMemoryMb: 279 + epoch * 3 };
    const times = { startMs: 0, pausedMs: 0, queuedMs: 0, goneMs: 0 };
    tell(beganMs + 280_000, {
      type: 'evaluation:end',
      ...key,
      status: 'completed',
      items: { done: 0 },
      usage: { ...usage, ...times },
    });
  }
  return events.map((event, index) => ({
    ...event,
    seq: index + 1,
    at: 1_700_000_000_000 + (times[index] ?? 0),
    runId: 'r',
  }));
}

describe('judgeRun', () => {
  describe('an evaluation that completed', () => {
    it.each([
      ['nothing is above it', { memoryMb: 500 }, { verdict: 'passes' }],
      [
        'a sample is',
        { memoryMb: 499 },
        { verdict: 'stopped', rule: 'memoryMb', afterMs: 400, observed: 500, limit: 499 },
      ],
      ['the first sample is', { memoryMb: 299 }, { verdict: 'stopped', rule: 'memoryMb', afterMs: 200, observed: 300 }],
      ['it answers in the last moment', { evaluationTimeMs: 900 }, { verdict: 'passes' }],
      [
        'it answers a moment late',
        { evaluationTimeMs: 899 },
        { verdict: 'stopped', rule: 'evaluationTimeMs', afterMs: 899 },
      ],
      [
        'two rules break, the first in time',
        { evaluationTimeMs: 399, memoryMb: 400 },
        { verdict: 'stopped', rule: 'evaluationTimeMs', afterMs: 399 },
      ],
      ['it started in time', { startTimeMs: 50 }, { verdict: 'passes' }],
      [
        'it started late',
        { startTimeMs: 49, memoryMb: 299 },
        { verdict: 'stopped', rule: 'startTimeMs', afterMs: 0, observed: 50 },
      ],
      ['it marked no items', { itemTimeMs: 1 }, { verdict: 'passes' }],
    ] as const)('is judged by what the record holds: %s', async (_, limits, expected) => {
      const events = await recordOf({ script: plain, executor: { startMs: 50, goneMs: 400 } });

      expect(outcomeOf(judged(events, limits))).toMatchObject(expected);
    });

    it('tells what breaks a rule that only warns, and goes on', async () => {
      const events = await recordOf({ script: plain });

      const { evaluations } = judged(events, { memoryMb: { limit: 400, action: 'warn' }, evaluationTimeMs: 899 });

      expect(evaluations[0]?.judgement).toMatchObject({
        outcome: { verdict: 'stopped', rule: 'evaluationTimeMs' },
        warned: ['memoryMb'],
      });
    });

    it('is not judged by a time that nobody could measure, but by the time for which it is known to have run', async () => {
      const lost = (await recordOf({ script: plain })).map((event) =>
        event.type === 'evaluation:end'
          ? {
              ...event,
              status: 'cancelled' as const,
              usage: { ...event.usage, wallMs: null, startMs: null, queuedMs: null },
            }
          : event,
      );

      expect(outcomeOf(judged(lost, { evaluationTimeMs: 900 }))).toEqual({
        verdict: 'unknown',
        why: 'how long it ran was not recorded',
      });
      expect(outcomeOf(judged(lost, { evaluationTimeMs: 300 }))).toMatchObject({
        verdict: 'stopped',
        rule: 'evaluationTimeMs',
        afterMs: 300,
      });
      expect(outcomeOf(judged(lost, { memoryMb: 400 }))).toMatchObject({ verdict: 'stopped', observed: 500 });
    });

    it('is stopped by the peak that its executor saw between two samples, and the moment is not known', async () => {
      const script: FakeScript = [
        { atMs: 0, sample: 300 },
        { atMs: 10, sample: 700 },
        { atMs: 20, sample: 300 },
        { atMs: 900, result: 1 },
      ];
      const events = await recordOf({ script });
      expect(events.flatMap((event) => (event.type === 'evaluation:sample' ? [event.memoryMb] : []))).toEqual([
        300, 300,
      ]);

      expect(outcomeOf(judged(events, { memoryMb: 699 }))).toMatchObject({
        verdict: 'stopped',
        rule: 'memoryMb',
        observed: 700,
        afterMs: null,
      });
      expect(outcomeOf(judged(events, { memoryMb: 700 }))).toEqual({ verdict: 'passes' });
    });

    it('is never stopped by a memory that was not measured', async () => {
      const events = await recordOf({
        script: [
          { atMs: 0, sample: null },
          { atMs: 900, result: 1 },
        ],
      });

      expect(outcomeOf(judged(events, { memoryMb: 1 }))).toEqual({ verdict: 'passes' });
    });
  });

  describe('items, whose times are not recorded', () => {
    const script: FakeScript = [
      { atMs: 0, item: 'a' },
      { atMs: 600, item: 1 },
      { atMs: 900, result: 1 },
    ];

    it.each([
      ['none can have taken longer than the evaluation', {}, 900, { verdict: 'passes' }],
      ['one may have', {}, 899, { verdict: 'unknown', why: 'its items took 900 ms at most: no more is recorded' }],
      ['none took longer than the old limit', { itemTimeMs: 700 }, 700, { verdict: 'passes' }],
      [
        'one may have, within the old limit',
        { itemTimeMs: 700 },
        699,
        { verdict: 'unknown', why: 'its items took 700 ms at most: no more is recorded' },
      ],
      [
        'the old limit warned, and nothing was told',
        { itemTimeMs: { limit: 700, action: 'warn' } },
        700,
        { verdict: 'passes' },
      ],
      [
        'the old limit warned: it is known to have taken as long',
        { itemTimeMs: { limit: 500, action: 'warn' } },
        450,
        { verdict: 'stopped', rule: 'itemTimeMs', afterMs: 450, shownBy: 'item "a" was not done' },
      ],
      [
        'the old limit warned: longer is not known',
        { itemTimeMs: { limit: 500, action: 'warn' } },
        501,
        { verdict: 'unknown' },
      ],
    ] as const)('%s', async (_, old, itemTimeMs, expected) => {
      const events = await recordOf({ script, evaluation: { sla: old as SlaInput } });

      expect(outcomeOf(judged(events, { itemTimeMs }))).toMatchObject(expected);
    });
  });

  it('does not rest on an old limit that was not held', async () => {
    const events = await recordOf({
      script: [
        { atMs: 0, item: 1 },
        { atMs: 900, result: 1 },
      ],
      evaluation: { sla: { itemTimeMs: 700 } },
    });
    const [first, ...rest] = events;
    const unheld = { ...first, type: 'sla:unenforceable' as const, rule: 'itemTimeMs', why: 'of its kind' } as never;

    expect(outcomeOf(judged(events, { itemTimeMs: 700 }))).toEqual({ verdict: 'passes' });
    expect(outcomeOf(judged([...events.slice(0, 1), unheld, ...rest], { itemTimeMs: 700 }))).toMatchObject({
      verdict: 'unknown',
    });
  });

  describe('an evaluation that its old limit ended', () => {
    it.each([
      [
        'the same limit ends it there',
        250,
        { verdict: 'stopped', rule: 'itemTimeMs', afterMs: 350, shownBy: 'item "game 7" was not done' },
      ],
      [
        'a tighter one earlier',
        180,
        { verdict: 'stopped', rule: 'itemTimeMs', afterMs: 280, shownBy: 'item "game 7" was not done' },
      ],
      [
        'under a looser one nothing is known',
        251,
        { verdict: 'unknown', why: 'its old itemTimeMs (250 ms) ended it after 350 ms' },
      ],
      ['nor under one that only warns', { limit: 100, action: 'warn' }, { verdict: 'unknown' }],
    ] as const)('%s', async (_, itemTimeMs, expected) => {
      const events = await recordOf({ script: hanging, evaluation: { sla: { itemTimeMs: 250 } } });

      expect(outcomeOf(judged(events, { itemTimeMs }))).toMatchObject(expected);
    });

    it.each([
      ['evaluationTimeMs', 350, 350, 'stopped', 'it had not answered'],
      ['evaluationTimeMs', 350, 351, 'unknown', undefined],
      ['memoryMb', 400, 499, 'stopped', 'a sample of 500 MB'],
      ['memoryMb', 400, 500, 'unknown', undefined],
    ] as const)('by %s %d is, under %d, %s', async (rule, before, now, verdict, shownBy) => {
      const events = await recordOf({ script: [{ atMs: 100, sample: 500 }], evaluation: { sla: { [rule]: before } } });
      expect(endsOf(events)).toMatchObject([{ status: 'violated' }]);

      expect(outcomeOf(judged(events, { [rule]: now }))).toMatchObject({ verdict, ...(shownBy && { shownBy }) });
    });

    it.each([
      [40, { verdict: 'stopped', rule: 'startTimeMs', afterMs: 0 }],
      [41, { verdict: 'unknown', why: 'its old startTimeMs (40 ms) ended it after 0 ms' }],
    ] as const)('before it began, under startTimeMs %d', async (startTimeMs, expected) => {
      const error = EvaluationError.ofViolation(
        violationOf(
          { id: 'vs-1-1', scheduler: new VirtualTimeScheduler() },
          {
            rule: 'startTimeMs',
            limit: 40,
            observed: 40,
            unit: 'ms',
            action: 'abort',
          },
        ),
      );
      const events = await recordOf({ script: [{ atMs: 0, crash: error }] });
      const record = events.filter(({ type }) => type !== 'evaluation:start');

      expect(outcomeOf(judged(record, { startTimeMs }))).toMatchObject(expected);
    });

    it('by a safeguard of the user’s own ends as it did', async () => {
      const events = await recordOf({
        script: hanging,
        evaluation: {
          sla: false,
          safeguards: [resigned],
        },
      });
      expect(endsOf(events)).toMatchObject([{ status: 'violated', violation: { rule: 'resignations' } }]);

      expect(outcomeOf(judged(events, {}))).toEqual({ verdict: 'passes' });
    });
  });

  it('knows nothing of the end of an evaluation that the record breaks off in, but what broke before', async () => {
    const events = await recordOf({ script: plain });
    const cut = events.slice(
      0,
      events.findIndex(({ type }) => type === 'evaluation:end'),
    );

    expect(outcomeOf(judged(cut, { memoryMb: 600 }))).toEqual({
      verdict: 'unknown',
      why: 'the record ends before it does',
    });
    expect(outcomeOf(judged(cut, { memoryMb: 400 }))).toMatchObject({ verdict: 'stopped', afterMs: 400 });
  });

  it('gives nothing for a record without evaluations', () => {
    expect(judgeRun([])).toEqual({ evaluations: [], transitions: [] });
  });

  describe('beside a run that was really held to those limits', () => {
    /** Each epoch takes another time and memory; every third hangs. */
    const script = ({ input }: { readonly input: unknown }): FakeScript => {
      const { epoch } = input as { readonly epoch: number };
      return [
        { atMs: 0, sample: 100 },
        { atMs: 300, sample: 150 + ((epoch * 137) % 400) },
        ...(epoch % 3 === 0 ? [] : [{ atMs: 400 + ((epoch * 211) % 900), result: epoch }]),
      ];
    };
    const plan: RecordPlan = { epochs: 40, epochMs: 5000, script, executor: { startMs: 20, goneMs: 5 } };
    const strict = { evaluationTimeMs: 900, memoryMb: 420 };

    it('stops the same evaluations by the same rule at the same moment, without a breaker', async () => {
      const loose = await recordOf({ ...plan, evaluation: { breaker: false, sla: { evaluationTimeMs: 4000 } } });
      const live = await recordOf({ ...plan, evaluation: { breaker: false, sla: strict } });

      const { evaluations } = judged(loose, strict);

      const ofLive = endsOf(live).map(({ status, violation, usage }) =>
        status === 'violated' ? [violation?.rule, violation?.observed, usage.wallMs] : 'passes',
      );
      const ofRecord = evaluations.map(({ judgement: { outcome } }) =>
        outcome.verdict === 'stopped' ? [outcome.rule, outcome.observed, outcome.afterMs] : outcome.verdict,
      );
      expect(ofRecord).toEqual(ofLive);
      expect(new Set(ofLive.map(String)).size).toBeGreaterThan(10);
    });

    it('turns the breaker at the same moments and refuses the same requests', async () => {
      const breaker = { minimumNumberOfCalls: 3, failureRateThreshold: 60, waitDurationInOpenStateMs: 12_000 };
      const loose = await recordOf({ ...plan, evaluation: { breaker: false, sla: { evaluationTimeMs: 4000 } } });
      const live = await recordOf({ ...plan, evaluation: { breaker, sla: strict } });

      const { transitions, evaluations } = judgeRun(loose, { sla: slaOf(strict), breaker });

      const toldLive = live.flatMap((event) =>
        event.type === 'breaker:transition' ? [[event.from, event.to, event.at, event.reason]] : [],
      );
      // A live breaker hears of an end when the last process is gone, 5 ms after the kill.
      const told = transitions.map(({ from, to, at, reason }) => [from, to, to === 'half-open' ? at : at + 5, reason]);
      expect(told).toEqual(toldLive);
      expect(told.length).toBeGreaterThan(3);
      expect(evaluations.flatMap(({ refused, recorded }) => (refused ? [recorded.requested.epoch] : []))).toEqual(
        live.flatMap((event) => (event.type === 'evaluation:skipped' ? [event.epoch] : [])),
      );
    });

    it('gives by its own limits and its own breaker what was recorded', async () => {
      const live = await recordOf({
        ...plan,
        evaluation: { breaker: { waitDurationInOpenStateMs: 9000 }, sla: strict },
      });

      const { evaluations, transitions } = judgeRun(live);

      expect(transitions.map(({ from, to }) => [from, to])).toEqual(
        live.flatMap((event) => (event.type === 'breaker:transition' ? [[event.from, event.to]] : [])),
      );
      const ended = new Map(endsOf(live).map(({ evaluationId, status }) => [evaluationId, status]));
      for (const { recorded, judgement, refused } of evaluations) {
        const status = ended.get(recorded.requested.evaluationId);
        expect([judgement.outcome.verdict, refused]).toEqual(
          status === undefined ? ['skipped', true] : [status === 'violated' ? 'stopped' : 'passes', false],
        );
      }
    });
  });

  describe('the breaker', () => {
    it('hears nothing of what is unknown, and of what it refused in the record only that it never ran', async () => {
      const plan: RecordPlan = { epochs: 8, script: hanging, evaluation: { sla: { itemTimeMs: 250 } } };
      const events = await recordOf(plan);
      expect(events.filter(({ type }) => type === 'evaluation:skipped').length).toBeGreaterThan(2);

      const { evaluations, transitions } = judged(events, { itemTimeMs: 1000 });

      expect(transitions).toEqual([]);
      expect(
        new Set(
          evaluations.map(({ judgement: { outcome } }) =>
            outcome.verdict === 'unknown' ? outcome.why : outcome.verdict,
          ),
        ),
      ).toEqual(
        new Set([
          'its old itemTimeMs (250 ms) ended it after 350 ms',
          'the recorded breaker refused it, so it never ran',
        ]),
      );
    });

    it('counts a crash and not a cancellation', async () => {
      const crashing = await recordOf({ epochs: 4, script: [{ atMs: 10, crash: 'no' }] });
      const { transitions } = judgeRun(crashing);
      expect(transitions).toMatchObject([{ breaker: 'vs', from: 'closed', to: 'open', epoch: 4 }]);

      const cancelled = crashing.map((event) =>
        event.type === 'evaluation:end' ? { ...event, status: 'cancelled' as const } : event,
      );
      expect(judgeRun(cancelled).transitions).toEqual([]);
    });

    it('refuses at the request also what would have begun when its wait was over', async () => {
      const plan: RecordPlan = { epochs: 5, script: [{ atMs: 10, crash: 'no' }], evaluation: { breaker: false } };
      const events = (await recordOf(plan)).map((event) =>
        event.type === 'evaluation:start' && event.epoch === 4
          ? { ...event, at: event.at + 5000, queuedMs: 5000 }
          : event,
      );

      // Open from 30 s to 42 s: epoch 4 asks at 40 s, and had its turn at 45 s.
      const { evaluations } = judgeRun(events, { breaker: { waitDurationInOpenStateMs: 12_000 } });

      expect(evaluations.map(({ refused }) => refused)).toEqual([false, false, false, true, false]);
    });

    it('is left out where the record has none, unless one is given', async () => {
      const events = await recordOf({ epochs: 5, script: [{ atMs: 10, crash: 'no' }], evaluation: { breaker: false } });

      expect(judgeRun(events).transitions).toEqual([]);
      expect(judgeRun(events, { breaker: {} }).transitions).toHaveLength(1);
    });

    it('leaves alone what was skipped because another one ran', async () => {
      const events = await recordOf({
        epochs: 4,
        epochMs: 100,
        script: [{ atMs: 250, result: 1 }],
        evaluation: { overlap: 'skip' },
      });

      const { evaluations } = judged(events, { evaluationTimeMs: 10 });

      expect(evaluations.map(({ judgement: { outcome } }) => outcome.verdict)).toEqual([
        'stopped',
        'skipped',
        'skipped',
        'stopped',
      ]);
    });
  });

  it('judges eight hours of samples in virtual time', () => {
    const { evaluations, transitions } = judgeRun(eightHours(), { sla: slaOf({ memoryMb: 390 }) });

    const stopped = evaluations.flatMap(({ recorded, judgement: { outcome } }) =>
      outcome.verdict === 'stopped' ? [[recorded.requested.epoch, outcome.afterMs]] : [],
    );
    // In epoch n the memory passes 390 MB at second 391 - n * 3, if that is before its end.
    expect(stopped).toEqual(
      Array.from({ length: 96 }, (_, index) => [index + 1, (391 - (index + 1) * 3) * 1000]).filter(
        ([, ms = 0]) => ms < 280_000,
      ),
    );
    expect(transitions.length).toBeGreaterThan(1);
  });

  it('judges the evaluations of one name only, where it is asked to', async () => {
    const events = await recordOf({ epochs: 2, script: plain });

    expect(judgeRun(events, { only: 'vs' }).evaluations).toHaveLength(2);
    expect(judgeRun(events, { only: 'other' }).evaluations).toHaveLength(0);
  });
});
