import { describe, expect, it } from 'vitest';
import { lanesOf } from '../../../src/report/html/timeline-lanes.ts';
import type { EvaluationState, EvaluationTold } from '../../../src/report/run-report.ts';

function told(
  evaluationId: string,
  requestedMs: number,
  endedMs: number | null,
  state: EvaluationState = 'completed',
  name = 'a',
): EvaluationTold {
  return {
    ...{ evaluationId, name, epoch: 1, step: 1, state, requestedMs, startedMs: requestedMs, endedMs },
    ...{ wallMs: null, peakMemoryMb: null, trainingImpactPercent: null, result: [], why: null },
  };
}

const idsOf = (lanes: readonly (readonly EvaluationTold[])[]): string[] =>
  lanes.map((lane) => lane.map(({ evaluationId }) => evaluationId).join(' '));

describe('lanesOf', () => {
  it('lays those that follow each other in one lane, and what overlaps in another', () => {
    const [group] = lanesOf([told('1', 0, 10), told('2', 5, 20), told('3', 10, 30), told('4', 30, 40)], 100);

    expect(idsOf(group!.lanes)).toEqual(['1 3 4', '2']);
  });

  it('holds a lane to the end for what has no end', () => {
    const [group] = lanesOf([told('1', 0, null, 'running'), told('2', 50, 60)], 100);

    expect(idsOf(group!.lanes)).toEqual(['1', '2']);
  });

  it('gives each name lanes of its own, and skipped ones none', () => {
    const groups = lanesOf([told('1', 0, 10), told('2', 0, 10, 'completed', 'b'), told('3', 5, 5, 'skipped')], 100);

    expect(groups.map(({ name, lanes, skipped }) => [name, idsOf(lanes), skipped.length])).toEqual([
      ['a', ['1'], 1],
      ['b', ['2'], 0],
    ]);
  });

  it('has no more than eight lanes, however many run at once', () => {
    const [group] = lanesOf(
      Array.from({ length: 20 }, (_, number) => told(String(number), 0, 10)),
      100,
    );

    expect(group!.lanes).toHaveLength(8);
    expect(group!.lanes.flat()).toHaveLength(20);
  });
});
