// Makes its held-out points when it is loaded: that takes a while, and a warm process does it once.
import { defineEvaluator } from 'pitwall/evaluator';
import { pointsOf, shareOfRight } from './threshold.ts';

const points = pointsOf(1_000_000);
let served = 0; // what a module keeps, the next evaluation finds

export default defineEvaluator(({ threshold }: { readonly threshold: number }, { item }) =>
  item('all points', () => {
    served++;
    return { accuracy: shareOfRight(points, threshold), served, pid: process.pid };
  }),
);
