import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../src/events/index.ts';
import { abandonedEnd, Bookings } from '../../src/trainer/bookings.ts';
import { emptyRunFold, foldRun } from '../../src/trainer/run-fold.ts';
import { evaluationEvent } from './test-run.ts';

const fold = (events: readonly object[]) =>
  events.reduce((state: typeof emptyRunFold, event) => foldRun(state, event as RunEvent), emptyRunFold);
const kinds = ['requested', 'completed', 'cancelled', 'skipped', 'progress'] as const;

describe('foldRun', () => {
  it('follows epochs and metrics, an interrupted epoch not', () => {
    const state = fold([
      { type: 'epoch:start', epoch: 1 },
      { type: 'epoch:end', epoch: 1, metrics: { loss: 2 } },
      { type: 'epoch:start', epoch: 2 },
      { type: 'epoch:end', epoch: 2, metrics: {}, interrupted: true },
    ]);
    expect(state).toMatchObject({ epoch: 2, epochsEnded: 1, metrics: { loss: 2 } });
  });

  it('counts an evaluation once, at its first end', () => {
    const state = fold([
      evaluationEvent('requested', 'a'),
      evaluationEvent('requested', 'a'),
      evaluationEvent('requested', 'b'),
      evaluationEvent('completed', 'a'),
      evaluationEvent('cancelled', 'a'),
      evaluationEvent('skipped', 'never'),
    ]);
    expect(state.evaluationsInFlight).toEqual(['b']);
    expect(state.evaluations).toEqual({ requested: 2, completed: 1, violated: 0, failed: 0, cancelled: 0, skipped: 0 });
  });

  it('conserves: requested = ended + in flight, whatever comes', () => {
    const anyEvent = fc
      .tuple(fc.constantFrom(...kinds), fc.constantFrom('a', 'b', 'c'))
      .map(([kind, id]) => evaluationEvent(kind, id));
    fc.assert(
      fc.property(fc.array(anyEvent), (events) => {
        const { evaluations, evaluationsInFlight } = fold(events);
        const { requested, ...ended } = evaluations;
        expect(requested).toBe(
          Object.values(ended).reduce((sum, count) => sum + count, 0) + evaluationsInFlight.length,
        );
      }),
    );
  });
});

describe('Bookings', () => {
  it('admits one end for each request, and nothing after it', () => {
    const bookings = new Bookings<string>();
    const admitted = (kind: (typeof kinds)[number]) => bookings.admit(evaluationEvent(kind), 'me', true);
    expect(admitted('progress')).toBe(false);
    expect(admitted('requested')).toBe(true);
    expect(admitted('requested')).toBe(false);
    expect(admitted('progress')).toBe(true);
    expect(bookings.of('me')).toEqual([{ evaluationId: 'e1', name: 'vs-random', epoch: 1, step: 1 }]);
    expect(bookings.of('you')).toEqual([]);
    expect(admitted('skipped')).toBe(true);
    expect(admitted('completed')).toBe(false);
    expect(admitted('progress')).toBe(false);
    expect(bookings.size).toBe(0);
  });

  it('lets one that may begin nothing more only finish', () => {
    const bookings = new Bookings<string>();
    const violation = { evaluationId: 'e1' } as never;
    bookings.admit(evaluationEvent('requested'), 'me', true);
    expect(bookings.admit(evaluationEvent('requested', 'e2'), 'me', false)).toBe(false);
    expect(bookings.admit({ type: 'custom', name: 'x', value: 0 }, 'me', false)).toBe(false);
    expect(bookings.admit({ type: 'sla:violation', violation }, 'me', false)).toBe(true);
    expect(bookings.admit(abandonedEnd(bookings.of('me')[0]!), 'me', false)).toBe(true);
    expect(bookings.admit({ type: 'sla:violation', violation }, 'me', false)).toBe(false);
  });
});
