import { EventEmitter } from 'node:events';
import Emittery from 'emittery';
import mitt from 'mitt';
import { defineCallback, Trainer } from 'pitwall';
import { Subject } from 'rxjs';

/** Emits events to listeners that only count, and that come and go. */
export interface Emitter {
  readonly emit: (times: number) => void | Promise<void>;
  /** Adds a listener that calls `count` for each event. @returns removes it */
  readonly listen: (count: () => void) => () => void;
  /** Lets go of what it holds. */
  readonly end?: () => void | Promise<void>;
}

/** The event that all but the trainer emit: of the shape of its own. */
const event = { type: 'step', at: 0, runId: 'run', epoch: 1, step: 1, durationMs: 1 } as const;

/** A step that the training tells, to registered callbacks: the commonest event. */
export function steps(): Emitter {
  const trainer = new Trainer<object>({ name: 'bench', epochs: 1, journal: false });
  const session = trainer.open();
  session.epochStart();
  let present = 0;
  return {
    emit: async (times) => {
      for (let count = 0; count < times; count++) await session.step(1);
    },
    listen: (count) => {
      const registered = trainer.register(
        defineCallback(`callback ${++present}`, (run) => {
          run.events$.subscribe(count);
        }),
      );
      return () => {
        registered.unregister();
        present--;
      };
    },
    end: async () => {
      await session.end();
    },
  };
}

export function subject(): Emitter {
  const events$ = new Subject<object>();
  return {
    emit: awaited((event) => {
      events$.next(event);
    }),
    listen: (count) => {
      const subscription = events$.subscribe(count);
      return () => {
        subscription.unsubscribe();
      };
    },
  };
}

export function eventEmitter(): Emitter {
  const emitter = new EventEmitter().setMaxListeners(0);
  return {
    emit: awaited((event) => {
      emitter.emit('step', event);
    }),
    listen: (count) => {
      emitter.on('step', count);
      return () => emitter.off('step', count);
    },
  };
}

export function mitted(): Emitter {
  const emitter = makeMitt<{ step: object }>();
  return {
    emit: awaited((event) => {
      emitter.emit('step', event);
    }),
    listen: (count) => {
      emitter.on('step', count);
      return () => {
        emitter.off('step', count);
      };
    },
  };
}

/** Its types are those of its CommonJS build, where the function is a property. */
const makeMitt = mitt as unknown as typeof mitt.default;

export function emittery(): Emitter {
  const emitter = new Emittery<{ step: object }>();
  return {
    emit: awaited((event) => emitter.emit('step', event)),
    listen: (count) => emitter.on('step', count),
  };
}

/** As the steps are awaited one by one, so are these. */
function awaited(emit: (event: object) => void | Promise<void>): Emitter['emit'] {
  const told = async (step: number): Promise<void> => emit({ ...event, step });
  return async (times) => {
    for (let count = 0; count < times; count++) await told(count);
  };
}
