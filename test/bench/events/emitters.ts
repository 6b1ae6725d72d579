import { EventEmitter } from 'node:events';
import Emittery from 'emittery';
import mitt from 'mitt';
import { defineCallback, Trainer } from 'pitwall';
import { Subject } from 'rxjs';

/** Emits events to so many listeners that only count, and tells how many counts have come. */
export interface Emitter {
  readonly emit: (times: number) => void | Promise<void>;
  readonly heard: () => number;
  /** Lets go of what it holds. */
  readonly end?: () => void | Promise<void>;
}

/** The event that all but the trainer emit: of the shape of its own. */
const event = { type: 'step', at: 0, runId: 'run', epoch: 1, step: 1, durationMs: 1 } as const;

function counting(listeners: number, listen: (count: () => void) => void): () => number {
  let heard = 0;
  for (let listener = 0; listener < listeners; listener++)
    listen(() => {
      heard++;
    });
  return () => heard;
}

function trained(listeners: number): { readonly heard: () => number; readonly trainer: Trainer<object> } {
  const trainer = new Trainer<object>({ name: 'bench', epochs: 1, journal: false });
  let number = 0;
  const heard = counting(listeners, (count) =>
    trainer.register(
      defineCallback(`callback ${++number}`, (run) => {
        run.events$.subscribe(count);
      }),
    ),
  );
  return { heard, trainer };
}

/** A step that the training tells: the commonest event. */
export function steps(listeners: number): Emitter {
  const { heard, trainer } = trained(listeners);
  const session = trainer.open();
  session.epochStart();
  return {
    heard,
    emit: async (times) => {
      for (let count = 0; count < times; count++) await session.step(1);
    },
    end: async () => {
      await session.end();
    },
  };
}

export function subject(listeners: number): Emitter {
  const events$ = new Subject<object>();
  const heard = counting(listeners, (count) => events$.subscribe(count));
  return awaited(heard, (event) => {
    events$.next(event);
  });
}

export function eventEmitter(listeners: number): Emitter {
  const emitter = new EventEmitter().setMaxListeners(0);
  const heard = counting(listeners, (count) => emitter.on('step', count));
  return awaited(heard, (event) => {
    emitter.emit('step', event);
  });
}

export function mitted(listeners: number): Emitter {
  const emitter = makeMitt<{ step: object }>();
  const heard = counting(listeners, (count) => {
    emitter.on('step', count);
  });
  return awaited(heard, (event) => {
    emitter.emit('step', event);
  });
}

/** Its types are those of its CommonJS build, where the function is a property. */
const makeMitt = mitt as unknown as typeof mitt.default;

export function emittery(listeners: number): Emitter {
  const emitter = new Emittery<{ step: object }>();
  const heard = counting(listeners, (count) => emitter.on('step', count));
  return awaited(heard, (event) => emitter.emit('step', event));
}

/** As the steps are awaited one by one, so are these. */
function awaited(heard: () => number, emit: (event: object) => void | Promise<void>): Emitter {
  const told = async (step: number): Promise<void> => emit({ ...event, step });
  return {
    heard,
    emit: async (times) => {
      for (let count = 0; count < times; count++) await told(count);
    },
  };
}
