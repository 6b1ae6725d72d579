import { take } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { defineCallback } from '../../src/callbacks/index.ts';
import type { JournalledEvent, RunEvent } from '../../src/events/index.ts';
import { withoutSteps } from '../../src/operators/index.ts';
import { hasStepless } from '../../src/operators/without-steps.ts';
import { testRun } from '../trainer/test-run.ts';
import { marbles } from './marbles.ts';
import { epochEnd, epochStart, step, trainingEnd } from './run-events.ts';

const events = { a: epochStart(1), s: step(1), b: epochEnd(1), c: trainingEnd() };

describe('withoutSteps', () => {
  it.each([
    ['never', '-', '-', '^'],
    ['empty', '---|', '---|', '^--!'],
    ['one', '-a-|', '-a-|', '^--!'],
    ['steps only', '-s-s|', '----|', '^---!'],
    ['many', '-asssb-sc|', '-a---b--c|', '^--------!'],
    ['an error of the source', '-as#', '-a-#', '^--!'],
  ])('takes %s', (_case, source, expected, subscription) => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const events$ = cold<RunEvent>(source, events);
      expectObservable(events$.pipe(withoutSteps())).toBe(expected, events);
      expectSubscriptions(events$.subscriptions).toBe(subscription);
    })();
  });

  it(
    'leaves its source when its subscriber leaves',
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const events$ = hot<RunEvent>('-as-b-c-', events);
      expectObservable(events$.pipe(withoutSteps()), '^---!').toBe('-a-', events);
      expectSubscriptions(events$.subscriptions).toBe('^---!');
    }),
  );

  it(
    'takes the stream that has no steps where there is one',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const events$ = cold<RunEvent>('-as-b|', events);
      const without$ = cold<JournalledEvent>('-a--b|', { a: events.a, b: events.b });
      hasStepless(events$, without$);
      expectObservable(events$.pipe(withoutSteps())).toBe('-a--b|', events);
      expectSubscriptions(events$.subscriptions).toBe([]);
      expectSubscriptions(without$.subscriptions).toBe('^----!');
    }),
  );
});

describe('withoutSteps of a run', () => {
  it('gives all that happens but the steps, after who hears them, and completes', async () => {
    const { trainer, types } = testRun({ epochs: 2 });
    const heard: string[] = [];
    const order: string[] = [];
    trainer.register(
      defineCallback('c', (run) => {
        run.events$.pipe(withoutSteps()).subscribe({
          next: ({ type }) => {
            heard.push(type);
            if (type === 'epoch:end') order.push('without steps');
          },
          complete: () => heard.push('complete'),
        });
        run.events$.subscribe(({ type }) => {
          if (type === 'epoch:end') order.push('with steps');
        });
      }),
    );

    await trainer.fit(async (epoch) => {
      await epoch.step(1);
    });

    expect(types()).toContain('step');
    expect(heard).toEqual([...types().filter((type) => type !== 'step'), 'complete']);
    expect(order).toEqual(['with steps', 'without steps', 'with steps', 'without steps']);
  });

  it('contains what its subscriber throws', async () => {
    const { trainer, of } = testRun();
    trainer.register(
      defineCallback('bad', (run) => {
        run.events$.pipe(withoutSteps()).subscribe(() => {
          throw new Error('boom');
        });
      }),
    );

    const { status } = await trainer.fit(() => undefined);

    expect(status).toBe('completed');
    expect(of('callback:error')).toMatchObject([{ callback: 'bad', error: { message: 'boom' } }]);
  });

  it('ends with an operator after it, and with the callback', async () => {
    const { trainer } = testRun({ epochs: 3 });
    const heard: string[] = [];
    const registered = trainer.register(
      defineCallback('c', (run) => {
        const told$ = run.events$.pipe(withoutSteps());
        told$.pipe(take(1)).subscribe({ next: ({ type }) => heard.push(type), complete: () => heard.push('taken') });
        told$.subscribe(({ type }) => heard.push(type));
      }),
    );

    await trainer.fit(({ epoch }) => {
      if (epoch === 1) registered.unregister();
    });

    expect(heard).toEqual(['run:start', 'taken', 'run:start', 'epoch:start']);
  });
});
