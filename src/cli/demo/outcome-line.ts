import type { TextLine } from '../../observability/text-line.ts';
import type { Outcome } from './demo-state.ts';
import { resultTold } from './scores.ts';

/** Wide enough for the demo's names and `epoch 10`. */
const [nameWidth, epochWidth] = [10, 8];

/** The columns that every line about an evaluation begins with. */
export function subjectTold({ name, epoch }: { readonly name: string; readonly epoch: number }): string {
  return `${name.padEnd(nameWidth)}  ${`epoch ${epoch}`.padEnd(epochWidth)}`;
}

/** `✓ vs-random   epoch 3   70.6% ± 2.3   0.4 s`: how an evaluation ended, or why it never began. */
export function outcomeLine(outcome: Outcome): TextLine {
  const subject = ` ${subjectTold(outcome)}  `;
  if (outcome.type === 'evaluation:skipped') return [['dim', '○'], subject, ['dim', `skipped: ${outcome.reason}`]];
  const { status, error, usage } = outcome;
  switch (status) {
    case 'completed':
      return [['green', '✓'], subject, `${resultTold(outcome.result)}  `, ['dim', seconds(usage.wallMs)]];
    case 'violated':
      return [['red', '✗'], subject, ['red', violationTold(outcome)]];
    case 'failed':
      return [['red', '✗'], subject, ['red', `failed: ${error?.message ?? 'for an unknown reason'}`]];
    case 'cancelled':
      return [['yellow', '–'], subject, ['yellow', 'cancelled']];
  }
}

/** `1.5 s`; two digits below a second; `?` where it is unmeasured. */
export function seconds(ms: number | null): string {
  if (ms === null) return '?';
  return `${(ms / 1000).toFixed(ms < 1000 ? 2 : 1)} s`;
}

function violationTold({ violation }: Extract<Outcome, { type: 'evaluation:end' }>): string {
  if (violation === undefined) return 'stopped: it broke its SLA';
  const { rule, observed, limit, unit } = violation;
  return `stopped: ${rule} ${observed.toFixed(0)} ${unit}, the limit is ${limit} ${unit}`;
}
