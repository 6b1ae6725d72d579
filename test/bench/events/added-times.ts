import type { Emitter } from './emitters.ts';

export interface AddedTimesOptions {
  readonly listeners: number;
  readonly rounds: number;
  /** How many events are emitted at a stretch. */
  readonly times: number;
}

/** What is emitted before anything is counted: the compiler has its own rounds. */
const warmUpRounds = 300;

/**
 * Nanoseconds that one listener more adds to an event, of each round, by the names of the makers: the time of an event with all
 * listeners, less that with none, for each listener.
 *
 * The two stretches of a difference are of one emitter, whose listeners come and go: of two alike in all, the one is faster by
 * more than a listener costs. They stand side by side, in turns the one and the other first, and the makers in another order each
 * round: what the machine does by itself falls on all alike. They are short, as what it does seldom falls on few of them then.
 */
export async function addedTimes(
  makers: Readonly<Record<string, () => Emitter>>,
  { listeners, rounds, times }: AddedTimesOptions,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const emitters = Object.entries(makers).map(([name, maker]) => ({ name, emitter: maker() }));
  const added = new Map<string, number[]>(emitters.map(({ name }) => [name, []]));
  for (let round = -warmUpRounds; round < rounds; round++) {
    const turn = (round + warmUpRounds) % emitters.length;
    const isAllFirst = Math.floor((round + warmUpRounds) / emitters.length) % 2 === 0;
    for (const { name, emitter } of [...emitters.slice(turn), ...emitters.slice(0, turn)]) {
      const first = await eventNs(emitter, isAllFirst ? listeners : 0, times);
      const second = await eventNs(emitter, isAllFirst ? 0 : listeners, times);
      if (round >= 0) added.get(name)?.push((isAllFirst ? first - second : second - first) / listeners);
    }
  }
  for (const { emitter } of emitters) await emitter.end?.();
  return added;
}

/** Nanoseconds of an event with so many listeners. */
async function eventNs({ emit, listen }: Emitter, listeners: number, times: number): Promise<number> {
  let heard = 0;
  const leave = Array.from({ length: listeners }, () =>
    listen(() => {
      heard++;
    }),
  );
  const began = process.hrtime.bigint();
  await emit(times);
  const took = Number(process.hrtime.bigint() - began);
  for (const one of leave) one();
  if (heard < times * listeners) throw new Error(`Only ${heard} of ${times * listeners} came.`);
  return took / times;
}
