import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { sparkline, table } from '../../../src/cli/demo/charts.ts';
import { emptyDemoState, foldDemo, type DemoState } from '../../../src/cli/demo/demo-state.ts';
import { liveLines } from '../../../src/cli/demo/live-lines.ts';
import { plainView } from '../../../src/cli/demo/plain-view.ts';
import { reportOf } from '../../../src/cli/demo/summary-json.ts';
import { summaryLines } from '../../../src/cli/demo/summary.ts';
import { painted, paintFor, plain, type TextLine } from '../../../src/observability/text-line.ts';
import { beginning, feast, hang, MadeUpRun, score } from './made-up-run.ts';

function textOf(lines: readonly TextLine[], columns?: number): string[] {
  return lines.map((line) => painted(line, plain, columns));
}

/** A run in which everything happens once. */
function eventfulRun(): MadeUpRun {
  return new MadeUpRun()
    .start(4)
    .epoch(4, 10)
    .requested('vs-random')
    .completed('vs-random', score(0.55))
    .requested('rogue')
    .violated('rogue', hang)
    .breaker('closed', 'open')
    .epoch(4, 10)
    .requested('rogue')
    .skipped('rogue', 'breaker-open')
    .requested('vs-random')
    .completed('vs-random', score(0.9))
    .requested('vs-minimax')
    .completed('vs-minimax', { onePly: score(0.31), twoPly: score(0.02) })
    .requested('other')
    .failed('other', 'its module was not found');
}

describe('a sparkline', () => {
  it('goes from the lowest to the highest character, and stays within', () => {
    expect(sparkline([0.4, 0.5, 0.75, 0.99, 1, 1.2], [0.5, 1])).toBe('▁▁▅███');
  });
});

describe('a table', () => {
  it('lines up words to the left and numbers to the right', () => {
    expect(table([['name', 'count'], ['a', 7], ['longer', 12]])).toEqual(['name    count', 'a           7', 'longer     12']); // prettier-ignore
  });
});

describe('a line', () => {
  const line: TextLine = ['abc', ['red', 'defg'], 'hi'];

  it.each([
    [9, 'abcdefghi'],
    [8, 'abcdefg…'],
    [5, 'abcd…'],
    [3, 'ab…'],
  ])('is cut to %i columns as %s', (columns, text) => {
    expect(painted(line, plain, columns)).toBe(text);
  });

  it('is as wide with colours as without', () => {
    const colourful = painted(line, paintFor({ isTTY: true }, {}), 5);
    expect(colourful).not.toBe('abcd…');
    expect(stripVTControlCharacters(colourful)).toBe('abcd…');
  });

  it.each([
    ['no terminal', { isTTY: false }, {}],
    ['NO_COLOR', { isTTY: true }, { NO_COLOR: '1' }],
    ['a dumb terminal', { isTTY: true }, { TERM: 'dumb' }],
  ])('has no colours with %s', (_, out, environment) => {
    expect(painted(line, paintFor(out, environment))).toBe('abcdefghi');
  });
});

describe('the live view', () => {
  const state = eventfulRun().requested('rogue', 3).started('rogue', 3).state;

  it.each([60, 80, 120, 200])('fits into %i columns and always has the same height', (columns) => {
    const heights = [emptyDemoState, new MadeUpRun().start().state, state].map((each) => {
      const lines = liveLines(each, { columns, nowMs: beginning + 1000, stepsPerEpoch: 4 });
      for (const text of textOf(lines, columns)) expect(text.length).toBeLessThanOrEqual(columns);
      return lines.length - (each.breakers.size > 0 ? 1 : 0);
    });
    expect(new Set(heights).size).toBe(1);
  });

  it('shows the epochs, the speed, the curve, what runs, what ended and the breaker', () => {
    const text = textOf(liveLines(state, { columns: 80, nowMs: beginning + 2000, stepsPerEpoch: 4 })).join('\n');
    expect(text).toMatch(/epoch 3\/4 +█+░+ +50% +100\.0 steps\/s +0:02/);
    expect(text).toMatch(/vs-random +▁▇ +wins 55% to 90% of its games \(± 2\.5\)/);
    expect(text).toMatch(/vs-minimax +1-ply 31%, 2-ply 2% \(epoch 2\)/);
    expect(text).toMatch(/▶ rogue +epoch 3 +1\.9 s/);
    expect(text).toMatch(/✗ rogue +epoch 1 +stopped: itemTimeMs 1501 ms, the limit is 1500 ms/);
    expect(text).toMatch(/○ rogue +epoch 2 +skipped: breaker-open/);
    expect(text).toMatch(/✗ other +epoch 2 +failed: its module was not found/);
    expect(text).toMatch(/breaker rogue +● open +closed → open/);
  });

  it('shows how far an evaluation is', () => {
    const { state: busy } = new MadeUpRun().start().epoch(1, 10).requested('vs-minimax').started('vs-minimax').progress('vs-minimax', 80, 3000, 'against 1-ply'); // prettier-ignore
    const text = textOf(liveLines(busy, { columns: 80, nowMs: beginning + 1010, stepsPerEpoch: 4 })).join('\n');
    expect(text).toMatch(/▶ vs-minimax +epoch 1 +1\.0 s +80\/3000 against 1-ply/);
  });
});

describe('the plain view', () => {
  it('writes a line for each thing that happens, and none for steps', () => {
    const written: string[] = [];
    const view = plainView({ write: (text) => written.push(text) });
    eventfulRun()
      .end()
      .events.reduce<DemoState>((state, event) => {
        const next = foldDemo(state, event);
        view.update(next, event);
        return next;
      }, emptyDemoState);
    expect(written.map((line) => line.trim())).toEqual([
      '0.0 s  pitwall demo: a network learns dobutsu shogi by self-play (run made-up)',
      '0.0 s  epoch 1/4  loss 0.200  100.0 steps/s',
      '0.0 s  ✓ vs-random   epoch 1   55.0% ± 2.5  0.42 s',
      '0.0 s  ✗ rogue       epoch 1   stopped: itemTimeMs 1501 ms, the limit is 1500 ms',
      '0.0 s  breaker rogue: closed -> open (made up)',
      '0.1 s  epoch 2/4  loss 0.200  100.0 steps/s',
      '0.1 s  ○ rogue       epoch 2   skipped: breaker-open',
      '0.1 s  ✓ vs-random   epoch 2   90.0% ± 2.5  0.42 s',
      '0.1 s  ✓ vs-minimax  epoch 2   1-ply 31%, 2-ply 2%  0.42 s',
      '0.1 s  ✗ other       epoch 2   failed: its module was not found',
      '0.1 s  the training has ended after 8 steps',
    ]);
    expect(written.every((line) => line.endsWith('\n'))).toBe(true);
  });
});

describe('the summary', () => {
  it('tells the outcomes, the violations, the breaker, the curve, the speed, the cost and the journal', () => {
    const run = eventfulRun()
      .requested('rogue', 3)
      .violated('rogue', feast, 3)
      .requested('a', 3)
      .step(20)
      .cancelled('a', 3);
    const text = textOf(summaryLines(run.end().state, '/tmp/x/events.jsonl')).join('\n');
    expect(text).toMatch(/completed: 2 of 4 epochs, 9 steps in 30\.0 s of training/);
    expect(text).toMatch(/evaluation +requested +completed +violated +failed +cancelled +skipped/);
    expect(text).toMatch(/rogue +3 +0 +2 +0 +0 +1/);
    expect(text).toMatch(/all +8 +3 +2 +1 +1 +1/);
    expect(text).toMatch(/rogue +1 +itemTimeMs +1500 ms +1501\.4 ms +4\.0 ms/);
    expect(text).toMatch(/rogue +3 +memoryMb +300 MB +304\.2 MB$/m);
    expect(text).toMatch(/breaker rogue +closed -> open/);
    expect(text).toMatch(/against random +55% ▁▇ 90% won/);
    expect(text).toMatch(/steps per second +50\.0 with evaluations beside it, 100\.0 without/);
    expect(text).toMatch(/Pitwall took +9\.9 ms of 30\.0 s on the training thread \(0\.03%\)/);
    expect(text).toMatch(/of it vs-random 4\.2 ms, rogue 1\.1 ms/);
    expect(text).toMatch(/journal +\/tmp\/x\/events\.jsonl/);
  });

  it('tells that a run was stopped, and why', () => {
    const text = textOf(summaryLines(new MadeUpRun().start().end('stopped', 'interrupted').state, undefined)).join(
      '\n',
    );
    expect(text).toMatch(/stopped \(interrupted\): 0 of 10 epochs/);
    expect(text).toMatch(/no evaluation of it completed/);
    expect(text).toMatch(/none was kept/);
  });

  it('is data for --json, with null for what is not known', () => {
    const report = JSON.parse(JSON.stringify(reportOf(eventfulRun().end().state, 7, '/tmp/x'))) as unknown;
    expect(report).toMatchObject({
      runId: 'made-up',
      status: 'completed',
      reason: null,
      seed: 7,
      epochs: 2,
      steps: 8,
      winRates: [
        { epoch: 1, winRate: 0.55 },
        { epoch: 2, winRate: 0.9 },
      ],
      evaluationsByName: { rogue: { requested: 2, violated: 1, skipped: 1 } },
      violations: [{ name: 'rogue', epoch: 1, violation: { rule: 'itemTimeMs' } }],
      breakers: { rogue: ['closed', 'open'] },
      stepsPerSecond: { beside: null, alone: 100 },
      journal: '/tmp/x',
    });
  });
});
