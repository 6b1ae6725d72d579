import { nearMatch, told } from '../errors/index.ts';
import type { Patience } from './patience.ts';
import type { WatchedMetric } from './watched-metric.ts';

type Watched = Pick<WatchedMetric, 'metric' | 'evaluation'>;

/** Names it shortly: `loss`, `vs-random.winRate`. */
export function watchedMetricName({ metric, evaluation }: Watched): string {
  return evaluation === undefined ? metric : `${evaluation}.${metric}`;
}

/** Says that the patience is over: `"loss" has not been better than 0.25, of epoch 4, for 3 epochs`. */
export function notBetterFor(
  watched: Watched & Pick<WatchedMetric, 'minDelta'>,
  { best }: Pick<Patience, 'best'>,
  patience: number,
): string {
  const what = watched.evaluation === undefined ? 'epoch' : 'evaluation';
  const least = watched.minDelta === 0 ? '' : ` by more than ${watched.minDelta}`;
  const bestTold = best === undefined ? 'before' : `than ${best.value}, of epoch ${best.epoch},`;
  return `${quoted(watched)} has not been better${least} ${bestTold} for ${patience} ${what}${patience === 1 ? '' : 's'}`;
}

/**
 * Says what came in the place of a number, and which metric was probably meant.
 *
 * @param consequence what becomes of it: `which is neither better nor against the patience`
 */
export function whyUnmeasured(
  watched: Watched,
  { epoch, fields }: { readonly epoch: number; readonly fields: unknown },
  consequence: string,
): string {
  const isObject = typeof fields === 'object' && fields !== null;
  const value: unknown = isObject ? Reflect.get(fields, watched.metric) : undefined;
  const near = isObject && value === undefined ? nearMatch(watched.metric, Object.keys(fields)) : undefined;
  const advice = near === undefined ? '' : `; did you mean "${near}"?`;
  const came = typeof value === 'object' && value !== null ? 'without a bound to judge it by' : told(value);
  return `${quoted(watched)} of epoch ${epoch} is ${came}, ${consequence}${advice}`;
}

/** As sentences name it: `"loss"`, `"winRate" of "vs-random"`. */
export function quoted({ metric, evaluation }: Watched): string {
  return evaluation === undefined ? `"${metric}"` : `"${metric}" of "${evaluation}"`;
}
