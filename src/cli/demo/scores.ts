import type { Outcome } from './demo-state.ts';

/** A point of the curve that the demo is about. */
export interface WinRate {
  readonly epoch: number;
  /** 0 to 1. */
  readonly winRate: number;
  readonly standardError: number;
}

/** The win rates against the random player, by epoch; `evaluation:end` events may come in another order. */
export function winRates(outcomes: readonly Outcome[], name = 'vs-random'): readonly WinRate[] {
  return outcomes
    .flatMap((outcome) => {
      if (outcome.type !== 'evaluation:end' || outcome.name !== name || outcome.status !== 'completed') return [];
      const score = readScore(outcome.result);
      return score === undefined ? [] : [{ epoch: outcome.epoch, ...score }];
    })
    .sort((a, b) => a.epoch - b.epoch);
}

/** What an evaluation found out, in a few words: `58.3% ± 2.5`, `1-ply 31%, 2-ply 1%`; else ''. */
export function resultTold(result: unknown): string {
  const score = readScore(result);
  if (score !== undefined) return `${percent(score.winRate, 1)} ± ${(score.standardError * 100).toFixed(1)}`;
  const { onePly, twoPly, games } = (result ?? {}) as Readonly<Record<string, unknown>>;
  const scores = [readScore(onePly), readScore(twoPly)];
  const told = scores.flatMap((each, index) =>
    each === undefined ? [] : [`${index + 1}-ply ${percent(each.winRate)}`],
  );
  if (told.length > 0) return told.join(', ');
  return typeof games === 'number' ? `${games} games` : '';
}

export function percent(fraction: number, digits = 0): string {
  return `${(fraction * 100).toFixed(digits)}%`;
}

function readScore(value: unknown): Pick<WinRate, 'winRate' | 'standardError'> | undefined {
  const { winRate, standardError } = (value ?? {}) as Readonly<Record<string, unknown>>;
  return typeof winRate === 'number' && typeof standardError === 'number' ? { winRate, standardError } : undefined;
}
