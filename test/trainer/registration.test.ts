import { EMPTY, Observable, throwError } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import {
  bestCheckpoint,
  checkpoint,
  defineCallback,
  type Desk,
  type Directive,
  type Run,
  type RunState,
} from '../../src/callbacks/index.ts';
import type { EventBody, RunEvent } from '../../src/events/index.ts';
import { unmeasuredUsage } from '../unmeasured-usage.ts';
import { evaluationEvent, part, testRun, turn } from './test-run.ts';

describe('register', () => {
  it.each([
    [undefined, 'trainer.register(…) must get a callback or an object of hooks with a name, but undefined came.'],
    [
      () => undefined,
      'trainer.register(…) must get a callback or an object of hooks with a name, but a function came.',
    ],
    [{ onStep: () => undefined }, /A callback must have a name, a string that is not empty, but undefined came/],
    [{ name: '', connect: () => undefined }, /A callback must have a name/],
    [{ name: 'h', onEpochFinish: () => undefined }, /unknown hook "onEpochFinish"/],
    [{ name: 'h', onEpochStrat: () => undefined }, /did you mean "onEpochStart"\?/],
    [{ name: 'h' }, /The callback "h" must have at least one hook/],
  ])('says in one sentence what is wrong with %o', (callback, sentence) => {
    expect(() => testRun().trainer.register(callback as never)).toThrow(sentence);
  });

  it('takes each name once', () => {
    const { trainer } = testRun();
    const callback = { name: 'printer', onStep: () => undefined };
    const { unregister } = trainer.register(callback);
    expect(() => trainer.register(defineCallback('printer', () => undefined))).toThrow(
      'A callback named "printer" is registered already: give each its own name, or unregister the other before.',
    );
    unregister();
    expect(() => trainer.register(callback)).not.toThrow();
  });

  it('takes each folder of checkpoint files once, but for another extension', () => {
    const { trainer } = testRun();
    const save = (): string => '';
    const last = checkpoint({ path: 'saved/run', keep: 3, save });
    const { unregister } = trainer.register(last);
    const best = checkpoint({ name: 'best', path: './saved/run/', metric: 'loss', keep: 1, save });
    expect(() => trainer.register(best)).toThrow(
      `The callbacks "checkpoint" and "best" would overwrite each other's files in the folder ./saved/run/: give each its own path.`,
    );
    expect(() => trainer.register(bestCheckpoint({ path: 'saved/run', metric: 'loss' }))).toThrow(
      /would overwrite each other's files/,
    );
    expect(() =>
      trainer.register(checkpoint({ name: 'state', path: 'saved/run', extension: 'json', save })),
    ).not.toThrow();
    expect(() => trainer.register(checkpoint({ name: 'other', path: 'saved/other', save }))).not.toThrow();
    unregister();
    expect(() => trainer.register(best)).not.toThrow();
  });

  it('is refused after the run', async () => {
    const { trainer } = testRun();
    await trainer.fit(() => undefined);
    expect(() => trainer.register({ name: 'late', onStep: () => undefined })).toThrow(
      'The run has ended, so "late" cannot be registered: register before or during it.',
    );
  });

  it('tells in run:start what each was made of', async () => {
    const { trainer, events } = testRun();
    trainer.register({ name: 'vs-random', config: { sla: false }, connect: () => undefined });
    trainer.register({ name: 'printer', onStep: () => undefined });
    await trainer.fit(() => undefined);
    expect(events[0]).toMatchObject({
      type: 'run:start',
      seq: 1,
      config: { journal: false, drain: 'wait', callbacks: { 'vs-random': { sla: false }, printer: {} } },
    });
  });

  it('gives a callback the run', async () => {
    const { trainer, clock } = testRun({ name: 'minishogi', epochs: 7, runId: 'r' });
    let run: Run | undefined;
    const histories: string[] = [];
    trainer.register(
      defineCallback('c', (given) => {
        run = given;
        given.history$.subscribe({
          next: ({ type }) => histories.push(type),
          complete: () => histories.push('complete'),
        });
      }),
    );
    await trainer.fit(() => undefined);
    expect(run).toMatchObject({ runId: 'r', name: 'minishogi', epochs: 7 });
    expect(run!.clock).toBe(clock);
    expect(histories).toEqual(['complete']);
  });

  it('keeps what is emitted while connecting behind run:start', async () => {
    const { trainer, types } = testRun();
    trainer.register(
      defineCallback('c', (run) => {
        run.emit({ name: 'early', value: 1 });
      }),
    );
    await trainer.fit(() => undefined);
    expect(types().slice(0, 3)).toEqual(['run:start', 'custom', 'epoch:start']);
  });

  it('delivers in the order of registration, and everything emitted meanwhile to all after it', async () => {
    const { trainer, types } = testRun();
    const order: string[] = [];
    const seen = (name: string) => (event: RunEvent) =>
      order.push(`${name} ${event.type === 'custom' ? event.name : event.type}`);
    trainer.register(
      defineCallback('a', (run) => {
        run.events$.subscribe(seen('a'));
        run.events$.subscribe((event) => {
          if (event.type === 'epoch:end') run.emit({ name: 'nested', value: 0 });
        });
      }),
    );
    trainer.register(defineCallback('b', (run) => void run.events$.subscribe(seen('b'))));
    await trainer.fit(() => undefined);
    expect(order.slice(4, 8)).toEqual(['a epoch:end', 'b epoch:end', 'a nested', 'b nested']);
    expect(types()).toEqual(['run:start', 'epoch:start', 'epoch:end', 'custom', 'training:end', 'run:end']);
  });
});

describe('a late callback', () => {
  it('gets events from the next seq, and reads where the run stands', async () => {
    const { trainer } = testRun({ epochs: 2 });
    const seen: RunEvent[] = [];
    let state: RunState | undefined;
    await trainer.fit(async (epoch) => {
      await epoch.step(1);
      if (epoch.epoch === 2)
        trainer.register(
          defineCallback('late', (run) => {
            state = run.state;
            run.events$.subscribe((event) => seen.push(event));
          }),
        );
      await epoch.step(1);
      return { loss: epoch.epoch };
    });
    expect(state).toMatchObject({ epoch: 2, step: 3, metrics: { loss: 1 }, evaluationsInFlight: [] });
    expect(seen.map((event) => event.type)).toEqual(['step', 'epoch:end', 'step:summary', 'training:end', 'run:end']);
  });

  it('that comes during a delivery gets nothing that has its seq already', async () => {
    const { trainer } = testRun();
    const seen: string[] = [];
    let epochAtConnect: number | undefined;
    trainer.register({
      name: 'early',
      onEpochStart: (_, { run }) => {
        run.emit({ name: 'before', value: 0 });
        trainer.register(
          defineCallback('late', (own) => {
            epochAtConnect = own.state.epoch;
            own.events$.subscribe((event) => seen.push(event.type === 'custom' ? event.name : event.type));
          }),
        );
        run.emit({ name: 'after', value: 0 });
      },
    });
    await trainer.fit(() => undefined);
    expect(epochAtConnect).toBe(1);
    expect(seen).toEqual(['after', 'epoch:end', 'training:end', 'run:end']);
  });

  it('may come and go in the same delivery', async () => {
    const { trainer } = testRun();
    const connect = vi.fn();
    trainer.register({
      name: 'early',
      onEpochStart: () => {
        trainer.register(defineCallback('late', connect)).unregister();
      },
    });
    await trainer.fit(() => undefined);
    expect(connect).not.toHaveBeenCalled();
  });
});

describe('unregister', () => {
  it('ends the callback at once, silently, and a second time does nothing', async () => {
    const { trainer, of } = testRun({ epochs: 2 });
    const seen: string[] = [];
    const torndown = vi.fn();
    let run: Run | undefined;
    const { unregister } = trainer.register(
      defineCallback('c', (given) => {
        run = given;
        given.events$.subscribe((event) => seen.push(event.type));
        return new Observable<Directive>(() => torndown);
      }),
    );
    await trainer.fit((epoch) => {
      if (epoch.epoch === 1) return;
      unregister();
      unregister();
      run!.emit({ name: 'ghost', value: 0 });
    });
    expect(seen).toEqual(['run:start', 'epoch:start', 'epoch:end', 'epoch:start']);
    expect(torndown).toHaveBeenCalledOnce();
    expect(of('callback:error')).toEqual([]);
    expect(of('custom')).toEqual([]);
  });

  it('before the run means that it was never there', async () => {
    const { trainer, events } = testRun();
    const connect = vi.fn();
    trainer.register(defineCallback('c', connect)).unregister();
    await trainer.fit(() => undefined);
    expect(connect).not.toHaveBeenCalled();
    expect(events[0]).toMatchObject({ config: { callbacks: {} } });
  });

  it('keeps the requests equal to the ends: what runs is cancelled, and its end is still told', async () => {
    const { trainer, of } = testRun();
    let desk: Desk | undefined;
    const torndown = vi.fn();
    const reasons: string[] = [];
    const { unregister } = trainer.register(
      part('vs-random', (_, given) => {
        desk = given;
        given.cancel$.subscribe((reason) => reasons.push(reason));
        return new Observable<Directive>(() => torndown);
      }),
    );
    const publish = (body: EventBody): void => {
      desk!.publish(body);
    };
    const outcome = await trainer.fit(async () => {
      publish(evaluationEvent('requested', 'e1'));
      unregister();
      expect(reasons).toEqual(['the callback "vs-random" was unregistered']);
      expect(torndown).not.toHaveBeenCalled();
      expect(trainer.state.evaluationsInFlight).toEqual(['e1']);
      publish(evaluationEvent('requested', 'e2')); // too late to begin anything
      publish(evaluationEvent('progress', 'e1'));
      await turn();
      publish(evaluationEvent('cancelled', 'e1'));
      publish(evaluationEvent('cancelled', 'e1'));
      publish(evaluationEvent('progress', 'e1'));
      expect(torndown).toHaveBeenCalledOnce();
    });
    expect(outcome.evaluations).toMatchObject({ requested: 1, cancelled: 1 });
    expect(of('evaluation:end')).toHaveLength(1);
    expect(of('evaluation:progress')).toHaveLength(1);
    expect(of('evaluation:requested')).toHaveLength(1);
  });

  it('is so too for a part that tells its ends when it is torn down', async () => {
    const { trainer, of } = testRun();
    trainer.register(
      part('vs-random', (run, desk) => {
        desk.publish(evaluationEvent('requested'));
        run.events$.subscribe((event) => {
          if (event.type === 'epoch:end') throw new Error('boom');
        });
        return new Observable<Directive>(() => () => {
          desk.publish(evaluationEvent('cancelled'));
        });
      }),
    );
    const outcome = await trainer.fit(() => undefined);
    expect(outcome.evaluations).toMatchObject({ requested: 1, cancelled: 1 });
    expect(of('callback:error')).toHaveLength(1);
  });

  it('is so too for a part that fails and tells nothing: the run tells the end itself', async () => {
    const { trainer, clock, of } = testRun();
    trainer.register(
      part('vs-random', (run, desk) => {
        desk.publish(evaluationEvent('requested'));
        run.events$.subscribe((event) => {
          if (event.type === 'epoch:end') throw new Error('boom');
        });
        return EMPTY;
      }),
    );
    const done = trainer.fit(() => undefined);
    await clock.virtual.advance(5_000);
    const outcome = await done;
    expect(outcome.evaluations).toMatchObject({ requested: 1, cancelled: 1 });
    expect(of('evaluation:end')).toMatchObject([
      { evaluationId: 'e1', name: 'vs-random', epoch: 1, status: 'cancelled', error: { code: 'CALLBACK_OVER' } },
    ]);
    expect(of('evaluation:end')[0]!.usage).toMatchObject({ wallMs: null, queuedMs: null });
  });

  it('is told with what its start has told of it, where that was told', async () => {
    const { trainer, clock, of } = testRun();
    trainer.register(
      part('vs-random', (_, desk) => {
        desk.publish(evaluationEvent('requested'));
        desk.publish({ ...evaluationEvent('requested'), type: 'evaluation:start', queuedMs: 7 } as EventBody);
        return throwError(() => new Error('boom'));
      }),
    );
    const done = trainer.fit(() => undefined);
    await clock.virtual.advance(5_000);
    await done;

    expect(of('evaluation:end')[0]!.usage).toEqual({ ...unmeasuredUsage, queuedMs: 7 });
  });

  it('is so too for one that floods', async () => {
    const { trainer } = testRun();
    trainer.register(
      part('vs-random', (run, desk) => {
        run.events$.subscribe((event) => {
          if (event.type !== 'epoch:end') return;
          desk.publish(evaluationEvent('requested'));
          for (let count = 0; count < 2_000; count++) desk.publish(evaluationEvent('progress'));
          desk.publish(evaluationEvent('cancelled'));
        });
      }),
    );
    const outcome = await trainer.fit(() => undefined);
    expect(outcome.evaluations).toMatchObject({ requested: 1, cancelled: 1 });
  });
});

describe('the desk', () => {
  it('publishes once for each type, rule and why', async () => {
    const { trainer, of } = testRun();
    const publishAll = (desk: Desk): void => {
      desk.publishOnce({ type: 'sla:unmeasured', rule: 'gpu', why: 'no GPU' });
      desk.publishOnce({ type: 'sla:unenforceable', rule: 'gpu', why: 'no GPU' });
    };
    trainer.register(part('a', (_, desk) => (publishAll(desk), publishAll(desk), undefined)));
    trainer.register(part('b', (_, desk) => (publishAll(desk), undefined)));
    await trainer.fit(() => undefined);
    expect(of('sla:unmeasured')).toHaveLength(1);
    expect(of('sla:unenforceable')).toHaveLength(1);
  });

  // What is told once was counted each time, and so was what an evaluation tells after its end.
  it('counts as emitted what comes into the run, and nothing else', async () => {
    const { trainer, of } = testRun();
    const repeat = (publish: () => void): void => {
      for (let time = 0; time < 1_001; time++) publish();
    };
    trainer.register(
      part('a', (run, desk) => {
        run.events$.subscribe(({ type }) => {
          if (type !== 'epoch:end') return;
          desk.publish(evaluationEvent('requested'));
          desk.publish(evaluationEvent('completed'));
          repeat(() => {
            desk.publish(evaluationEvent('progress'));
          });
          repeat(() => {
            desk.publishOnce({ type: 'sla:unmeasured', rule: 'gpu', why: 'no GPU' });
          });
          for (let number = 0; number < 997; number++) desk.publish({ type: 'custom', name: 'n', value: number });
        });
      }),
    );
    await trainer.fit(() => undefined);
    expect([of('custom').length, of('sla:unmeasured').length, of('evaluation:progress').length]).toEqual([997, 1, 0]);
    expect(of('callback:error')).toEqual([]);
  });

  it('tells the cancellation to those who ask later', async () => {
    const { trainer } = testRun();
    const reasons: string[] = [];
    await trainer.fit(() => {
      trainer.stop('enough');
      trainer.register(part('late', (_, desk) => void desk.cancel$.subscribe((reason) => reasons.push(reason))));
    });
    expect(reasons).toEqual(['enough']);
  });

  it('tells the folder, and an error that is survived', async () => {
    const { trainer, of } = testRun();
    let folder: string | undefined = 'unset';
    const seen: string[] = [];
    trainer.register(
      part('a', (run, desk) => {
        folder = desk.folder;
        desk.report(new Error('boom'));
        run.events$.subscribe((event) => seen.push(event.type));
      }),
    );
    await trainer.fit(() => undefined);
    expect(folder).toBeUndefined();
    expect(of('callback:error')).toMatchObject([{ callback: 'a', error: { message: 'boom' } }]);
    expect(seen.at(-1)).toBe('run:end');
  });

  it('does not hold the run for hooks that unregister themselves in onRunEnd', async () => {
    const { trainer, of } = testRun();
    const { unregister } = trainer.register({
      name: 'once',
      onRunEnd: () => {
        unregister();
      },
    });
    await trainer.fit(() => undefined);
    expect(of('run:end')).toHaveLength(1);
  });

  it('tells a hook that throws what has no text', async () => {
    const { trainer, of } = testRun();
    trainer.register({
      name: 'odd',
      onEpochEnd: () => {
        throw Object.create(null);
      },
    });
    await trainer.fit(() => undefined);
    expect(of('callback:error')).toMatchObject([{ error: { message: 'an object was thrown, which is no Error' } }]);
  });

  it('gives run:start to those alone whom it names', async () => {
    const { trainer, of } = testRun();
    const heard: string[] = [];
    trainer.register(
      defineCallback('outer', () => {
        trainer.register(
          defineCallback('inner', (run) => {
            run.events$.subscribe(({ type }) => heard.push(type));
          }),
        );
      }),
    );
    await trainer.fit(() => undefined);
    expect(of('run:start')).toMatchObject([{ config: { callbacks: { outer: {} } } }]);
    expect(heard).toEqual(['epoch:start', 'epoch:end', 'training:end', 'run:end']);
  });
});

describe('what callbacks share', () => {
  it('cannot be changed by one of them for the others', async () => {
    const { trainer } = testRun();
    const seen: string[] = [];
    trainer.register(
      defineCallback('evil', (run) => {
        run.events$.subscribe((event) => {
          (event as { type: string }).type = 'hacked';
        });
      }),
    );
    trainer.register(
      defineCallback('good', (run) => {
        run.events$.subscribe(({ type }) => seen.push(type));
      }),
    );
    await trainer.fit(() => ({}));
    expect(seen).toContain('run:end');
    expect(seen).not.toContain('hacked');
  });

  it.each([[undefined], [5], [{}], [{ name: '' }], [{ type: 'evaluation:end', name: 'x' }]])(
    'is not made of run.emit(%j)',
    async (custom) => {
      const { trainer, of } = testRun();
      trainer.register(
        defineCallback('emitter', (run) => {
          run.emit(custom as never);
        }),
      );
      await trainer.fit(() => ({}));
      expect(of('custom')).toEqual([]);
      expect(of('callback:error')[0]?.error.message).toContain('must get a custom event with a name');
    },
  );
});
