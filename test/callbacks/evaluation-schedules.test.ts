import fc from 'fast-check';
import { Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { evaluation } from '../../src/callbacks/evaluation.ts';
import type { Executor } from '../../src/executors/index.ts';
import { EvaluationError } from '../../src/sla/index.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { expectConserved, FakeRun } from './fake-run.ts';

type Move =
  | 'request'
  | 'request with a bad input'
  | 'answer'
  | 'fail'
  | 'complete empty'
  | 'open'
  | 'reset'
  | 'stop'
  | 'unregister';

const move = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Move>('request') },
  { weight: 4, arbitrary: fc.constantFrom<Move[]>('answer', 'fail', 'complete empty') },
  { weight: 2, arbitrary: fc.constantFrom<Move[]>('open', 'reset', 'request with a bad input') },
  { weight: 1, arbitrary: fc.constantFrom<Move[]>('stop', 'unregister') },
);
const kinds = ['takes aborts', 'takes none', 'answers at once'] as const;

describe('any schedule of requests and ends', () => {
  it.each(['latest', 'skip', 'queue', 'cancel', 'parallel'] as const)(
    '%s: every request comes to one end',
    (overlap) => {
      fc.assert(
        fc.property(
          fc.array(fc.record({ move, nth: fc.nat(5) }), { maxLength: 60 }),
          fc.constantFrom(...kinds),
          (moves, kind) => {
            const run = new FakeRun(new VirtualClock());
            const running: { next(): void; fail(error: unknown): void; complete(): void }[] = [];
            let most = 0;
            const executor: Executor = (job) =>
              new Observable((subscriber) => {
                const execution = {
                  next: () => {
                    subscriber.next('r');
                    subscriber.complete();
                  },
                  fail: (error: unknown) => {
                    subscriber.error(error);
                  },
                  complete: () => {
                    subscriber.complete();
                  },
                };
                running.push(execution);
                most = Math.max(most, running.length);
                subscriber.add(() => running.splice(running.indexOf(execution), 1));
                if (kind === 'answers at once') execution.next();
                else if (kind === 'takes aborts')
                  subscriber.add(
                    job.onAbort((reason) => {
                      if (typeof reason !== 'string') execution.fail(EvaluationError.ofViolation(reason));
                    }),
                  );
              });
            let badInput = false;
            const callback = evaluation({
              name: 'vs',
              every: 1,
              overlap,
              input: () => {
                if (badInput) throw new Error('bad input');
              },
              executor: Object.assign(executor, { slots: 2 }),
            });
            const subscription = run.connect(callback);

            let epoch = 0;
            const request = (bad: boolean): void => {
              badInput = bad;
              run.epochEnd(++epoch);
            };
            for (const { move: each, nth } of moves) {
              const execution = running[nth % Math.max(1, running.length)];
              if (each === 'request') request(false);
              else if (each === 'request with a bad input') request(true);
              else if (each === 'answer') execution?.next();
              else if (each === 'fail') execution?.fail(new Error('broken'));
              else if (each === 'complete empty') execution?.complete();
              else if (each === 'open') callback.breaker!.forceOpen();
              else if (each === 'reset') callback.breaker!.reset();
              else if (each === 'stop') run.cancel('stopped');
              else subscription!.unsubscribe();
            }
            while (running[0] !== undefined) running[0].next();

            expect(most).toBeLessThanOrEqual(overlap === 'parallel' ? 2 : 1);
            expectConserved(run);
          },
        ),
        { numRuns: 150 },
      );
    },
  );
});
