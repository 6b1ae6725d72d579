import { fork } from 'node:child_process';
import { once } from 'node:events';
import { surelyAtMost, type Row } from '../measurement.ts';
import type { OwnMeasurement } from '../print-chapters.ts';
import { medianOf, rounded, spreadOf } from '../statistics.ts';
import type { AddedTimesOptions } from './added-times.ts';
import { makers } from './makers.ts';

const [ours = '', theirs = ''] = Object.keys(makers);

/** Nanoseconds, by the names of the makers. */
type Added = Readonly<Record<string, number>>;

export const oneMore: OwnMeasurement = {
  title: 'One more callback',
  how: "The time of an event with so many callbacks, less that of the same trainer or emitter without any right before or after it, for each of them. An event is a step that is awaited; the others emit an object of the same shape and await as much. All of one size run in turns. A process tells the median of many short rounds; as the compiler makes something else of the same code in each, there are several, and told is their median with the least and the most. The target is of the processes' own ratios: held where the 95% interval of their median is.",
  measure: async ({ quick }) => {
    const rows: Row[] = [];
    for (const listeners of [1, 10, 100]) {
      const times = Math.round(4_000 / (listeners + 19));
      const told: Added[] = [];
      for (let count = 0; count < (quick ? 3 : 15); count++)
        told.push(await addedInOwnProcess({ listeners, rounds: 1_000, times }));
      const of = (name: string): number[] => told.map((added) => added[name] ?? NaN);
      const base = of(theirs);
      for (const name of Object.keys(makers)) {
        const { median, min, max } = spreadOf(of(name));
        const ratios = of(name).map((time, index) => time / (base[index] ?? NaN));
        const ratio = spreadOf(ratios);
        const figure = `${rounded(median)} ns [${rounded(min)} to ${rounded(max)}], ${ratio.median.toFixed(2)}x [${ratio.min.toFixed(2)} to ${ratio.max.toFixed(2)}]`;
        const target = name === ours ? { target: surelyAtMost(1.2, 'x', medianOf(ratios)) } : {};
        rows.push({ what: `one more of ${listeners}`, who: name, figure, ...target });
      }
    }
    return { rows };
  },
};

async function addedInOwnProcess(options: AddedTimesOptions): Promise<Added> {
  const child = fork(new URL('./added-in-own-process.js', import.meta.url), [JSON.stringify(options)]);
  const exited = once(child, 'exit');
  const told = await Promise.race([once(child, 'message'), exited.then(() => undefined)]);
  await exited;
  if (told === undefined) throw new Error('A process of the benchmark ended without a word.');
  return told[0] as Added;
}
