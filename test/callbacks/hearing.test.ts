import { Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { hearing } from '../../src/callbacks/hearing.ts';
import type { RunEvent } from '../../src/events/index.ts';

const step = (number: number): RunEvent => ({
  type: 'step',
  at: number,
  runId: 'run',
  epoch: 1,
  step: number,
  durationMs: 1,
});
const epochStart = (epoch: number): RunEvent => ({ type: 'epoch:start', seq: epoch, at: epoch, runId: 'run', epoch });

function heardOf(hear: (event: RunEvent) => void = () => undefined) {
  const events$ = new Subject<RunEvent>();
  const heard: RunEvent[] = [];
  const notified: unknown[] = [];
  const subscription = hearing({ events$ }, (event) => {
    heard.push(event);
    hear(event);
  }).subscribe({
    error: (error: unknown) => notified.push(error),
    complete: () => notified.push('complete'),
  });
  return { events$, heard, notified, subscription };
}

describe('hearing', () => {
  it('hears all but the steps, and completes with the run', () => {
    const { events$, heard, notified } = heardOf();

    for (const event of [epochStart(1), step(1), step(2), epochStart(2), step(3)]) events$.next(event);
    events$.complete();

    expect(heard).toEqual([epochStart(1), epochStart(2)]);
    expect(notified).toEqual(['complete']);
    expect(events$.observed).toBe(false);
  });

  it('errors with what is thrown, and hears no more', () => {
    const error = new Error('cannot hear');
    const { events$, heard, notified } = heardOf(() => {
      throw error;
    });

    events$.next(epochStart(1));
    events$.next(epochStart(2));

    expect(heard).toEqual([epochStart(1)]);
    expect(notified).toEqual([error]);
    expect(events$.observed).toBe(false);
  });

  it('passes on the error of the run', () => {
    const { events$, notified } = heardOf();

    events$.error(new Error('broken'));

    expect(notified).toEqual([new Error('broken')]);
  });

  it('lets go of the run when it is unsubscribed from', () => {
    const { events$, heard, notified, subscription } = heardOf();

    subscription.unsubscribe();
    events$.next(epochStart(1));

    expect(heard).toEqual([]);
    expect(notified).toEqual([]);
    expect(events$.observed).toBe(false);
  });
});
