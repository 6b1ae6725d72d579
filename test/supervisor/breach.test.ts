import { describe, expect, it } from 'vitest';
import { breachOf, type BreachFacts } from '../../src/supervisor/breach.ts';
import type { Broken } from '../../src/supervisor/limits.ts';
import { emptyLetters } from '../../src/wire/index.ts';

const overall: Broken = { rule: 'evaluationTimeMs', limit: 300, observed: 301, overdueMs: 1 };
const facts: BreachFacts = {
  letters: emptyLetters,
  sinceStartMs: 301,
  killedAt: 1301,
  goneAt: 1305,
  starved: false,
  peakMemoryMb: null,
  pausedMs: 0,
};
const running = { name: 'game 3', startedMs: 0 };

describe('the sentence of a broken limit', () => {
  it.each([
    [0, null, 'before any item'],
    [1, null, 'after 1 item'],
    [2, null, 'after 2 items'],
    [1, running, 'in "game 3"'],
  ])('with %i items done and %o running says where it was', (done, running, where) => {
    const { message } = breachOf(overall, { ...facts, letters: { ...emptyLetters, done, running } });

    expect(message).toBe(`The evaluation ran 301 ms, the limit is 300 ms (evaluationTimeMs), ${where}.`);
  });

  it.each([
    [0, 'after 0 items'],
    [1, 'after 1 item'],
    [2, 'after 2 items'],
  ])('of an item with %i done before it says after how many', (done, after) => {
    const broken: Broken = { ...overall, rule: 'itemTimeMs' };
    const { message } = breachOf(broken, { ...facts, letters: { ...emptyLetters, done, running } });

    expect(message).toBe(`The item "game 3" ran 301 ms, the limit is 300 ms (itemTimeMs), ${after}.`);
  });

  it.each([
    [416.4, '416'],
    [400.2, '400.2'],
    [400.03, '400.03'],
  ])('of memory shows that %d MB are above the limit', (observed, told) => {
    const { message } = breachOf({ rule: 'memoryMb', limit: 400, observed }, facts);

    expect(message).toMatch(`The evaluation's processes held ${told} MB, the limit is 400 MB (memoryMb)`);
  });

  it.each([
    [0, 'meanwhile'],
    [5, 'while it was not paused'],
  ])('of an evaluation that got little of a core, paused for %i ms, says so, whatever it runs in', (pausedMs, when) => {
    const { message, starved } = breachOf(overall, { ...facts, starved: true, pausedMs });

    expect(starved).toBe(true);
    expect(message).toContain(
      `before any item; the evaluation got under 20% of a core ${when}: it waited, or none was free.`,
    );
  });
});
