import { EMPTY, Observable } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { defineCallback, stop, type Desk, type Directive, type Governed } from '../../src/callbacks/index.ts';
import { RunStoppedError } from '../../src/trainer/index.ts';
import { evaluationEvent, part, testRun, turn } from './test-run.ts';

/** A part that is asked for an evaluation at once, and whose desk the test holds. */
function evaluating() {
  const told: { desk?: Desk; reasons: string[] } = { reasons: [] };
  const callback = part('vs-random', (_, desk) => {
    told.desk = desk;
    desk.cancel$.subscribe((reason) => told.reasons.push(reason));
    desk.publish(evaluationEvent('requested'));
  });
  return { callback, told };
}

/** An evaluation that takes orders to pause, of which nothing was measured. */
const unhurried: Governed = {
  evaluationId: 'a',
  name: 'vs-random',
  rule: { limit: 5, action: 'throttle' },
  pace: () => true,
  tell: () => undefined,
  onImpact: () => undefined,
  abort: () => undefined,
};

describe('trainer.stop', () => {
  it('lets the present step end, and rejects the next without calling it', async () => {
    const { trainer, of } = testRun({ epochs: 4 });
    const calls: number[] = [];
    const outcome = await trainer.fit(async (epoch) => {
      const value = await epoch.step(async () => {
        calls.push(1);
        if (epoch.epoch === 2) trainer.stop('Ctrl-C');
        await turn();
        return 'done';
      });
      expect(value).toBe('done');
      await epoch.step(() => calls.push(2));
    });
    expect(calls).toEqual([1, 2, 1]);
    expect(outcome).toMatchObject({ status: 'stopped', reason: 'Ctrl-C', epochs: 1, steps: 3 });
    expect(of('epoch:end')).toMatchObject([{ epoch: 1 }, { epoch: 2, interrupted: true, metrics: {} }]);
    expect(of('run:end')).toMatchObject([{ status: 'stopped', reason: 'Ctrl-C' }]);
  });

  it('rejects with RunStoppedError, again and again', async () => {
    const { trainer } = testRun();
    const errors: unknown[] = [];
    const work = vi.fn();
    await trainer.fit(async (epoch) => {
      trainer.stop('enough');
      await epoch.step(work).catch((error: unknown) => errors.push(error));
      await epoch.step(5).catch((error: unknown) => errors.push(error));
    });
    expect(work).not.toHaveBeenCalled();
    expect(errors).toHaveLength(2);
    expect(errors[0]).toBeInstanceOf(RunStoppedError);
    expect(errors[1]).toMatchObject({ code: 'RUN_STOPPED', reason: 'enough' });
    expect((errors[0] as Error).message).toMatch(/The run was stopped \(enough\)/);
  });

  it('ends an epoch as interrupted that swallowed the rejection, with what it gave', async () => {
    const { trainer, of } = testRun({ epochs: 2 });
    const outcome = await trainer.fit(async (epoch) => {
      trainer.stop('enough');
      await epoch.step(() => 1).catch(() => undefined);
      return { loss: 3 };
    });
    expect(of('epoch:end')).toMatchObject([{ metrics: { loss: 3 }, interrupted: true }]);
    expect(outcome).toMatchObject({ status: 'stopped', epochs: 0 });
  });

  it('lets an epoch end whole whose last step was done', async () => {
    const { trainer, of } = testRun({ epochs: 3 });
    const outcome = await trainer.fit(async (epoch) => {
      await epoch.step(() => undefined);
      trainer.stop('enough');
      return { loss: 1 };
    });
    expect(of('epoch:end')).toHaveLength(1);
    expect(of('epoch:end')[0]).not.toHaveProperty('interrupted');
    expect(outcome).toMatchObject({ status: 'stopped', epochs: 1 });
  });

  it('aborts the signal with the same error, and takes what comes of that for the stop', async () => {
    for (const fail of [
      (signal: AbortSignal): void => {
        signal.throwIfAborted();
      },
      (signal: AbortSignal): void => {
        throw new Error('wrapped', { cause: signal.reason });
      },
      (): void => {
        throw new DOMException('This operation was aborted', 'AbortError');
      },
    ]) {
      const { trainer } = testRun({ epochs: 3 });
      const outcome = await trainer.fit(({ signal }) => {
        expect(signal.aborted).toBe(false);
        trainer.stop('enough');
        expect(signal.reason).toBeInstanceOf(RunStoppedError);
        fail(signal);
      });
      expect(outcome).toMatchObject({ status: 'stopped', reason: 'enough' });
    }
  });

  it('does not hide another error that comes after it', async () => {
    const { trainer, of } = testRun();
    const boom = new Error('boom');
    await expect(
      trainer.fit(() => {
        trainer.stop('enough');
        throw boom;
      }),
    ).rejects.toBe(boom);
    expect(of('run:end')).toMatchObject([{ status: 'failed', error: { message: 'boom' } }]);
  });

  it('before the run lets no epoch begin', async () => {
    const { trainer, types } = testRun();
    trainer.stop('not today');
    const train = vi.fn();
    expect(await trainer.fit(train)).toMatchObject({ status: 'stopped', reason: 'not today', epochs: 0, steps: 0 });
    expect(train).not.toHaveBeenCalled();
    expect(types()).toEqual(['run:start', 'training:end', 'run:end']);
  });

  it('keeps the first reason of two', async () => {
    const { trainer } = testRun();
    const outcome = await trainer.fit(() => {
      trainer.stop('first');
      trainer.stop('second');
    });
    expect(outcome.reason).toBe('first');
  });

  it('cancels what runs beside at once, once, and waits for it', async () => {
    const { trainer, of } = testRun();
    const { callback, told } = evaluating();
    trainer.register(callback);
    const fitted = vi.fn();
    const done = trainer
      .fit(async (epoch) => {
        trainer.stop('Ctrl-C');
        expect(told.reasons).toEqual(['Ctrl-C']);
        trainer.stop('Ctrl-C again');
        await epoch.step(1);
      })
      .then((outcome) => (fitted(), outcome));
    await turn();
    expect(of('training:end')).toHaveLength(1);
    expect(fitted).not.toHaveBeenCalled();
    told.desk!.publish(evaluationEvent('cancelled'));
    expect(await done).toMatchObject({ status: 'stopped', evaluations: { requested: 1, cancelled: 1 } });
    expect(told.reasons).toEqual(['Ctrl-C']);
  });

  it('after training:end changes nothing but the reason told', async () => {
    const { trainer, of } = testRun();
    const { callback, told } = evaluating();
    trainer.register(callback);
    const done = trainer.fit(() => undefined);
    await turn();
    trainer.stop('late');
    expect(told.reasons).toEqual([]);
    told.desk!.publish(evaluationEvent('completed'));
    expect(await done).toMatchObject({ status: 'completed', reason: 'late', evaluations: { completed: 1 } });
    expect(of('run:end')).toMatchObject([{ status: 'completed', reason: 'late' }]);
  });

  it.each(['training:end', 'run:end'] as const)('is too late for the status as a directive at %s', async (type) => {
    const { trainer } = testRun();
    trainer.register(
      defineCallback('late', (run) => {
        return new Observable<Directive>((subscriber) => {
          run.events$.subscribe((event) => {
            if (event.type === type) subscriber.next(stop('late'));
          });
        });
      }),
    );
    const outcome = await trainer.fit(() => undefined);
    expect(outcome.status).toBe('completed');
    expect(outcome.reason).toBe(type === 'training:end' ? 'late' : undefined);
  });

  it('after the run does nothing', async () => {
    const { trainer, events } = testRun();
    const outcome = await trainer.fit(() => undefined);
    const count = events.length;
    trainer.stop('too late');
    expect(outcome).not.toHaveProperty('reason');
    expect(events).toHaveLength(count);
  });
});

describe('the drain', () => {
  it('waits for every evaluation in flight, also for one that is asked for meanwhile', async () => {
    const { trainer, of, types } = testRun();
    let desk: Desk | undefined;
    trainer.register(
      part('vs-random', (run, given) => {
        desk = given;
        run.events$.subscribe((event) => {
          if (event.type === 'training:end') desk!.publish(evaluationEvent('requested', 'a'));
          if (event.type === 'evaluation:end' && event.evaluationId === 'a')
            desk!.publish(evaluationEvent('requested', 'b'));
        });
      }),
    );
    const fitted = vi.fn();
    const done = trainer.fit(() => undefined).then((outcome) => (fitted(), outcome));
    await turn();
    expect(trainer.state.evaluationsInFlight).toEqual(['a']);
    desk!.publish(evaluationEvent('completed', 'a'));
    await turn();
    expect(fitted).not.toHaveBeenCalled();
    desk!.publish(evaluationEvent('skipped', 'b'));
    expect(await done).toMatchObject({
      status: 'completed',
      evaluations: { requested: 2, completed: 1, skipped: 1, cancelled: 0, failed: 0, violated: 0 },
    });
    expect(types().at(-1)).toBe('run:end');
    expect(of('evaluation:requested')).toHaveLength(2);
  });

  // Between the last end and run:end lay two microtasks, and the telling of what was not measured.
  it.each(
    ['training:end', 'evaluation:end', 'sla:unmeasured'].flatMap((type) =>
      [0, 1, 2, 3, 4].map((ticks): [number, string] => [ticks, type]),
    ),
  )(
    'takes or refuses what is asked for %i microtasks after %s, and run:end tells all of what it took',
    async (ticks, type) => {
      const { trainer, of, types } = testRun();
      const ticked = async (): Promise<void> => {
        for (let tick = 0; tick < ticks; tick++) await Promise.resolve();
      };
      let desk: Desk | undefined;
      trainer.register(
        part('vs-random', (run, given) => {
          desk = given;
          run.events$.subscribe((event) => {
            if (event.type === 'epoch:end') {
              given.govern(unhurried)?.leave();
              if (type !== 'training:end') given.publish(evaluationEvent('requested', 'a'));
            }
            // Of what is asked for, the end comes by itself.
            if (event.type === 'evaluation:requested')
              void turn().then(() => {
                given.publish(evaluationEvent('completed', event.evaluationId));
              });
            if (event.type !== type || of('evaluation:requested').some(({ evaluationId }) => evaluationId === 'b'))
              return;
            if (ticks === 0) given.publish(evaluationEvent('requested', 'b'));
            else
              void ticked().then(() => {
                given.publish(evaluationEvent('requested', 'b'));
              });
          });
        }),
      );

      const outcome = await trainer.fit(() => undefined);

      const requested = of('evaluation:requested').length;
      expect(of('run:end')[0]!.evaluations).toMatchObject({ requested, completed: requested });
      expect(outcome.evaluations).toEqual(of('run:end')[0]!.evaluations);
      expect(types().at(-1)).toBe('run:end');
      expect(types().filter((told) => told === 'sla:unmeasured')).toHaveLength(1);
      if (ticks === 0) expect(requested).toBe(type === 'training:end' ? 1 : 2);
      desk!.publish(evaluationEvent('requested', 'c'));
      expect(types().at(-1)).toBe('run:end');
    },
  );

  it('cancels at training:end where it was asked to', async () => {
    const { trainer } = testRun({ drain: 'cancel' });
    const { callback, told } = evaluating();
    trainer.register(callback);
    const done = trainer.fit(() => {
      expect(told.reasons).toEqual([]);
    });
    expect(await Promise.race([done, turn()])).toBeUndefined();
    expect(told.reasons).toEqual(['the training has ended, and drain is "cancel"']);
    told.desk!.publish(evaluationEvent('cancelled'));
    expect(await done).toMatchObject({ status: 'completed', evaluations: { cancelled: 1 } });
  });

  it('waits after a directive, as drain says', async () => {
    const { trainer } = testRun({ epochs: 3 });
    const { callback, told } = evaluating();
    trainer.register(callback);
    trainer.register(
      defineCallback(
        'plateau',
        (run) =>
          new Observable<Directive>((subscriber) =>
            run.events$.subscribe((event) => {
              if (event.type === 'epoch:end') subscriber.next(stop('plateau'));
            }),
          ),
      ),
    );
    const done = trainer.fit(() => undefined);
    await turn();
    expect(told.reasons).toEqual([]);
    told.desk!.publish(evaluationEvent('completed'));
    expect(await done).toMatchObject({
      status: 'stopped',
      reason: 'plateau',
      epochs: 1,
      evaluations: { completed: 1 },
    });
  });

  it('is not held by an evaluation that is asked for at run:end', async () => {
    const { trainer, of } = testRun();
    trainer.register(
      part('vs-random', (run, desk) => {
        run.events$.subscribe((event) => {
          if (event.type === 'run:end') desk.publish(evaluationEvent('requested'));
        });
        return EMPTY;
      }),
    );
    const outcome = await trainer.fit(() => undefined);
    expect(outcome.evaluations.requested).toBe(0);
    expect(of('evaluation:requested')).toEqual([]);
  });

  it('fails the run where a critical callback fails during it', async () => {
    const { trainer } = testRun();
    const { callback, told } = evaluating();
    trainer.register(callback);
    const boom = new Error('boom');
    trainer.register({
      name: 'gate',
      critical: true,
      onEvaluationEnd: () => {
        throw boom;
      },
    });
    const done = trainer.fit(() => undefined);
    await turn();
    told.desk!.publish(evaluationEvent('completed'));
    expect(await done).toMatchObject({ status: 'failed', error: boom, epochs: 1 });
  });
});
