import { describe, expect, it } from 'vitest';
import {
  dataLimitMbOf,
  heapLimitArgs,
  memoryLayerOf,
  type MemoryEvidence,
} from '../../src/supervisor/memory-layers.ts';

const evaluator: MemoryEvidence['program'] = { kind: 'evaluator', module: 'file:///e.js', entry: 'e', nodeArgs: [] };
const ownHeapLimit: MemoryEvidence['program'] = { ...evaluator, nodeArgs: ['--max-old-space-size=64'] };
const command: MemoryEvidence['program'] = { kind: 'command', argv: ['python3'], cwd: '/' };
const nothing: MemoryEvidence = {
  message: '',
  output: '',
  program: evaluator,
  dataLimitMb: 3000,
  wasEndedByControlGroup: false,
};
const aborted = { code: null, signal: 'SIGABRT' } as const;
const trapped = { code: null, signal: 'SIGTRAP' } as const;
const failed = { code: 1, signal: null } as const;

const thrown = (message: string): Partial<MemoryEvidence> => ({ message: `The evaluator threw: ${message}` });
const python = (last: string): Partial<MemoryEvidence> => ({
  program: command,
  exit: failed,
  output: `Traceback (most recent call last):\n  File "evaluate.py", line 2, in <module>\n${last}\n`,
});

describe('memoryLayerOf', () => {
  // What Node 20.20, 22.23 and 24.21 say when --max-old-space-size is passed.
  it.each([
    'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory',
    'FATAL ERROR: Ineffective mark-compacts near heap limit Allocation failed - JavaScript heap out of memory',
    'FATAL ERROR: CALL_AND_RETRY_LAST Allocation failed - JavaScript heap out of memory',
    'FATAL ERROR: MarkCompactCollector: young object promotion failed Allocation failed - JavaScript heap out of memory',
    // The beginning may have been pushed out by the frames below it.
    ' 1: 0xb78db3 node::OOMErrorHandler(char const*, v8::OOMDetails const&) [node]',
  ])('tells the heap’s limit by an abort and "%s"', (output) => {
    expect(memoryLayerOf({ ...nothing, output, exit: aborted })).toBe('heap');
    expect(memoryLayerOf({ ...nothing, output, exit: { code: 134, signal: null } })).toBe('heap');
    expect(memoryLayerOf({ ...nothing, output, exit: failed })).toBeUndefined();
    // A limit that the user has set is not ours.
    expect(memoryLayerOf({ ...nothing, output, exit: aborted, program: ownHeapLimit })).toBeUndefined();
    expect(memoryLayerOf({ ...nothing, output, exit: aborted, program: command })).toBeUndefined();
  });

  it.each<[string, Partial<MemoryEvidence>]>([
    // Node 20.20, 22.23 and 24.21
    ['a buffer or a typed array', thrown('RangeError: Array buffer allocation failed')],
    ['a long string', thrown('Error: Failed to allocate memory')],
    ['WebAssembly that grows', thrown('RangeError: WebAssembly.Memory.grow(): Unable to grow instance memory')],
    ['new WebAssembly memory', thrown('RangeError: WebAssembly.Memory(): could not allocate memory')],
    [
      'a heap that cannot grow',
      { exit: aborted, output: "terminate called after throwing an instance of 'std::bad_alloc'\n" },
    ],
    [
      'a worker’s code',
      {
        exit: trapped,
        output: '# Fatal process out of memory: Failed to reserve virtual memory for CodeRange\n#\n',
      },
    ],
    [
      'a worker’s heap',
      {
        exit: trapped,
        output: '# Fatal JavaScript out of memory: MemoryChunk allocation failed during deserialization.\n',
      },
    ],
    ['an uncaught error', { exit: failed, output: 'RangeError: Array buffer allocation failed\n    at file.js:1:1' }],
    // Python 3.11 and 3.12, NumPy 1.24 and 2.4
    ['Python', python('MemoryError')],
    [
      'NumPy 1',
      python(
        'numpy.core._exceptions._ArrayMemoryError: Unable to allocate 32.0 MiB for an array with shape (4194304,)',
      ),
    ],
    [
      'NumPy 2',
      python(
        'numpy._core._exceptions._ArrayMemoryError: Unable to allocate 32.0 MiB for an array with shape (4194304,)',
      ),
    ],
    [
      'Python, which prints what it had kept',
      { ...python('MemoryError'), output: `${python('MemoryError').output}bye\n` },
    ],
    ['Perl', { program: command, exit: failed, output: 'Out of memory!\n' }],
  ])('tells the limit of writable memory by the words of %s', (_, evidence) => {
    expect(memoryLayerOf({ ...nothing, ...evidence })).toBe('data');
    // Without that limit it was another's.
    expect(memoryLayerOf({ ...nothing, ...evidence, dataLimitMb: undefined })).toBeUndefined();
  });

  it.each<[string, Partial<MemoryEvidence>]>([
    ['an ordinary error', thrown('Error: no')],
    ['an ordinary exit', { exit: failed, output: 'no such file' }],
    ['an abort of its own', { exit: aborted, output: 'Aborted' }],
    ['a crash without words', { exit: { code: null, signal: 'SIGSEGV' } }],
    ['a limit of WebAssembly’s own', thrown('RangeError: WebAssembly.Memory.grow(): Maximum memory size exceeded')],
    ['too long an array', thrown('RangeError: Invalid typed array length: 99999999999999')],
    [
      'what a Python program has survived and then failed otherwise',
      {
        program: command,
        exit: failed,
        output: `MemoryError: no cache of 64 GB, reading from the disk\n${python("FileNotFoundError: 'a.csv'").output}at exit: bye\n`,
      },
    ],
    ['words of other runtimes in an evaluator’s error', thrown('Error: the server said: Cannot allocate memory')],
    ['words that a living evaluator printed', { output: 'RangeError: Array buffer allocation failed' }],
  ])('sees no limit of ours in %s', (_, evidence) => {
    expect(memoryLayerOf({ ...nothing, ...evidence })).toBeUndefined();
  });

  it('believes the kernel’s count of the control group before all words', () => {
    expect(memoryLayerOf({ ...nothing, wasEndedByControlGroup: true })).toBe('cgroup');
  });
});

describe('heapLimitArgs', () => {
  it.each([
    [1000, '--max-old-space-size=912'],
    [176, '--max-old-space-size=88'],
    [100, '--max-old-space-size=50'],
    [0.5, '--max-old-space-size=1'],
  ])('leaves room for what is no heap: %d MB give %s', (memoryMb, expected) => {
    expect(heapLimitArgs({ memoryMb })).toEqual([expected]);
  });

  it.each([{}, { memoryMb: Infinity }])('limits nothing for %o', (limits) => {
    expect(heapLimitArgs(limits)).toEqual([]);
    expect(dataLimitMbOf(limits)).toBeUndefined();
  });
});

describe('dataLimitMbOf', () => {
  it('gives whole MB, at least twice the limit and what a runtime wants beside it', () => {
    const small = dataLimitMbOf({ memoryMb: 100 })!;
    const large = dataLimitMbOf({ memoryMb: 1000.25 })!;

    expect(Number.isInteger(small)).toBe(true);
    expect(Number.isInteger(large)).toBe(true);
    expect(small).toBeGreaterThanOrEqual(200 + 1024);
    expect(large - small).toBeGreaterThanOrEqual(1800);
    expect(large - small).toBeLessThanOrEqual(1802);
  });
});
