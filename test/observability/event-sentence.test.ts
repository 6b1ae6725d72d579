import { describe, expect, it, vi } from 'vitest';
import { runEventSchema, type EventBody, type JournalledEvent, type Violation } from '../../src/events/index.ts';
import { levelOf } from '../../src/observability/event-level.ts';
import { sentenceOf } from '../../src/observability/event-sentence.ts';

const subject = { evaluationId: 'e1', name: 'vs-random', epoch: 3, step: 120 };
const violation: Violation = {
  rule: 'itemTimeMs',
  limit: 300,
  observed: 412.04,
  unit: 'ms',
  action: 'abort',
  evaluationId: 'e1',
  observedAt: 1,
  lateByHostMs: 0,
  pausedMs: 0,
};
const usage = {
  wallMs: 1234,
  cpuMs: 1000,
  cpuShare: 0.8,
  peakMemoryMb: 80,
  startMs: 50,
  pausedMs: 0,
  queuedMs: 0,
  goneMs: 3,
};
const ended = { type: 'evaluation:end', ...subject, items: { done: 3 }, usage } as const;
const evaluations = { requested: 4, completed: 3, violated: 1, failed: 0, cancelled: 0, skipped: 0 };
const overhead = { callbacksMs: {}, totalMs: 3, trainingMs: 1000, percent: 0.3 };
const closing = { type: 'run:end', epochs: 3, steps: 360, evaluations, overhead } as const;

const told: [level: string, sentence: string, body: EventBody][] = [
  [
    'info',
    'run "minishogi" (run-1) starts: 30 epochs',
    { type: 'run:start', name: 'minishogi', epochs: 30, config: {} },
  ],
  [
    'info',
    'run run-1 goes on from the checkpoint of epoch 4',
    { type: 'run:resume', fromSeq: 90, fromEpoch: 4, epochs: 30, config: {} },
  ],
  ['info', 'run run-1 goes on from its beginning', { type: 'run:resume', fromSeq: 1, fromEpoch: 0 }],
  [
    'info',
    'learningRate scaled by 0.5 to 0.25, by "reduceOnPlateau(loss)": "loss" has not been better',
    {
      type: 'custom',
      name: 'directive:scale',
      value: {
        name: 'learningRate',
        factor: 0.5,
        scale: 0.25,
        reason: '"loss" has not been better',
        callback: 'reduceOnPlateau(loss)',
        causedBySeq: 9,
      },
    },
  ],
  ['debug', 'epoch 3 begins', { type: 'epoch:start', epoch: 3 }],
  [
    'info',
    'epoch 3 ended: loss 0.1235, acc unmeasured, lr 0.001, best NaN',
    { type: 'epoch:end', epoch: 3, metrics: { loss: 0.123456, acc: null, lr: 1e-3, best: NaN } },
  ],
  [
    'info',
    'epoch 3 ended, checkpoint a.bin',
    { type: 'epoch:end', epoch: 3, metrics: {}, checkpoint: { path: 'a.bin', hash: 'x' } },
  ],
  [
    'info',
    'epoch 3 interrupted: a 1, b 2, c 3, d 4, e 5, f 6, g 7, h 8, …',
    {
      type: 'epoch:end',
      epoch: 3,
      interrupted: true,
      metrics: { a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7, h: 8, i: 9 },
    },
  ],
  [
    'silly',
    'epoch 3, step 120: 60 steps, half within 2.1 ms, 99% within 4 ms, the longest 1.5 s',
    { type: 'step:summary', epoch: 3, step: 120, count: 60, p50Ms: 2.1, p99Ms: 4, maxMs: 1500 },
  ],
  [
    'info',
    'checkpoint at epoch 3, step 120: a.bin',
    { type: 'checkpoint', epoch: 3, step: 120, path: 'a.bin', hash: 'x' },
  ],
  ['info', 'training ended after 1 epoch, 360 steps', { type: 'training:end', epochs: 1, steps: 360 }],
  [
    'info',
    "run run-1 completed; 3 epochs, 360 steps; evaluations: 4 requested, 3 completed, 1 violated; Pitwall took 0.3% of the training's time",
    { ...closing, status: 'completed' },
  ],
  [
    'info',
    'run run-1 stopped (enough); 3 epochs, 360 steps; evaluations: 4 requested, 3 completed, 1 violated',
    { ...closing, status: 'stopped', reason: 'enough', overhead: { ...overhead, percent: null } },
  ],
  [
    'error',
    'run run-1 failed (no memory); 3 epochs, 360 steps; evaluations: 4 requested, 3 completed, 1 violated',
    { ...closing, status: 'failed', error: { message: 'no memory' }, overhead: { ...overhead, percent: null } },
  ],
  ['debug', 'vs-random of epoch 3 requested', { type: 'evaluation:requested', ...subject }],
  [
    'info',
    'vs-random of epoch 3 skipped: its circuit breaker is open',
    { type: 'evaluation:skipped', ...subject, reason: 'breaker-open' },
  ],
  [
    'debug',
    'vs-random of epoch 3 starts after 12 ms, process 77',
    { type: 'evaluation:start', ...subject, pid: 77, queuedMs: 12 },
  ],
  [
    'debug',
    'vs-random of epoch 3: 5 of 20 done, game 5',
    { type: 'evaluation:progress', ...subject, done: 5, total: 20, note: 'game 5' },
  ],
  [
    'silly',
    'vs-random of epoch 3: memoryMb 81.23, cpuPercent 99, gpuUtilizationPercent unmeasured, gpuMemoryMb unmeasured',
    {
      type: 'evaluation:sample',
      ...subject,
      memoryMb: 81.2345,
      cpuPercent: 99,
      gpuUtilizationPercent: null,
      gpuMemoryMb: null,
    },
  ],
  [
    'info',
    'vs-random of epoch 3 completed in 1.2 s: winRate 0.85, wins 17',
    { ...ended, status: 'completed', result: { winRate: 0.85, wins: 17 } },
  ],
  [
    'info',
    'vs-random of epoch 3 cancelled: its process was gone',
    {
      ...ended,
      status: 'cancelled',
      error: { code: 'HOST_LOST', kind: 'cancelled', message: 'its process was gone' },
      usage: { ...usage, wallMs: null, startMs: null, pausedMs: null, queuedMs: null, goneMs: null },
    },
  ],
  [
    'info',
    'vs-random of epoch 3 completed in 3 min 20 s: 0.5',
    { ...ended, status: 'completed', result: 0.5, usage: { ...usage, wallMs: 200_000 } },
  ],
  ['info', 'vs-random of epoch 3 completed in 1.2 s: undefined', { ...ended, status: 'completed' }],
  [
    'warn',
    'vs-random of epoch 3 broke its SLA after 1.2 s: itemTimeMs: 412 ms observed, the limit is 300 ms',
    { ...ended, status: 'violated', violation },
  ],
  [
    'warn',
    'vs-random of epoch 3 broke its SLA after 1.2 s: game 7 took too long',
    { ...ended, status: 'violated', violation: { ...violation, message: 'game 7 took too long' } },
  ],
  [
    'warn',
    'vs-random of epoch 3 failed after 1.2 s: EVALUATOR_CRASHED: it threw at x',
    {
      ...ended,
      status: 'failed',
      error: { code: 'EVALUATOR_CRASHED', kind: 'crashed', message: 'it threw\n    at x' },
    },
  ],
  [
    'info',
    'vs-random of epoch 3 cancelled after 1.2 s: superseded',
    { ...ended, status: 'cancelled', error: { code: 'CANCELLED', kind: 'cancelled', message: 'superseded' } },
  ],
  [
    'warn',
    'SLA violation (abort) of e1: itemTimeMs: 412 ms observed, the limit is 300 ms',
    { type: 'sla:violation', violation },
  ],
  ['info', 'SLA kept again by e1: itemTimeMs', { type: 'sla:recovered', violation }],
  [
    'warn',
    'SLA rule memoryMb cannot be measured: no /proc',
    { type: 'sla:unmeasured', rule: 'memoryMb', why: 'no /proc' },
  ],
  [
    'warn',
    'SLA rule memoryMb cannot be enforced: inline',
    { type: 'sla:unenforceable', rule: 'memoryMb', why: 'inline' },
  ],
  [
    'warn',
    'breaker "vs-random": closed -> open (3 of 3 failed)',
    { type: 'breaker:transition', name: 'vs-random', from: 'closed', to: 'open', reason: '3 of 3 failed' },
  ],
  [
    'info',
    'breaker "vs-random": open -> half-open (60 s are over)',
    { type: 'breaker:transition', name: 'vs-random', from: 'open', to: 'half-open', reason: '60 s are over' },
  ],
  [
    'error',
    'callback "mine" failed: no such key',
    { type: 'callback:error', callback: 'mine', error: { message: 'no such key' } },
  ],
  [
    'warn',
    'callback "mine" held the training for 51 ms on epoch:end',
    { type: 'callback:slow', callback: 'mine', durationMs: 51, event: 'epoch:end' },
  ],
  ['warn', 'dropped: 12 of telemetry', { type: 'dropped', what: 'telemetry', count: 12 }],
  [
    'debug',
    'best: epoch 3, list [ 1, 2, 3, ... 1 more item ]',
    { type: 'custom', name: 'best', value: { epoch: 3, list: [1, 2, 3, 4] } },
  ],
];

const eventOf = (body: EventBody): JournalledEvent => ({ seq: 1, at: 1, runId: 'run-1', ...body });

describe('an event in words', () => {
  it.each(told)('%s: %s', (level, sentence, body) => {
    const event = eventOf(body);

    expect(sentenceOf(event)).toBe(sentence);
    expect(levelOf(event)).toBe(level);
  });

  it('has words for every event there is but the steps, which are never logged', () => {
    const types = runEventSchema.options.map((option) => option.shape.type.value);

    expect(new Set([...told.map(([, , { type }]) => type), 'step'])).toEqual(new Set(types));
  });

  it('stays one line of at most 500 characters', () => {
    const line = sentenceOf(
      eventOf({ type: 'callback:error', callback: 'mine', error: { message: 'a\nb '.repeat(500) } }),
    );

    expect(line).toHaveLength(500);
    expect(line).not.toContain('\n');
  });

  it('has no command for a terminal in it, whoever wrote it', () => {
    const message = '\u001b[2J\u001b[31mred\u001b[0m\b\u202e';

    const line = sentenceOf(eventOf({ type: 'callback:error', callback: 'mine', error: { message } }));

    expect(line).toBe('callback "mine" failed: red\ufffd\ufffd');
  });

  it.each([
    [999.94, '999.9 ms'],
    [999.96, '1 s'],
    [59_940, '59.9 s'],
    [59_960, '1 min'],
    [119_600, '2 min'],
    [200_000, '3 min 20 s'],
    [7_200_000, '2 h'],
  ])('says %d ms as %s', (durationMs, words) => {
    const line = sentenceOf(eventOf({ type: 'callback:slow', callback: 'mine', durationMs, event: 'epoch:end' }));

    expect(line).toBe(`callback "mine" held the training for ${words} on epoch:end`);
  });

  it('looks at no more of a large value than it says', () => {
    const read = vi.fn((_target: object, key: string | symbol) => ({
      value: key,
      enumerable: true,
      configurable: true,
    }));
    const many = Array.from({ length: 100 }, (_, index) => `key${index}`);
    const large = new Proxy({}, { ownKeys: () => many, getOwnPropertyDescriptor: read });

    const line = sentenceOf(
      eventOf({ type: 'custom', name: 'x', value: { large, list: [large, large], text: 'long '.repeat(1000) } }),
    );

    expect(line).toContain("x: large { key0: 'key0', key1: 'key1',");
    expect(line).toContain("key7: 'key7', … }");
    expect(new Set(read.mock.calls.map(([, key]) => key)).size).toBe(9);
    expect(line).toHaveLength(500);
  });

  it('glimpses at large and cyclic values', () => {
    const cycle: Record<string, unknown> = { weights: new Float32Array(1000) };
    cycle.self = cycle;

    const line = sentenceOf(eventOf({ type: 'custom', name: 'x', value: cycle }));

    expect(line).toContain('weights Float32Array(1000) [ 0, 0, 0, ... 997 more items ]');
    expect(line).toContain('[Circular');
  });
});
