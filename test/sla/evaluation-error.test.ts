import { expect, it } from 'vitest';
import { violationSentence } from '../../src/sla/index.ts';
import { violation } from './guarded.ts';

it.each([
  ['MB', 'memoryMb: 512.3 MB observed, the limit is 500 MB'],
  // A metric has none, and its sentence had the gap of one.
  ['', 'memoryMb: 512.3 observed, the limit is 500'],
])('says a violation in the unit %j', (unit, sentence) => {
  expect(violationSentence(violation('abort', { rule: 'memoryMb', limit: 500, observed: 512.34, unit }))).toBe(
    sentence,
  );
});
