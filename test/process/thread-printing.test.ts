import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { threadExecutor, type HardLimits } from '../../src/executors/index.ts';
import { evaluator } from './evaluators/index.ts';
import { execute, told } from './execute.ts';

const roomy: HardLimits = { evaluationTimeMs: 60_000, startTimeMs: 60_000, itemTimeMs: 60_000 };

function logs() {
  const logFolder = join(mkdtempSync(join(tmpdir(), 'pitwall-test-')), 'logs');
  return { logFolder, read: (stream: string) => readFileSync(join(logFolder, `${stream}.log`), 'utf8') };
}

function numbered(lines: number): string {
  let text = '';
  for (let line = 1; line <= lines; line++) text += `line ${line} of many, printed just before the end\n`;
  return text;
}

describe('what a thread prints right before its end', () => {
  const ends: [string, HardLimits][] = [
    ['answers', roomy],
    ['answers late', roomy],
    ['throws', roomy],
    ['exits', roomy],
    ['spins', { ...roomy, evaluationTimeMs: 4000 }],
  ];

  it.each(ends)('has arrived, all of 2000 lines, when it %s', async (then, limits) => {
    const { logFolder, read } = logs();

    const { result, error, telemetry } = await execute(threadExecutor(evaluator('prints-and-ends')), {
      input: { lines: 2000, then },
      limits,
      logFolder,
    });

    expect(result ?? error?.code).toBe(
      then.startsWith('answers') ? 'answered' : then === 'spins' ? 'SLA_VIOLATION' : 'EVALUATOR_CRASHED',
    );
    expect(read('stdout')).toBe(numbered(2000));
    expect(read('stderr')).toBe('the only line on stderr\n');
    expect(told(telemetry, 'dropped')).toEqual([]);
  });

  it('is counted where there is no room for it', async () => {
    const { logFolder, read } = logs();

    const { telemetry } = await execute(threadExecutor(evaluator('prints-and-ends')), {
      input: { lines: 40_000, then: 'answers' },
      limits: roomy,
      logFolder,
    });

    const [dropped] = told(telemetry, 'dropped');
    const [, note = '', leftOut = ''] = /(\n… (\d+) bytes were left out here …\n)/.exec(read('stdout')) ?? [];
    expect(dropped).toMatchObject({ what: 'bytes of stdout', count: Number(leftOut) });
    expect(read('stdout').length - note.length + Number(leftOut)).toBe(numbered(40_000).length);
    expect(read('stdout').endsWith('line 40000 of many, printed just before the end\n')).toBe(true);
  });

  it('as a flood without end is held up, and ended at the limit', async () => {
    const { error, telemetry } = await execute(threadExecutor(evaluator('floods-stdout')), {
      limits: { ...roomy, evaluationTimeMs: 500 },
    });

    expect(error?.violation).toMatchObject({ rule: 'evaluationTimeMs' });
    expect(error?.violation?.goneAt).toBeGreaterThanOrEqual(error?.violation?.killedAt ?? Infinity);
    expect(told(telemetry, 'dropped').map(({ what }) => what)).toEqual(['bytes of stdout', 'bytes of stderr']);
  });
});
