import { NEVER } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Desk } from '../../src/callbacks/index.ts';
import { evaluationEvent, part, testRun, turn } from './test-run.ts';

/** A run whose one callback holds it, at the event of that type, until the function `done` is called. */
function heldAt(type: string) {
  const { trainer, events, types } = testRun();
  const steps: { done?: () => void; desk?: Desk } = {};
  trainer.register(
    part('holder', (run, desk) => {
      steps.desk = desk;
      run.events$.subscribe((event) => {
        if (event.type === type) desk.hold(new Promise<void>((resolve) => (steps.done = resolve)));
      });
      return NEVER;
    }),
  );
  let isOver = false;
  const fitted = trainer.fit((epoch) => epoch.step(1)).finally(() => (isOver = true));
  return { fitted, events, types, steps, isOver: () => isOver };
}

describe('what holds a run', () => {
  // Elsewhere a final evaluation is dropped, and a file that is written beside the training is not told.
  it.each(['epoch:end', 'training:end'])(
    'from %s on holds run:end, so that what it tells comes before',
    async (type) => {
      const { fitted, types, steps } = heldAt(type);
      await turn();
      expect(types().at(-1)).toBe('training:end');

      steps.desk?.publish({ type: 'checkpoint', epoch: 1, step: 1, path: 'late', hash: 'h' });
      steps.done?.();
      await fitted;

      expect(types().slice(-3)).toEqual(['training:end', 'checkpoint', 'run:end']);
    },
  );

  it('from run:end on holds the outcome only', async () => {
    const { fitted, types, steps, isOver } = heldAt('run:end');
    await turn();
    expect([types().at(-1), isOver()]).toEqual(['run:end', false]);

    steps.done?.();
    await fitted;

    expect(types().at(-1)).toBe('run:end');
  });

  it('may ask for an evaluation before it lets go, which is drained too', async () => {
    const { fitted, types, steps, isOver } = heldAt('training:end');
    await turn();

    steps.desk?.publish(evaluationEvent('requested'));
    steps.done?.();
    await turn();
    expect([types().at(-1), isOver()]).toEqual(['evaluation:requested', false]);

    steps.desk?.publish(evaluationEvent('completed'));
    await fitted;

    expect(types().slice(-2)).toEqual(['evaluation:end', 'run:end']);
  });
});
