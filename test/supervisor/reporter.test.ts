import { describe, expect, it } from 'vitest';
import { Reporter } from '../../src/supervisor/reporter.ts';
import { emptyLetters } from '../../src/wire/index.ts';

const reporter = new Reporter('one', () => true);

describe('what an evaluation told and nobody has seen', () => {
  it.each([
    [1000, []],
    [1001, [{ what: 'progress', count: 1001 }]],
  ])('of %i calls of progress is a flood of %j', (progressCount, dropped) => {
    expect(reporter.dropped({ ...emptyLetters, progressCount })).toEqual(dropped);
  });

  it.each([
    [0, []],
    [1, [{ what: 'partial results', count: 1 }]],
  ])('of %i partial results that were replaced is %j', (droppedPartials, dropped) => {
    expect(reporter.dropped({ ...emptyLetters, droppedPartials })).toEqual(dropped);
  });
});
