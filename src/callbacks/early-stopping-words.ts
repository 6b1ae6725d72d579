import { nearMatch, told } from '../errors/index.ts';
import type { Patience } from './patience.ts';

/** A metric of the epochs, or of the results of an evaluation. */
interface Watched {
  readonly metric: string;
  readonly evaluation: string | undefined;
}

/** Names it shortly: `loss`, `vs-random.winRate`. */
export function watchedMetric({ metric, evaluation }: Watched): string {
  return evaluation === undefined ? metric : `${evaluation}.${metric}`;
}

/** Says why the training ends: `"loss" has not been better than 0.25, of epoch 4, for 3 epochs`. */
export function reasonToStop(
  watched: Watched,
  { best }: Patience,
  { patience, minDelta }: { readonly patience: number; readonly minDelta: number },
): string {
  const what = watched.evaluation === undefined ? 'epoch' : 'evaluation';
  const least = minDelta === 0 ? '' : ` by more than ${minDelta}`;
  const bestTold = best === undefined ? 'before' : `than ${best.value}, of epoch ${best.epoch},`;
  return `${quoted(watched)} has not been better${least} ${bestTold} for ${patience} ${what}${patience === 1 ? '' : 's'}`;
}

/** Says what came in the place of a number, and which metric was probably meant. */
export function whyUnmeasured(
  watched: Watched,
  { epoch, fields }: { readonly epoch: number; readonly fields: unknown },
): string {
  const isObject = typeof fields === 'object' && fields !== null;
  const value: unknown = isObject ? Reflect.get(fields, watched.metric) : undefined;
  const near = isObject && value === undefined ? nearMatch(watched.metric, Object.keys(fields)) : undefined;
  const advice = near === undefined ? '' : `; did you mean "${near}"?`;
  const came = typeof value === 'object' && value !== null ? 'without a bound to judge it by' : told(value);
  return `${quoted(watched)} of epoch ${epoch} is ${came}, which is neither better nor against the patience${advice}`;
}

function quoted({ metric, evaluation }: Watched): string {
  return evaluation === undefined ? `"${metric}"` : `"${metric}" of "${evaluation}"`;
}
