import { atMost, heldIf, type Row } from '../measurement.ts';
import type { OwnMeasurement } from '../print-chapters.ts';
import { ratioOf, ratioText, timedRounds, timesOf } from '../rounds.ts';
import { bare, rejecting } from './breakers.ts';

const what = 'a rejection while open, against a bare async call';

export const rejection: OwnMeasurement = {
  title: 'A call that is rejected',
  how: 'Every breaker opened by three failures, for an hour; the error is caught. A promise that is rejected before anybody awaits it, as by a throw in an async function, goes through Node’s records of unhandled rejections: `execute` rejects a microtask later, and does not.',
  measure: async ({ quick }) => {
    const contenders = await rejecting();
    const found = await timedRounds([bare, ...contenders], { rounds: quick ? 5 : 25, times: 20_000 });
    const base = timesOf(found, bare.name);
    const ratio = (name: string): number => ratioOf(timesOf(found, name), base);
    const half = Math.min(ratio('cockatiel'), ratio('opossum')) / 2;
    const rows = contenders.map(({ name }): Row => {
      const target = name === 'pitwall' ? { target: atMost(40, 'x', ratio(name), 'median') } : {};
      return { what, who: name, figure: ratioText(timesOf(found, name), base), ...target };
    });
    const beside: Row = {
      what: 'the same, beside the others',
      who: 'pitwall',
      figure: `${(ratio('pitwall') / (half * 2)).toFixed(2)} of the cheaper one's`,
      target: heldIf(ratio('pitwall') <= half, 'half of theirs'),
    };
    return { rows: [...rows, beside] };
  },
};
