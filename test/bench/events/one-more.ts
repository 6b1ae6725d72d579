import type { Row, Target } from '../measurement.ts';
import type { OwnMeasurement } from '../print-chapters.ts';
import { medianOf, rounded, type Estimate } from '../statistics.ts';
import { addedTimes, type Makers } from './added-times.ts';
import { emittery, eventEmitter, mitted, steps, subject } from './emitters.ts';

const makers: Makers = {
  'pitwall, a registered callback': steps,
  'rxjs, a subscriber of a bare Subject': subject,
  'EventEmitter, a listener': eventEmitter,
  'mitt, a handler': mitted,
  'emittery, a listener': emittery,
};
const [ours = '', theirs = ''] = Object.keys(makers);
const limit = 1.2;

export const oneMore: OwnMeasurement = {
  title: 'One more callback',
  how: `The time of an event with so many callbacks, less that of the same trainer or emitter without any right before or after it, for each of them: the median of many short rounds with its 95% interval. An event is a step that is awaited; the others emit an object of the same shape and await as much. All of one size run in turns. The target is held where of the rounds' own differences, a callback's time less ${limit} times that of a subscriber, the median and its whole interval are below 0.`,
  measure: async ({ quick }) => {
    const rows: Row[] = [];
    for (const listeners of [1, 10, 100]) {
      const times = Math.round(4_000 / (listeners + 19));
      const added = await addedTimes(makers, { listeners, rounds: quick ? 300 : 6_000, times });
      const of = (name: string): readonly number[] => added.get(name) ?? [];
      const base = medianOf(of(theirs)).value;
      for (const name of Object.keys(makers)) {
        const { value, error95 } = medianOf(of(name));
        const figure = `${rounded(value)} ns +- ${rounded(error95)}, ${(value / base).toFixed(2)}x`;
        const target = name === ours ? { target: targetOf(of(ours), of(theirs)) } : {};
        rows.push({ what: `one more of ${listeners}`, who: name, figure, ...target });
      }
    }
    return { rows };
  },
};

/** The ratio of two noisy figures has no interval of its own; the difference that it is about has one. */
function targetOf(times: readonly number[], base: readonly number[]): Target {
  const { value, error95 } = aboveLimit(times, base);
  const verdict = value + error95 <= 0 ? 'held' : value - error95 > 0 ? 'missed' : 'unclear';
  return { text: `<= ${limit}x`, verdict };
}

function aboveLimit(times: readonly number[], base: readonly number[]): Estimate {
  return medianOf(times.map((time, round) => time - limit * (base[round] ?? NaN)));
}
