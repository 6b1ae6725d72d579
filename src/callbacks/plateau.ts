import { freshPatience, tried, type Better, type Patience } from './patience.ts';

/** When a scale is reduced, and by how much. */
export interface PlateauRules extends Better {
  readonly patience: number;
  /** What the scale is multiplied by. */
  readonly factor: number;
  /** How many values after a reduction are not counted against the patience. */
  readonly cooldown: number;
  /** From 0 to 1. */
  readonly minScale: number;
}

/** A scale, and what it depends on. */
export interface Plateau {
  readonly scale: number;
  readonly course: Patience;
  /** How many of the next values are not counted. */
  readonly coolFor: number;
}

export const freshPlateau: Plateau = { scale: 1, course: freshPatience, coolFor: 0 };

/** The plateau after one more value. A reduction begins the patience anew, and keeps the best. */
export function leveled(
  { scale, course, coolFor }: Plateau,
  value: { readonly value: number; readonly epoch: number },
  rules: PlateauRules,
): Plateau {
  const next = tried(course, value, rules);
  if (coolFor > 0) return { scale, course: { ...next, since: 0 }, coolFor: coolFor - 1 };
  if (next.since < rules.patience) return { scale, course: next, coolFor };
  return {
    scale: Math.max(scale * rules.factor, rules.minScale),
    course: { ...next, since: 0 },
    coolFor: rules.cooldown,
  };
}
