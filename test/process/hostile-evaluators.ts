import type { HardLimits, HardRule } from '../../src/executors/index.ts';

/** Who runs it: a process of its own, a warm process, a thread, or the same evaluator as a command. */
export type Runner = 'cold' | 'warm' | 'thread' | 'command';

/** How it has to end. */
export type Ending =
  | { readonly rule: HardRule; readonly limit: number; readonly message?: RegExp }
  | { readonly kind: 'crashed' | 'rejected'; readonly code: string; readonly message: RegExp }
  | { readonly answer: unknown };

/** One evaluator that does us harm, and what has to come of it. */
export interface Hostile {
  readonly name: string;
  /** Its file in `evaluators/`. */
  readonly evaluator: string;
  readonly input?: Readonly<Record<string, unknown>>;
  /** Beside the limit that it breaks. */
  readonly limits?: HardLimits;
  readonly ends: Ending;
  /** The executors that claim to contain it. */
  readonly by: readonly Runner[];
  /** With an ending of its own. */
  readonly unlike?: Partial<Readonly<Record<Runner, Ending>>>;
  /** What of this machine it takes to contain it. */
  readonly wants?: 'control-group';
  /** It harms what runs beside it, as it is known to: it runs alone. */
  readonly alone?: true;
}

/** Not what is tried: on a busy machine starting takes its time. */
const roomy: HardLimits = { startTimeMs: 60_000, evaluationTimeMs: 60_000, itemTimeMs: 60_000, memoryMb: 1000 };
export const maxResultMb = 2;

const outOfTime: Ending = { rule: 'evaluationTimeMs', limit: 400 };
const itemOutOfTime: Ending = { rule: 'itemTimeMs', limit: 300 };
const notLoaded: Ending = { rule: 'startTimeMs', limit: 1000 };
const outOfMemory: Ending = { rule: 'memoryMb', limit: 250 };
const crashed = (message = /./): Ending => ({ kind: 'crashed', code: 'EVALUATOR_CRASHED', message });
const rejected = (code: string, message = /./): Ending => ({ kind: 'rejected', code, message });
const answers = (answer: unknown): Ending => ({ answer });

const anybody: readonly Runner[] = ['cold', 'warm', 'thread', 'command'];
const anyProcess: readonly Runner[] = ['cold', 'warm', 'command'];
const anyEvaluator: readonly Runner[] = ['cold', 'warm', 'thread'];
const evaluatorProcess: readonly Runner[] = ['cold', 'warm'];

const forged = (message: Readonly<Record<string, unknown>>): string => `\n${JSON.stringify(message)}\n`;
const failed = { type: 'failed', errorKind: 'crashed', code: 'EVALUATOR_CRASHED', message: 'as it says itself' };

const blocking: readonly Hostile[] = [
  { name: 'spins', evaluator: 'spin', ends: outOfTime, by: anybody },
  { name: 'never settles', evaluator: 'never-settles', ends: outOfTime, by: anybody },
  { name: 'answers with a thenable that never settles', evaluator: 'returns-thenable', ends: outOfTime, by: anybody },
  { name: 'blocks in the read of a FIFO', evaluator: 'reads-fifo', ends: outOfTime, by: anyProcess },
  { name: 'blocks until a child ends', evaluator: 'blocks-in-child', ends: outOfTime, by: anyProcess },
  { name: 'sleeps on a lock', evaluator: 'blocks-on-atomics', ends: outOfTime, by: anybody },
  { name: 'spins in threads of its own', evaluator: 'spins-in-worker', ends: outOfTime, by: anybody },
  { name: 'ignores SIGTERM', evaluator: 'ignores-sigterm', ends: outOfTime, by: anyProcess },
  { name: 'swallows every signal and error', evaluator: 'swallows-errors', ends: outOfTime, by: anyProcess },
  { name: 'spins when it should exit', evaluator: 'spins-on-exit', ends: outOfTime, by: anyProcess },
  { name: 'stops itself', evaluator: 'stops-itself', ends: outOfTime, by: anyProcess },
  { name: 'stops its group', evaluator: 'stops-itself', input: { group: true }, ends: outOfTime, by: anyProcess },
  {
    name: 'spins while it loads',
    evaluator: 'spin-on-load',
    ends: notLoaded,
    by: anybody,
    unlike: { command: outOfTime },
  },
  {
    name: 'hangs while it loads',
    evaluator: 'hangs-on-load',
    ends: notLoaded,
    by: anybody,
    unlike: { command: outOfTime },
  },
];

const items: readonly Hostile[] = [
  { name: 'spins in an item', evaluator: 'spin-in-item', ends: itemOutOfTime, by: anybody },
  { name: 'tells wrong progress', evaluator: 'wrong-progress', ends: itemOutOfTime, by: anybody },
  {
    name: 'has an item that never ends beside others that do',
    evaluator: 'endless-item',
    ends: { ...itemOutOfTime, message: /item "endless" ran/ },
    by: anybody,
  },
  {
    name: 'has items that overlap',
    evaluator: 'overlapping-items',
    limits: { itemTimeMs: 500 },
    ends: answers({ games: 6 }),
    by: anybody,
  },
];

const disguises: readonly Hostile[] = [
  { name: 'fakes the clock of its items', evaluator: 'fakes-hrtime', ends: answers('played'), by: anyEvaluator },
  {
    name: 'throws an error whose stack is no text',
    evaluator: 'throws-frames',
    ends: crashed(/The evaluator threw: Error: the device is gone/),
    by: anyEvaluator,
  },
];

const memory: readonly Hostile[] = [
  { name: 'eats memory by a Map', evaluator: 'eats-maps', ends: outOfMemory, by: anyProcess },
  { name: 'eats memory by buffers', evaluator: 'eats-buffers', ends: outOfMemory, by: anyProcess },
  { name: 'eats memory by WebAssembly', evaluator: 'eats-wasm', ends: outOfMemory, by: anyProcess },
  { name: 'eats memory in a thread', evaluator: 'eats-in-worker', ends: outOfMemory, by: anyProcess },
  {
    name: 'eats memory in a grandchild',
    evaluator: 'eats-in-grandchild',
    ends: { ...outOfMemory, limit: 300 },
    by: anyProcess,
  },
  {
    name: 'eats memory in what a shell has left in the background',
    evaluator: 'grows-in-orphan',
    ends: { ...outOfMemory, limit: 300 },
    by: anyProcess,
  },
  {
    name: 'holds much, and starts programs that hold nothing',
    evaluator: 'forks-from-much',
    input: { holdMb: 400, programs: 20 },
    limits: { memoryMb: 700 },
    ends: answers(400 * 2 ** 20),
    by: anyProcess,
  },
  { name: 'eats memory outside of Node', evaluator: 'eats-outside-node', ends: outOfMemory, by: anyProcess },
];

const floods: readonly Hostile[] = [
  { name: 'floods progress', evaluator: 'floods-progress', ends: outOfTime, by: anybody },
  { name: 'floods stdout and stderr', evaluator: 'floods-stdout', ends: outOfTime, by: anyProcess },
  { name: 'floods items', evaluator: 'floods-items', ends: outOfTime, by: anybody },
  { name: 'floods items that never end', evaluator: 'floods-open-items', ends: outOfTime, by: anyProcess },
  {
    name: 'floods partial results',
    evaluator: 'floods-partial',
    input: { text: true },
    ends: outOfTime,
    by: evaluatorProcess,
  },
  {
    name: 'floods its channel with rubbish',
    evaluator: 'floods-channel',
    input: { text: '{"type":"rubbish"}\n' },
    ends: outOfTime,
    by: anyProcess,
  },
  {
    name: 'floods its channel with one endless line',
    evaluator: 'floods-channel',
    input: { text: '"' },
    ends: outOfTime,
    by: anyProcess,
  },
  {
    name: 'floods its channel with what only we say',
    evaluator: 'floods-channel',
    input: { text: forged({ type: 'ready' }) },
    ends: outOfTime,
    by: anyProcess,
  },
];

const crashes: readonly Hostile[] = [
  {
    name: 'exits',
    evaluator: 'exits',
    ends: crashed(/exit code 3[^]*the last line it printed/),
    by: anyProcess,
  },
  { name: 'exits while it loads', evaluator: 'exits-on-load', ends: crashed(/exit code 0/), by: evaluatorProcess },
  { name: 'aborts', evaluator: 'aborts', ends: crashed(/SIGABRT/), by: anyProcess },
  {
    name: 'crashes beside its evaluation',
    evaluator: 'crashes-aside',
    ends: crashed(/thrown beside the evaluation/),
    by: anybody,
  },
  {
    name: 'leaves a rejection unhandled',
    evaluator: 'rejects-aside',
    ends: crashed(/rejected beside the evaluation/),
    by: anybody,
  },
  { name: 'overflows its stack', evaluator: 'overflows-stack', ends: crashed(/RangeError/), by: anybody },
  { name: 'throws null', evaluator: 'throws-null', ends: crashed(/null/), by: anybody },
  { name: 'throws what holds itself', evaluator: 'throws-cyclic', ends: crashed(/round and round/), by: anybody },
  { name: 'throws 10 MB of message', evaluator: 'throws-long', ends: crashed(/words words/), by: anybody },
  {
    name: 'throws what cannot be said',
    evaluator: 'throws-unspeakable',
    input: { how: 'object' },
    ends: crashed(),
    by: anybody,
  },
  {
    name: 'throws an error that throws when it is read',
    evaluator: 'throws-unspeakable',
    input: { how: 'getters' },
    ends: crashed(),
    by: anybody,
  },
  {
    name: 'throws a proxy that throws',
    evaluator: 'throws-unspeakable',
    input: { how: 'proxy' },
    ends: crashed(),
    by: anybody,
  },
  {
    name: 'throws an error as if it were ours',
    evaluator: 'throws-as-ours',
    ends: crashed(/believe me/),
    by: anybody,
  },
  { name: 'throws while it loads', evaluator: 'throws-on-load', ends: crashed(/no such backend/), by: anybody },
  {
    name: 'has no default export',
    evaluator: 'no-default',
    ends: rejected('EVALUATOR_INVALID', /default export .* must be an evaluator/),
    by: anyEvaluator,
  },
  {
    name: 'is not there',
    evaluator: 'is-not-there',
    ends: rejected('EVALUATOR_NOT_FOUND', /No evaluator is at .*is-not-there\.mjs/),
    by: anyEvaluator,
  },
];

const results: readonly Hostile[] = [
  {
    name: 'answers with a function',
    evaluator: 'returns-function',
    ends: rejected('RESULT_NOT_CLONEABLE', /must be plain data/),
    by: anyEvaluator,
  },
  {
    name: 'answers with a getter that throws',
    evaluator: 'returns-getter',
    ends: rejected('RESULT_NOT_CLONEABLE', /look away/),
    by: anyEvaluator,
  },
  {
    name: 'answers with a proxy',
    evaluator: 'returns-proxy',
    ends: rejected('RESULT_NOT_CLONEABLE'),
    by: anyEvaluator,
  },
  {
    name: 'answers with what is nested too deep',
    evaluator: 'returns-deep',
    ends: rejected('RESULT_NOT_CLONEABLE'),
    by: anyEvaluator,
  },
  {
    name: 'answers with too much',
    evaluator: 'large-result',
    input: { megabytes: 3 },
    ends: rejected('RESULT_TOO_LARGE', /raise maxResultMb/),
    by: anyEvaluator,
  },
  {
    name: 'tells too much of a partial result',
    evaluator: 'large-partial',
    ends: rejected('RESULT_TOO_LARGE', /partial result .* is 3\.0 MB, the limit is 2 MB/),
    by: anyEvaluator,
  },
  ...(['rubbish', 'endless', 'fifo', 'sparse'] as const).map((how): Hostile => ({
    name: `spoils its result (${how})`,
    evaluator: 'spoils-result',
    input: { how },
    ends: rejected('RESULT_NOT_READABLE'),
    by: evaluatorProcess,
  })),
  ...(['sparse', 'endless', 'fifo'] as const).map((how): Hostile => ({
    name: `spoils its partial result (${how})`,
    evaluator: 'spoils-partial',
    input: { how },
    ends: outOfTime,
    by: evaluatorProcess,
  })),
];

const channel: readonly Hostile[] = [
  {
    name: 'writes rubbish and half a line to its channel, and answers',
    evaluator: 'writes-to-channel',
    input: { text: '\u0000\n{"type":"res\n[]\nnull\n7\n{"type":', answers: true },
    ends: answers({ said: 1 }),
    by: anyProcess,
  },
  {
    name: 'writes 8 MB in one line to its channel, and answers',
    evaluator: 'writes-to-channel',
    input: { text: '['.repeat(2 ** 20), times: 8, answers: true },
    ends: answers({ said: 8 }),
    by: anyProcess,
  },
  {
    name: 'forges a failure with a code that is not its own, and answers',
    evaluator: 'writes-to-channel',
    input: { text: forged({ ...failed, code: 'SUPERVISOR_LOST' }), answers: true },
    ends: answers({ said: 1 }),
    by: anyProcess,
  },
  {
    name: 'forges a violation, and answers',
    evaluator: 'writes-to-channel',
    input: { text: forged({ ...failed, errorKind: 'violation', code: 'SLA_VIOLATION' }), answers: true },
    ends: answers({ said: 1 }),
    by: anyProcess,
  },
  {
    name: 'forges a failure of 900 KB',
    evaluator: 'writes-to-channel',
    input: { text: forged({ ...failed, message: 'long '.repeat(180_000), stack: 'x' }) },
    ends: crashed(/long long/),
    by: evaluatorProcess,
  },
  {
    name: 'fails twice',
    evaluator: 'writes-to-channel',
    input: { text: forged({ ...failed, message: 'the first' }) + forged({ ...failed, message: 'the second' }) },
    ends: crashed(/the first/),
    by: evaluatorProcess,
  },
  {
    name: 'says that it has answered, without an answer',
    evaluator: 'writes-to-channel',
    input: { text: forged({ type: 'result' }) },
    ends: rejected('RESULT_NOT_READABLE', /said that it had answered, but there is no result\. Leave descriptor 3/),
    by: evaluatorProcess,
  },
  {
    name: 'says that it is ready before it is',
    evaluator: 'ready-before-loading',
    ends: outOfTime,
    by: evaluatorProcess,
  },
  {
    name: 'takes its answer back',
    evaluator: 'answers-twice',
    ends: answers({ first: true }),
    by: evaluatorProcess,
  },
  {
    name: 'answers after its end, by an heir',
    evaluator: 'answers-after-its-end',
    ends: outOfTime,
    by: anyProcess,
  },
  {
    name: 'reads what it should be told',
    evaluator: 'steals-messages',
    ends: outOfTime,
    by: evaluatorProcess,
  },
  {
    name: 'closes its channel to us, and answers',
    evaluator: 'closes-descriptors',
    input: { from: 3, to: 3, answers: true },
    ends: crashed(/Its last output:\nDescriptor 3 is Pitwall's, .*close only what you have opened\.$/),
    by: evaluatorProcess,
    unlike: { command: answers({ closed: true }) },
  },
  {
    name: 'closes its channel to us, and stays',
    evaluator: 'closes-descriptors',
    input: { from: 3, to: 3 },
    ends: outOfTime,
    by: anyProcess,
  },
  {
    name: 'closes its channel from us, and stays',
    evaluator: 'closes-descriptors',
    input: { from: 4, to: 4 },
    ends: outOfTime,
    by: anyProcess,
  },
  {
    name: 'closes every descriptor',
    evaluator: 'closes-descriptors',
    input: { from: 0, to: 255 },
    ends: crashed(),
    by: anyProcess,
  },
];

const files: readonly Hostile[] = [
  { name: 'cuts its mailbox', evaluator: 'truncates-mailbox', ends: outOfTime, by: evaluatorProcess },
  { name: 'fills its mailbox with rubbish', evaluator: 'spoils-mailbox', ends: outOfTime, by: evaluatorProcess },
  { name: 'deletes its folder, and stays', evaluator: 'deletes-folder', ends: outOfTime, by: evaluatorProcess },
  {
    name: 'deletes its folder, and answers',
    evaluator: 'deletes-folder',
    input: { answers: true },
    // Its result goes where there is always another place for it.
    ends: answers({ deleted: true }),
    by: evaluatorProcess,
  },
  ...(['mailbox', 'folder'] as const).map((what): Hostile => ({
    name: `puts something else in the place of its ${what}, and answers`,
    evaluator: 'replaces-its-files',
    input: { what },
    ends: answers({ replaced: what }),
    by: evaluatorProcess,
  })),
  { name: 'plants a pipe for its supervisor', evaluator: 'plants-pipe', ends: outOfTime, by: ['command'] },
  {
    name: 'loses its directory and its environment',
    evaluator: 'loses-its-directory',
    ends: answers({ lost: true }),
    by: anyProcess,
  },
];

const processes: readonly Hostile[] = [
  {
    name: 'leaves grandchildren',
    evaluator: 'leaves-grandchildren',
    input: { afterMs: 60_000 },
    ends: outOfTime,
    by: anyProcess,
  },
  {
    name: 'leaves grandchildren after its answer',
    evaluator: 'leaves-grandchildren',
    input: { afterMs: 100 },
    ends: answers({ left: 4 }),
    by: anyProcess,
  },
  ...(['orphaned', 'own-session', 'empty-environment', 'own-session-empty-environment'] as const).flatMap(
    (how): Hostile[] => {
      const orphans: Omit<Hostile, 'name' | 'ends'> = {
        evaluator: 'orphans',
        by: anyProcess,
        ...(how === 'own-session-empty-environment' && { wants: 'control-group' }),
      };
      return [
        { ...orphans, name: `leaves an orphan (${how})`, input: { how }, ends: outOfTime },
        {
          ...orphans,
          name: `leaves an orphan after its answer (${how})`,
          input: { how, answers: true },
          ends: answers({ left: 1 }),
        },
      ];
    },
  ),
  { name: 'takes its marks away', evaluator: 'renames-itself', ends: outOfTime, by: anyProcess },
  {
    name: 'takes its marks away, and answers',
    evaluator: 'renames-itself',
    input: { answers: true },
    ends: answers({ left: 2 }),
    by: anyProcess,
  },
  { name: 'is a fork bomb', evaluator: 'forks-many', ends: outOfTime, by: anyProcess },
  { name: 'kills its parent', evaluator: 'kills-others', input: { whom: 'parent' }, ends: crashed(), by: anyProcess },
  { name: 'kills its group', evaluator: 'kills-others', input: { whom: 'group' }, ends: crashed(), by: anyProcess },
  {
    name: 'kills its supervisor',
    evaluator: 'kills-others',
    input: { whom: 'supervisor' },
    ends: { kind: 'crashed', code: 'SUPERVISOR_LOST', message: /supervisor process was lost/ },
    by: anyProcess,
    alone: true,
  },
  { name: 'renices itself', evaluator: 'renices', ends: answers({ nice: 19 }), by: anyProcess },
  {
    name: 'exits right after its answer',
    evaluator: 'exits-after-answer',
    ends: answers({ answered: true }),
    by: anyProcess,
  },
  { name: 'replaces what we are built on', evaluator: 'sabotages-builtins', ends: outOfTime, by: evaluatorProcess },
];

export const endingOf = ({ ends, unlike }: Hostile, runner: Runner): Ending => unlike?.[runner] ?? ends;

/** Room for all that is not tried, and little of what is. */
export function limitsOf(hostile: Hostile, runner: Runner): HardLimits {
  const ending = endingOf(hostile, runner);
  return { ...roomy, ...hostile.limits, ...('rule' in ending && { [ending.rule]: ending.limit }) };
}

/** Every hostile evaluator there is. */
export const hostileEvaluators: readonly Hostile[] = [
  ...blocking,
  ...items,
  ...disguises,
  ...memory,
  ...floods,
  ...crashes,
  ...results,
  ...channel,
  ...files,
  ...processes,
];
