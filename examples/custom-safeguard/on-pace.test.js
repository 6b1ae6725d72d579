// The safeguard, tested with marbles: a character is a millisecond, a digit so many games done, v a violation that aborts.
import { marbles } from 'pitwall/testing';
import { describe, it } from 'vitest';
import { onPace } from './on-pace.js';

/** @param {number} done */
const of8 = (done) => ({ done, total: 8 });
const safeguard = onPace({ withinMs: 20 });

describe('onPace', () => {
  it('ends an evaluation as soon as it cannot finish in time', () => {
    marbles(({ progress, expectViolations }) => {
      const progress$ = progress('                   --1-2-3---4----5--', of8);
      expectViolations(safeguard, { progress$ }).toBe('---------------(v|)', { v: { rule: 'paceMs', observed: 24 } });
    });
  });

  it('does not judge by the first two games', () => {
    marbles(({ progress, expectViolations }) => {
      const progress$ = progress('                   ---1--23456-7-8|', of8);
      expectViolations(safeguard, { progress$ }).toBe('---------------|');
    });
  });

  it('leaves alone what tells no total', () => {
    marbles(({ progress, expectViolations }) => {
      expectViolations(safeguard, { progress$: progress('- 50ms 3-|') }).toBe('- 50ms --|');
    });
  });

  it('counts from the start of the work, and waits no longer than its evaluation', () => {
    marbles(({ hot, progress, expectViolations, expectSubscriptions }) => {
      const started$ = hot('                         -----(s|)', { s: undefined });
      const progress$ = progress('                   ---------3--4--5--6', of8);
      expectViolations(safeguard, { started$, progress$ }, '  ^-----------------!').toBe('-');
      expectSubscriptions(progress$).toBe('          -----^------------!');
    });
  });
});
