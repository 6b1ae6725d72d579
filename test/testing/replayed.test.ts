import { filter, interval, map, tap } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { defineCallback, evaluation, reduceOnPlateau, stop } from '../../src/callbacks/index.ts';
import type { RunEvent } from '../../src/events/index.ts';
import { maxMemory, maxTime, violationOf, type Safeguard } from '../../src/sla/index.ts';
import {
  fakeExecutor,
  fakeTrainer,
  marbles,
  pitwallMatchers,
  replayed,
  VirtualClock,
} from '../../src/testing/index.ts';
import { failureOf } from './failure-of.ts';

expect.extend(pitwallMatchers);

const hourMs = 3_600_000;

/** Three epochs of an hour. The second evaluation takes 600 MB after 20 ms, the third takes 300 ms. */
async function record(): Promise<readonly RunEvent[]> {
  const { clock, register, run } = fakeTrainer([3, 2, 1].map((loss) => ({ stepMs: hourMs, metrics: { loss } })));
  const executor = fakeExecutor<number>(
    ({ input }) => [
      { atMs: 20, sample: input === 2 ? 600 : 200 },
      { atMs: input * 100, result: input },
    ],
    { clock },
  );
  register(evaluation({ name: 'e', every: 1, executor, input: ({ epoch }) => epoch }));
  const { events } = await run();
  return events.filter(({ type }) => type !== 'step'); // as a journal has it
}

describe('replayed', async () => {
  const journal = await record();
  const [first = '', second = ''] = replayed(journal).evaluations.map(({ evaluationId }) => evaluationId);

  it('says what a safeguard would have told, with the time of it', () => {
    const { violationsBy, evaluations } = replayed(journal);

    expect(evaluations.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
    expect(violationsBy(maxMemory(500))).toEqual([
      expect.objectContaining({ rule: 'memoryMb', evaluationId: second, observed: 600, observedAt: 20 }),
    ]);
    expect(violationsBy(maxTime(250))).toMatchObject([{ evaluationId: evaluations[2]?.evaluationId }]);
    expect(violationsBy(maxMemory(700))).not.toViolate('memoryMb');
  });

  it('leaves a safeguard that never ends when the evaluation has ended', () => {
    const ticking: Safeguard = (guarded) =>
      interval(40, guarded.scheduler).pipe(
        map((count) => violationOf(guarded, { rule: 'tick', limit: 0, observed: count, unit: '', action: 'warn' })),
      );

    expect(replayed(journal).violationsBy(ticking).filter(({ evaluationId }) => evaluationId === first)).toHaveLength(2); // prettier-ignore
  });

  it('gives what a safeguard throws', () => {
    const broken: Safeguard = ({ samples$ }) =>
      samples$.pipe(
        tap(() => {
          throw new RangeError('broken');
        }),
      ) as never;

    expect(failureOf(() => replayed(journal).violationsBy(broken))).toMatchObject({ message: 'broken' });
  });

  it('gives run and evaluations in the time of a marble test', () => {
    marbles(({ scheduler, expectViolations, expectObservable }) => {
      const { run$, guarded } = replayed(journal, { scheduler });
      expectViolations(maxMemory(500), guarded(second)).toBe('- 19ms v 179ms |');
      const ends$ = run$.pipe(
        filter((event) => event.type === 'epoch:end'),
        map(({ epoch }) => String(epoch)),
      );
      expectObservable(ends$).toBe('60m 1 3599999ms 2 3599999ms 3 299ms |');
    });
  });

  it('says what a callback would have done, and when', async () => {
    const seen: unknown[] = [];
    const plateau = defineCallback<{ loss: number }>('plateau', (run) =>
      run.events$.pipe(
        tap((event) => {
          if (event.type === 'evaluation:end') {
            seen.push([run.state.metrics, run.state.evaluationsInFlight.length, run.state.evaluations.completed]);
            run.emit({ name: 'seen', value: event.epoch });
          }
        }),
        filter((event) => event.type === 'epoch:end' && event.epoch === 2),
        map(() => stop('enough')),
      ),
    );

    const { directives, events, errors } = await replayed(journal).heardOf(plateau);

    const startedAt = journal[0]?.at ?? 0;
    expect(directives).toEqual([{ at: startedAt + 2 * hourMs, directive: stop('enough') }]);
    expect(events).toEqual([1, 2, 3].map((value) => ({ type: 'custom', name: 'seen', value })));
    expect(seen).toEqual([[{ loss: 3 }, 0, 1], [{ loss: 2 }, 0, 2], [{ loss: 1 }, 0, 3]]); // prettier-ignore
    expect(errors).toEqual([]);
  });

  it('says what a callback would have scaled', async () => {
    const plateau = reduceOnPlateau({ metric: 'loss', mode: 'max', patience: 1, factor: 0.5 }); // the loss falls

    const { directives, events } = await replayed(journal).heardOf(plateau);

    expect(directives.map(({ directive }) => directive)).toMatchObject([
      { kind: 'scale', name: 'learningRate', factor: 0.5 },
      { kind: 'scale', name: 'learningRate', factor: 0.5 },
    ]);
    expect(events).toEqual([]);
  });

  it('waits for async hooks, and tells what fails', async () => {
    const ended: number[] = [];
    const { heardOf } = replayed(journal);
    const broken = defineCallback('broken', () => {
      throw new Error('no disk');
    });
    expect((await heardOf(broken)).errors).toEqual([expect.objectContaining({ message: 'no disk' })]);

    const { errors } = await heardOf({
      name: 'saver',
      onEpochEnd: async ({ epoch }) => {
        await Promise.resolve();
        ended.push(epoch);
        if (epoch === 2) throw new Error('disk full');
      },
    });

    expect(ended).toEqual([1, 2, 3]);
    expect(errors).toEqual([expect.objectContaining({ message: 'disk full' })]);
  });

  it.each(['.pitwall/run-1', undefined])('refuses %j', (given) => {
    expect(failureOf(() => replayed(given as never)).message).toMatch(
      /^replayed\(journal\) must get the events of a run/,
    );
  });

  it('refuses an evaluation that the record has not, and what has no time to pass in', () => {
    const time = { clock: new VirtualClock() };
    expect(failureOf(() => replayed(journal, time).guarded('e-9')).message).toContain('no evaluation "e-9"');
    expect(failureOf(() => replayed(journal).guarded(first)).message).toContain('must get the time it runs in');
    expect(failureOf(() => replayed(journal).run$).message).toContain('must get the time it runs in');
  });
});
