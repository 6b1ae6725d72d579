import { atMost, heldIf, type Row } from '../measurement.ts';
import type { OwnMeasurement } from '../print-chapters.ts';
import { ratioOf, ratioText, timedRounds, timesOf } from '../rounds.ts';
import { admitting, bare } from './breakers.ts';

const what = 'an admitted call, against a bare async call';

export const admittedCall: OwnMeasurement = {
  title: 'A call that is admitted',
  how: 'Every breaker with its defaults, closed; rounds of many calls, one breaker after the other in each round.',
  measure: async ({ quick }) => {
    const contenders = admitting();
    const found = await timedRounds([bare, ...contenders], { rounds: quick ? 5 : 25, times: 100_000 });
    const base = timesOf(found, bare.name);
    const ratio = (name: string): number => ratioOf(timesOf(found, name), base);
    const isAhead = ratio('pitwall') < Math.min(ratio('cockatiel'), ratio('opossum'));
    const rows = [bare, ...contenders].map(({ name }): Row => {
      const target = name === 'pitwall' ? { target: atMost(2.5, 'x', ratio(name), 'median') } : {};
      return { what, who: name, figure: ratioText(timesOf(found, name), base), ...target };
    });
    const ahead: Row = {
      what: 'the same, beside the others',
      who: 'pitwall',
      figure: isAhead ? 'the cheapest' : 'not the cheapest',
      target: heldIf(isAhead, 'ahead of cockatiel and opossum'),
    };
    return { rows: [...rows, ahead] };
  },
};
