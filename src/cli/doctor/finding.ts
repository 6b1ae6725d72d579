import type { SlaRule } from '../../sla/index.ts';

/** What was found about one thing, by trying it. */
export interface Finding {
  readonly what: string;
  /** `limited` works in part, or worse than it should; `missing` does not work. */
  readonly status: 'works' | 'limited' | 'missing';
  /** What was seen, in a sentence or less, with its figures. */
  readonly seen: string;
  /** The rules of an SLA that are not held where it is missing. With a GPU that is limited: those of which it tells too little. */
  readonly rules: readonly SlaRule[];
}
