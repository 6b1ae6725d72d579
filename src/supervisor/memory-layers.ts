import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { Limits, MemoryLayer, Program } from '../wire/index.ts';

/** What a Node without any work holds (40 MB), and its young generation (48 MB): beside the old one, which is limited. */
const besideOldSpaceMb = 88;

/**
 * Node's arguments for a limit of memory, to stand before the user's own, which then win. Told its limit, V8 collects before it is
 * reached: without it 300 MB that live grow to 1.3 GB with what is not collected yet.
 */
export function heapLimitArgs({ memoryMb }: Limits): readonly string[] {
  if (memoryMb === undefined || !Number.isFinite(memoryMb)) return [];
  return [`--max-old-space-size=${Math.ceil(Math.max(memoryMb - besideOldSpaceMb, memoryMb / 2))}`];
}

const threadsAllowed = 16;
const runtimeMb = 1024;
const mbPerCore = 64;

/**
 * The limit of each process's writable memory, in MB, for a limit of what is resident: `undefined` where there is none. It stops a
 * sudden huge allocation before it is used; an evaluation below its limit does not meet it. Beside twice what may be resident it
 * leaves 1 GB to a runtime, stacks and buffers to a thread a core, and to 16 worker threads what this Node reserves for each (up
 * to 2 MB on Node 22, 510 MB on Node 24).
 */
export function dataLimitMbOf({ memoryMb }: Limits): number | undefined {
  if (memoryMb === undefined || !Number.isFinite(memoryMb)) return undefined;
  return Math.ceil(
    2 * memoryMb + runtimeMb + availableParallelism() * mbPerCore + threadsAllowed * (reservedMb ??= reservedHere()),
  );
}

let reservedMb: number | undefined;

/** What this process, a Node like the evaluators', has as writable and does not use. */
function reservedHere(): number {
  try {
    const status = readFileSync('/proc/self/status', 'latin1');
    const kilobytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
    return Math.max(0, kilobytes('VmData') - kilobytes('VmRSS')) / 1024;
  } catch {
    return 0;
  }
}

/** How something ended, or what it said when it failed. */
export interface MemoryEvidence {
  /** What the evaluator told of its failure. */
  readonly message: string;
  /** The last words on stdout and stderr. */
  readonly output: string;
  /** How its process ended; without it it lives and has told a failure. */
  readonly exit?: { readonly code: number | null; readonly signal: NodeJS.Signals | null } | undefined;
  readonly program: Program;
  /** The limit of its writable memory, where one was set. */
  readonly dataLimitMb: number | undefined;
  readonly wasEndedByControlGroup: boolean;
}

/** Words of V8 and of Node's when a heap passes its limit; then it aborts. */
const heapWords = /JavaScript heap out of memory|node::OOMErrorHandler/;

/** Words of Node 20 to 24 whose allocation was refused. */
const refusedNode = [
  /Array buffer allocation failed/,
  /Failed to allocate memory/,
  /WebAssembly\.Memory(\.grow)?\(\): (Unable to grow instance memory|could not allocate memory)/,
  /Fatal (process|JavaScript) out of memory/,
  /std::bad_alloc/,
];

/** Those of other runtimes, of which a command may be: Python with NumPy, Perl, Rust, Go and the C library. */
const refusedOther = [
  /^MemoryError\b/m,
  /\b_ArrayMemoryError\b/,
  /^Out of memory!/m,
  /memory allocation of \d+ bytes failed/,
  /runtime: (out of memory|cannot allocate memory)/,
  /Cannot allocate memory/,
];

/**
 * Which of our own limits of memory a failed evaluation has met: `undefined` where it failed for another reason, or by a limit that
 * is not ours. A cgroup's kill is counted by the kernel; of the others only the words and the way of ending tell.
 */
export function memoryLayerOf(evidence: MemoryEvidence): Exclude<MemoryLayer, 'poll'> | undefined {
  if (evidence.wasEndedByControlGroup) return 'cgroup';
  const { exit, output, message, program, dataLimitMb } = evidence;
  const aborted = exit !== undefined && isAbort(exit);
  if (aborted && heapWords.test(output)) return hasOurHeapLimit(program) ? 'heap' : undefined;
  if (dataLimitMb === undefined || exit?.code === 0) return undefined;
  // What a living evaluator prints is not what ended it.
  const words = exit === undefined ? message : output;
  const wasRefused =
    refusedNode.some((each) => each.test(words)) ||
    (program.kind === 'command' && refusedOther.some((each) => each.test(lastError(words))));
  return wasRefused ? 'data' : undefined;
}

/** The error that a Python program ended with, by its last traceback: what it wrote of others it has survived. Else all the words. */
function lastError(words: string): string {
  const lines = words.split('\n');
  const isError = (line: string, at: number): boolean =>
    /^[\w.]+(Error|Exception)\b/.test(line) && /^\s+\S/.test(lines[at - 1] ?? '');
  return lines.findLast(isError) ?? words;
}

const abortCodes: readonly (number | null)[] = [128 + 6, 128 + 5];

/** V8 aborts (SIGABRT), or traps where it cannot even say so (SIGTRAP); a shell in between tells it as a code. */
function isAbort({ code, signal }: NonNullable<MemoryEvidence['exit']>): boolean {
  return signal === 'SIGABRT' || signal === 'SIGTRAP' || abortCodes.includes(code);
}

/** Of a command nothing is known, and an evaluator's own arguments win. */
function hasOurHeapLimit(program: Program): boolean {
  return program.kind === 'evaluator' && !program.nodeArgs.some((each) => /^--max[-_]old[-_]space[-_]size/.test(each));
}
