import { describe, expect, it, vi } from 'vitest';
import { mistakesIn } from './compiled.ts';

const head = `
import { of } from 'rxjs';
import { CircuitBreaker, Trainer, bestCheckpoint, checkpoint, defineCallback, earlyStopping, evaluation, everyEpochs, guard, hooks, inlineExecutor, maxMemory, processExecutor, reduceOnPlateau, scale, withBreaker } from 'pitwall';
import { defineEvaluator } from 'pitwall/evaluator';
const evaluate = defineEvaluator(async (input: { epoch: number; weights: Float32Array }) => ({ winRate: input.weights.length / 2 }));
type Evaluate = typeof evaluate;
const module = new URL('file:///evaluate.js');
const input = ({ epoch }: { epoch: number }) => ({ epoch, weights: new Float32Array(1) });
const on = evaluation<Evaluate>({ name: 'a', every: 1, module, input });
export { CircuitBreaker, Trainer, bestCheckpoint, checkpoint, defineCallback, earlyStopping, evaluation, everyEpochs, guard, hooks, input, inlineExecutor, maxMemory, module, of, on, processExecutor, reduceOnPlateau, scale, withBreaker, type Evaluate };
`;

/** The sentences of a program's first mistake. */
function firstMistake(program: string): readonly string[] | undefined {
  return mistakesIn(`${head}${program}`)[0]?.sentences;
}

// The first program has the library's sources read.
vi.setConfig({ testTimeout: 120_000 });

describe('a wrong program does not compile, and the compiler says what is wrong', () => {
  it.each([
    [
      "evaluation<Evaluate>({ name: 'a', every: 1, module, input: ({ epoch }) => ({ epoch }) });",
      "Property 'weights' is missing in type '{ epoch: number; }'",
    ],
    [
      "evaluation<Evaluate>({ name: 'a', every: 1, module, input: ({ epoch }) => ({ epoch, weights: 'none' }) });",
      "Type 'string' is not assignable to type 'Float32Array<ArrayBufferLike>'",
    ],
    ["evaluation<Evaluate>({ name: 'a', every: 1, module });", "Property 'input' is missing"],
    ["evaluation<Evaluate>({ name: 'a', module, input });", "Property 'when' is missing"],
    ["evaluation<Evaluate>({ name: 'a', every: 1, when: everyEpochs(2), module, input });", "Types of property 'when'"],
    ["evaluation<Evaluate>({ name: 'a', every: 1, input });", "Property 'executor' is missing"],
    [
      "evaluation<Evaluate>({ name: 'a', every: '5', module, input });",
      "Type 'string' is not assignable to type 'number'",
    ],
    [
      "evaluation<Evaluate>({ name: 'a', every: 1, module, input, overlpa: 'skip' });",
      "'overlpa' does not exist in type.* Did you mean to write 'overlap'?",
    ],
    [
      "evaluation<Evaluate>({ name: 'a', every: 1, module, input, overlap: 'drop' });",
      `Type '"drop"' is not assignable to type 'Overlap | undefined'`,
    ],
    [
      "evaluation<Evaluate>({ name: 'a', every: 1, module, input, sla: { memoryMB: 100 } });",
      "'memoryMB' does not exist in type.* Did you mean to write 'memoryMb'?",
    ],
    [
      "evaluation<Evaluate>({ name: 'a', every: 1, module, input, sla: { memoryMb: { limit: 1, action: 'scold' } } });",
      `Type '"scold"' is not assignable to type '"abort" \\| "warn"`,
    ],
    [
      "evaluation<Evaluate>({ name: 'a', every: 1, module, input, safeguards: [maxMemory] });",
      "is not assignable to type 'Safeguard'",
    ],
    [
      "evaluation<Evaluate>({ name: 'a', every: 1, module, input, sla: { startTimeMs: { limit: 1, action: 'warn' } } });",
      `Type '"warn"' is not assignable to type '"abort"'`,
    ],
    [
      "evaluation<Evaluate>({ name: 'a', every: 1, module, input, breaker: { failureTreshold: 5 } });",
      "'failureTreshold' does not exist in type",
    ],
    [
      "evaluation<Evaluate>({ name: 'a', every: 1, module, input }).results$.subscribe(({ result }) => result.loseRate);",
      "Property 'loseRate' does not exist on type '{ winRate: number; }'",
    ],
    [
      "evaluation<Evaluate>({ name: 'a', every: 1, module, input }).results$.subscribe(({ result }) => { const rate: string = result.winRate; });",
      "Type 'number' is not assignable to type 'string'",
    ],
    [
      "void new Trainer<{ loss: number }>({ name: 'a', epochs: 1 }).fit(() => ({ lost: 1 }));",
      "Type '{ lost: number; }' is not assignable to type '{ loss: number; }",
    ],
    ["void new Trainer({ name: 'a', epohcs: 1 });", "Did you mean to write 'epochs'?"],
    ["hooks('a', { onEpochEnds: () => undefined });", "Did you mean to write 'onEpochEnd'?"],
    [
      "hooks('a', { onEpochEnd: (event) => event.loss });",
      "Property 'loss' does not exist on type '{ type: \"epoch:end\"",
    ],
    [
      "earlyStopping({ on, metric: 'winrate', patience: 1 });",
      `Type '"winrate"' is not assignable to type '"winRate"'`,
    ],
    ["bestCheckpoint({ path: 'b', on, metric: 'loss' });", `Type '"loss"' is not assignable to type '"winRate"'`],
    ["reduceOnPlateau({ on, metric: 'loss', patience: 1 });", `Type '"loss"' is not assignable to type '"winRate"'`],
    ["bestCheckpoint({ path: 'b', on, metric: 'winRate', keeps: 2 });", "Did you mean to write 'keep'?"],
    [
      "checkpoint({ path: 'c', save: () => ({ weights: [1] }) });",
      "Type '{ weights: number[]; }' is not assignable to type 'CheckpointBytes \\| PromiseLike<CheckpointBytes>'",
    ],
    ["defineCallback('a', () => 5);", "Type 'number' is not assignable to type 'void | Observable<Directive>'"],
    ["scale('learningRate');", 'Expected 2-3 arguments, but got 1'],
    ['void new CircuitBreaker({ failureTreshold: 50 });', "Did you mean to write 'failureRateThreshold'?"],
    ['of(1).pipe(guard(maxMemory(5)));', "'Safeguard' is not assignable to parameter of type 'readonly Safeguard[]'"],
    ['void new CircuitBreaker().execute(Promise.resolve(1));', "Argument of type 'Promise<number>' is not assignable"],
    ['of(1).pipe(withBreaker({ minimumNumberOfCalls: 2 }));', "does not exist in type 'CircuitBreaker'"],
  ])('%s', (program, sentence) => {
    const sentences = firstMistake(program);

    expect(sentences?.join(' ')).toMatch(new RegExp(sentence.replace(/[?(){}[\]]|\|(?!\\)/g, (char) => `\\${char}`)));
    expect(sentences?.join(' ')).not.toContain('No overload matches this call');
    expect(sentences?.length).toBeLessThanOrEqual(5);
  });
});

describe('a right program compiles, and its types follow', () => {
  it.each([
    "evaluation<Evaluate>({ name: 'a', every: 1, module, input }).results$.subscribe(({ result }) => { const rate: number = result.winRate; });",
    "bestCheckpoint({ path: 'b', on, metric: 'winRate' }).best?.path.length; reduceOnPlateau({ on, metric: 'winRate', patience: 1 }).scale;",
    "bestCheckpoint({ path: 'b', on: 'by-its-name', metric: 'anything' }); bestCheckpoint({ path: 'b', metric: 'loss' });",
    "checkpoint({ path: 'c', save: ({ epoch }) => (epoch > 1 ? 'text' : new Float32Array(1)) }); checkpoint({ path: 'c', save: () => Promise.resolve(Buffer.alloc(1)) });",
    "defineCallback('a', () => of(scale('learningRate', 0.5))); void new Trainer({ name: 'a', epochs: 1 }).fit((epoch) => { const rate: number = epoch.scaleOf('learningRate'); });",
    "evaluation<Evaluate>({ name: 'a', every: 1, when: undefined, module, input });",
    "evaluation({ name: 'a', every: 1, module }).results$.subscribe(({ result }) => { const nothingIsKnown: unknown = result; });",
    "evaluation({ name: 'a', every: 1, executor: inlineExecutor(({ epoch }: { epoch: number }) => Promise.resolve({ epoch })) }).results$.subscribe(({ result }) => { const epoch: number = result.epoch; });",
    "evaluation({ name: 'a', every: 1, executor: processExecutor<{ model: string }, number>(module), input: () => ({ model: 'm' }) }).results$.subscribe(({ result }) => { const score: number = result; });",
  ])('%s', (program) => {
    expect(firstMistake(program)).toBeUndefined();
  });
});
