import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandExecutor, processExecutor } from '../../src/executors/index.ts';
import { evaluator } from './evaluators/index.ts';
import { execute, told } from './execute.ts';
import { missing } from './needs.ts';

const limits = { evaluationTimeMs: 60_000, startTimeMs: 60_000, itemTimeMs: 60_000, memoryMb: 1000 };
const newFolder = (): string => join(mkdtempSync(join(tmpdir(), 'pitwall-printed-')), 'output', 'evaluation');
const bytes = 200_000;

describe.skipIf(missing('setpriv', 'timeout'))('what an evaluator prints just before its answer', () => {
  it.each([
    ['cold', processExecutor(evaluator('prints'))],
    ['warm', processExecutor(evaluator('prints'), { warm: true, concurrency: 1, env: { PITWALL_TEST: 'prints' } })],
  ])('is all in its log, where it is %s', async (_, executor) => {
    for (const last of ['the first end', 'the second end']) {
      const logFolder = newFolder();

      const { result, telemetry } = await execute(executor, { input: { bytes, last }, limits, logFolder });

      expect(result).toEqual({ printed: bytes });
      const log = readFileSync(join(logFolder, 'stdout.log'), 'utf8');
      expect({ bytes: log.length, last: log.slice(bytes) }).toEqual({
        bytes: bytes + last.length + 1,
        last: `${last}\n`,
      });
      expect(told(telemetry, 'dropped')).toEqual([]);
    }
  });
});

describe.skipIf(missing('setpriv', 'timeout'))('what an evaluator prints', () => {
  it('is held back by nobody: who floods waits until it is read', async () => {
    const { result } = await execute(processExecutor(evaluator('prints-at-length')), {
      input: { bytes: 2_000_000 },
      limits,
      logFolder: newFolder(),
    });

    expect(result).toEqual({ heldBack: 0 });
  });

  it('is in its log, where it ends itself in the same breath', async () => {
    const logFolder = newFolder();

    await execute(processExecutor(evaluator('prints-and-ends')), {
      input: { lines: 10_000, then: 'exits' },
      limits,
      logFolder,
    });

    const lines = readFileSync(join(logFolder, 'stdout.log'), 'utf8').trimEnd().split('\n');
    expect(lines.at(-1)).toBe('line 10000 of many, printed just before the end');
    expect(lines).toHaveLength(10_000);
  });
});

describe.skipIf(missing('setpriv', 'timeout', 'mkfifo'))('a pipe where the log should be', () => {
  it.each([
    ['nobody', false],
    ['somebody', true],
  ])('that %s reads holds up nobody, and what was printed is counted', async (_, isRead) => {
    const logFolder = newFolder();
    mkdirSync(logFolder, { recursive: true });
    const pipe = join(logFolder, 'stdout.log');
    execFileSync('mkfifo', [pipe]);
    const reader = isRead ? openSync(pipe, 'r+') : undefined;

    const { result, telemetry } = await execute(processExecutor(evaluator('prints')), {
      input: { bytes, last: 'the end' },
      limits,
      logFolder,
    });
    if (reader !== undefined) closeSync(reader);

    expect(result).toEqual({ printed: bytes });
    expect(told(telemetry, 'dropped')).toEqual([{ type: 'dropped', what: 'bytes of stdout', count: bytes + 8 }]);
  });
});

describe.skipIf(missing('setpriv', 'timeout'))('a command that floods with partial results', () => {
  it('has the last one kept, and the others counted', async () => {
    const tell = `for (let turn = 1; turn <= 5000; turn++) fs.writeSync(3, '{"type":"partial","value":' + turn + '}\\n');`;

    const { telemetry } = await execute(commandExecutor([process.execPath, '-e', `${tell} process.exit(1)`]), {
      limits,
    });

    expect(told(telemetry, 'partial')).toEqual([{ type: 'partial', value: 5000 }]);
    const [dropped] = told(telemetry, 'dropped');
    expect(dropped?.what).toBe('partial results');
    expect(dropped?.count).toBeGreaterThan(4500);
  });
});
