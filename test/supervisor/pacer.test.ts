import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Pacer } from '../../src/supervisor/pacer.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A paced tree whose switches are kept with the moments at which they came. */
function paced() {
  const log: string[] = [];
  const began = performance.now();
  const at = (): number => Math.round(performance.now() - began);
  const pacer = new Pacer(
    { pause: () => log.push(`${at()} pause`), resume: () => log.push(`${at()} resume`) },
    () => performance.now() - began,
  );
  return { pacer, log };
}

describe('a pacer', () => {
  it('lets run for its share of each quarter of a second', () => {
    const { pacer, log } = paced();

    pacer.give(0.4);
    vi.advanceTimersByTime(600);

    expect(log).toEqual(['100 pause', '250 resume', '350 pause', '500 resume', '600 pause']);
    expect(pacer.pausedMs()).toBe(300);
  });

  it('takes another share at the next switch', () => {
    const { pacer, log } = paced();

    pacer.give(0.4);
    vi.advanceTimersByTime(50);
    pacer.give(0.8);
    vi.advanceTimersByTime(350);

    expect(log).toEqual(['100 pause', '150 resume', '350 pause', '400 resume']);
  });

  it.each([
    [
      'by stop',
      (pacer: Pacer): void => {
        pacer.stop();
      },
    ],
    [
      'by a whole share',
      (pacer: Pacer): void => {
        pacer.give(1);
      },
    ],
  ])('lets run at once, and for good, %s', (_, end) => {
    const { pacer, log } = paced();

    pacer.give(0.1);
    vi.advanceTimersByTime(100);
    end(pacer);
    vi.advanceTimersByTime(1_000);

    expect(log).toEqual(['25 pause', '100 resume']);
    expect(pacer.share).toBe(1);
    expect(pacer.pausedMs()).toBe(75);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('resumes nothing that it has not paused', () => {
    const { pacer, log } = paced();

    pacer.stop();
    pacer.give(1);

    expect(log).toEqual([]);
  });

  it('holds for so long at most, whatever its share is, and says when that is over', () => {
    const { pacer, log } = paced();
    const over = vi.fn();

    pacer.hold(80, over);
    vi.advanceTimersByTime(79);
    expect(over).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);

    expect(log).toEqual(['0 pause', '80 resume']);
    expect(over).toHaveBeenCalledTimes(1);
    expect(pacer.pausedMs()).toBe(80);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('lets go on what is held, and a later hold takes an earlier one’s place', () => {
    const { pacer, log } = paced();
    const [first, second, third] = [vi.fn(), vi.fn(), vi.fn()];

    pacer.hold(50, first);
    vi.advanceTimersByTime(30);
    pacer.hold(50, second);
    vi.advanceTimersByTime(30);
    pacer.hold(0, third);
    vi.advanceTimersByTime(1_000);

    expect(log).toEqual(['0 pause', '60 resume']);
    expect([first, second, third].map((over) => over.mock.calls.length)).toEqual([0, 0, 1]);
  });

  it('runs only where neither its share nor a hold stops it', () => {
    const { pacer, log } = paced();

    pacer.give(0.4); // paused from 100 to 250, from 350 to 500
    vi.advanceTimersByTime(50);
    pacer.hold(100, () => undefined); // to 150
    vi.advanceTimersByTime(270);
    pacer.hold(100, () => undefined); // from 320 to 420
    pacer.give(1);
    vi.advanceTimersByTime(30);
    pacer.stop();
    vi.advanceTimersByTime(1_000);

    expect(log).toEqual(['50 pause', '250 resume', '320 pause', '350 resume']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('knows how much of a time it was paused', () => {
    const { pacer } = paced();
    pacer.give(0.4); // paused from 100 to 250, from 350 to 500, and from 600 on
    vi.advanceTimersByTime(620);

    expect([0, 100, 200, 300, 400, 550, 610, 620].map((ms) => pacer.pausedSinceMs(ms))).toEqual([
      320, 320, 220, 170, 120, 20, 10, 0,
    ]);
  });

  it('knows so too of what lies hours back', () => {
    let nowMs = 0;
    const pacer = new Pacer({ pause: () => undefined, resume: () => undefined }, () => nowMs);
    for (let period = 0; period < 4 * 3_600 * 3; period++) {
      pacer.hold(1_000, () => undefined);
      nowMs += 225;
      pacer.hold(0, () => undefined);
      nowMs += 25;
    }

    const hoursMs = 3 * 3_600_000;
    expect(pacer.pausedSinceMs(0)).toBe(0.9 * hoursMs);
    for (let sinceMs = 0; sinceMs < hoursMs; sinceMs += 411_000) {
      const pausedMs = 0.9 * (hoursMs - sinceMs);
      // To a pause or two.
      expect(Math.abs(pacer.pausedSinceMs(sinceMs) - pausedMs)).toBeLessThan(500);
    }
  });
});
