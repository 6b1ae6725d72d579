import { surelyAtMost, type Row } from '../measurement.ts';
import type { OwnMeasurement } from '../print-chapters.ts';
import { timedRounds, timesOf, type Contender } from '../rounds.ts';
import { medianOf, rounded, spreadOf } from '../statistics.ts';
import { emittery, eventEmitter, mitted, steps, subject, type Emitter } from './emitters.ts';

const makers: Readonly<Record<string, (listeners: number) => Emitter>> = {
  'pitwall, a registered callback': steps,
  'rxjs, a subscriber of a bare Subject': subject,
  'EventEmitter, a listener': eventEmitter,
  'mitt, a handler': mitted,
  'emittery, a listener': emittery,
};
const [ours = '', theirs = ''] = Object.keys(makers);

export const oneMore: OwnMeasurement = {
  title: 'One more callback',
  how: 'The time of an event with so many callbacks, less that without any right after it, for each of them. An event is a step that is awaited; the others emit an object of the same shape and await as much. All of one size run in turns.',
  measure: async ({ quick }) => {
    const rows: Row[] = [];
    for (const listeners of [1, 10, 100]) {
      const contenders = Object.entries(makers).flatMap(([name, maker]) => [
        contender(name, maker, listeners),
        contender(`${name} without`, maker, 0),
      ]);
      const found = await timedRounds(contenders, {
        rounds: quick ? 5 : Math.max(30, Math.round(1000 / (listeners + 4))),
        times: Math.round(100_000 / (listeners + 4)),
      });
      const added = (name: string): number[] => {
        const without = timesOf(found, `${name} without`);
        return timesOf(found, name).map((time, round) => (time - (without[round] ?? NaN)) / listeners);
      };
      const base = spreadOf(added(theirs)).median;
      for (const name of Object.keys(makers)) {
        const times = added(name);
        const { median, min, max } = spreadOf(times);
        const figure = `${rounded(median)} ns [${rounded(min)} to ${rounded(max)}], ${(median / base).toFixed(2)}x`;
        const ratio = medianOf(times.map((time) => time / base));
        const target = name === ours ? { target: surelyAtMost(1.2, 'x', ratio) } : {};
        rows.push({ what: `one more of ${listeners}`, who: name, figure, ...target });
      }
    }
    return { rows };
  },
};

function contender(name: string, maker: (listeners: number) => Emitter, listeners: number): Contender {
  const { emit, heard, end } = maker(listeners);
  return {
    name,
    ...(end && { end }),
    run: async (times) => {
      const before = heard();
      await emit(times);
      const came = heard() - before;
      // The first round hears the run and its epoch begin as well.
      if (came < times * listeners) throw new Error(`${name}: ${came} of ${times * listeners} came.`);
    },
  };
}
