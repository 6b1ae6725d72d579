import { describe, expect, it } from 'vitest';
import { drawnBar } from '../../src/observability/drawn-bar.ts';

describe('a drawn bar', () => {
  it.each([
    [0, '░░░░'],
    [0.5, '██░░'],
    [0.53125, '██▏░'],
    [1, '████'],
    [7, '████'],
    [-1, '░░░░'],
  ])('of %d is %s', (part, bar) => {
    expect(drawnBar(part, 4)).toBe(bar);
  });
});
