import { NEVER } from 'rxjs';
import { afterAll, describe, expect, expectTypeOf, it, vi } from 'vitest';
import { evaluation, type Evaluation } from '../../src/callbacks/evaluation.ts';
import { ConfigurationError } from '../../src/errors/index.ts';
import { inlineExecutor } from '../../src/executors/inline-executor.ts';
import { defineEvaluator } from '../../src/evaluator/index.ts';
import { supervisorLink } from '../../src/executors/supervisor-link.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { FakeRun } from './fake-run.ts';

vi.hoisted(() => vi.resetModules()); // other files of this worker have loaded the real one
vi.mock('../../src/executors/supervisor-link.ts', () => ({
  supervisorLink: vi.fn(() => ({ prepare: () => undefined })),
}));
afterAll(() => {
  vi.doUnmock('../../src/executors/supervisor-link.ts');
  vi.resetModules();
});

const executor = () => NEVER;
const whole = { name: 'vs', every: 1, executor };

describe('the options of an evaluation', () => {
  it.each<[string, object, string]>([
    [
      'an unknown key, with its near match',
      { ...whole, overlpa: 'skip' },
      'The evaluation "vs" has an unknown key "overlpa": did you mean "overlap"?',
    ],
    [
      'no name',
      { every: 1, executor },
      'An evaluation: "name" must be a name, a string that is not empty, but undefined came',
    ],
    ['a blank name', { ...whole, name: ' ' }, '"name" must be a name, a string that is not empty, but " " came'],
    [
      'neither every nor when',
      { name: 'vs', executor },
      'The evaluation "vs" must have exactly one of "every" and "when", but neither came.',
    ],
    ['both every and when', { ...whole, when: () => NEVER }, 'exactly one of "every" and "when", but both came.'],
    [
      'neither module nor executor',
      { name: 'vs', every: 1 },
      'exactly one of "module" and "executor", but neither came.',
    ],
    [
      'both module and executor',
      { ...whole, module: 'file:///e.js' },
      'exactly one of "module" and "executor", but both came.',
    ],
    ['every 0', { ...whole, every: 0 }, '"every" must be a whole number of epochs from 1 on, but 0 came'],
    ['every NaN', { ...whole, every: NaN }, '"every" must be a whole number of epochs from 1 on, but NaN came'],
    ['every 1.5', { ...whole, every: 1.5 }, '"every" must be a whole number of epochs from 1 on, but 1.5 came'],
    [
      'every with a unit',
      { ...whole, every: '5 epochs' },
      '"every" must be a whole number of epochs from 1 on, but "5 epochs" came',
    ],
    [
      'a when that is no operator',
      { name: 'vs', executor, when: 5 },
      '"when" must be an operator over run events, such as everySteps(1000), but 5 came',
    ],
    [
      'an input that is no function',
      { ...whole, input: {} },
      '"input" must be a function that gives the input, but an object came',
    ],
    [
      'an unknown overlap',
      { ...whole, overlap: 'drop' },
      '"overlap" must be one of "latest", "skip", "queue", "cancel", "parallel", but "drop" came',
    ],
    ['a negative grace', { ...whole, graceMs: -1 }, '"graceMs" must be a number from 0 on (milliseconds), but -1 came'],
    [
      'an endless grace',
      { ...whole, graceMs: Infinity },
      '"graceMs" must be a number from 0 on (milliseconds), but Infinity came',
    ],
    [
      'no room for a result',
      { ...whole, maxResultMb: 0 },
      '"maxResultMb" must be a number above 0 (MB of 2^20 bytes), but 0 came',
    ],
    ['sla: true', { ...whole, sla: true }, '"sla" must be an object of rules, or false, but true came'],
    ['an unknown rule', { ...whole, sla: { memoryMB: 5 } }, 'did you mean "memoryMb"?'],
    ['a negative limit', { ...whole, sla: { memoryMb: -5 } }, 'but -5 came'],
    ['a limit with a unit', { ...whole, sla: { evaluationTimeMs: '30m' } }, '"30m" came'],
    ['safeguards that are none', { ...whole, safeguards: ['maxTime'] }, '"safeguards[0]" must be'],
    [
      'breaker: true',
      { ...whole, breaker: true },
      '"breaker" must be a CircuitBreaker, options of one, or false, but true came',
    ],
    [
      'an unknown option of the breaker',
      { ...whole, breaker: { failureRateTreshold: 5 } },
      'did you mean "failureRateThreshold"?',
    ],
    [
      'an executor without a slot',
      { ...whole, executor: Object.assign(() => NEVER, { slots: 0 }) },
      'The evaluation "vs": the "slots" of its executor must be a whole number from 1 on, or Infinity, but 0 came.',
    ],
    ['slots that are no number', { ...whole, executor: Object.assign(() => NEVER, { slots: NaN }) }, 'but NaN came'],
    ['a module that is not file:', { name: 'vs', every: 1, module: new URL('https://example.org/e.js') }, 'file: URL'],
    ['a module that is no URL', { name: 'vs', every: 1, module: './evaluate.js' }, 'file: URL'],
    [
      'a rule that the executor cannot hold',
      { ...whole, executor: inlineExecutor(() => 1), sla: { memoryMb: { limit: 5, action: 'warn' } } },
      'The SLA of "vs" has the rule "memoryMb", which its executor cannot hold: an inline evaluation shares the memory of the training process.',
    ],
  ])('refuse %s', (_, options, sentence) => {
    const construct = () => evaluation(options as never);

    expect(construct).toThrow(ConfigurationError);
    expect(construct).toThrow(sentence);
  });

  it('refuse what is no object', () => {
    expect(() => evaluation(undefined as never)).toThrow(ConfigurationError);
  });

  it('are all looked at before a supervisor is started', () => {
    const module = 'file:///e.js';
    expect(() => evaluation({ name: 'vs', every: 1, module, sla: { memoryMb: -5 } })).toThrow('-5 came');
    expect(() => evaluation({ name: 'vs', every: 1, module, breaker: { halfOpenAfterMs: -1 } as never })).toThrow();
    expect(() => evaluation({ name: 'vs', every: 1, module: 'e.js' })).toThrow('must be named by a file: URL');
    expect(supervisorLink).not.toHaveBeenCalled();
    evaluation({ name: 'vs', every: 1, module });
    expect(supervisorLink).toHaveBeenCalledOnce();
  });

  it('are told in run:start, and can be written as JSON', () => {
    const run = new FakeRun(new VirtualClock());

    run.connect(evaluation({ ...whole, breaker: { recordFailure: () => true, minimumNumberOfCalls: 2 } }));

    expect(JSON.parse(JSON.stringify(run.configured))).toEqual({
      every: 1,
      onResume: 'request',
      overlap: 'latest',
      sla: {
        evaluationTimeMs: { limit: 1_800_000, action: 'abort' },
        startTimeMs: { limit: 30_000, action: 'abort' },
        itemTimeMs: { limit: 300_000, action: 'abort' },
        memoryMb: { limit: 1_000, action: 'abort' },
        gpuUtilizationPercent: { limit: 80, action: 'throttle', sustainMs: 10_000, whenUnmeasured: 'report' },
        trainingImpactPercent: { limit: 5, action: 'throttle' },
      },
      safeguards: 0,
      breaker: { name: 'vs', minimumNumberOfCalls: 2 },
      atEnd: false,
      graceMs: 100,
      maxResultMb: 256,
      critical: false,
    });
  });

  it('give a callback with the name, and criticality', () => {
    expect(evaluation({ ...whole, critical: true })).toMatchObject({ name: 'vs', critical: true, breaker: undefined });
  });
});

describe('the types of an evaluation', () => {
  const evaluate = defineEvaluator((input: { epoch: number; weights: Float32Array }) =>
    Promise.resolve({ winRate: input.weights.length }),
  );

  it('follow the evaluator', () => {
    const make = () =>
      evaluation<typeof evaluate>({
        name: 'vs',
        every: 5,
        module: new URL('file:///evaluate.js'),
        input: ({ epoch }) => ({ epoch, weights: new Float32Array(1) }),
      });
    expectTypeOf(make).returns.toEqualTypeOf<Evaluation<{ winRate: number }>>();

    // @ts-expect-error -- the input lacks the weights
    const wrong = () => evaluation<typeof evaluate>({ ...whole, input: ({ epoch }) => ({ epoch }) });
    // @ts-expect-error -- this evaluator needs an input
    const none = () => evaluation<typeof evaluate>({ name: 'vs', every: 1, module: new URL('file:///e.js') });
    expect([evaluate, wrong, none]).toHaveLength(3);
  });

  it('follow the executor, and need no input where the request will do', () => {
    const inline = evaluation({
      name: 'vs',
      every: 1,
      executor: inlineExecutor(({ epoch }: { epoch: number }) => Promise.resolve({ epoch })),
    });

    expectTypeOf(inline).toEqualTypeOf<Evaluation<{ epoch: number }>>();
  });
});
