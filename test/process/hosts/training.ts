// A host that trains, with an evaluation after each epoch that is waited for in it, and tells every event but its steps.
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { evaluation, readJournal, Trainer } from '../../../src/index.ts';

export interface TrainingPlan {
  readonly journal: string;
  readonly epochs: number;
  /** The evaluator's input, of each epoch in turn: the last one's of all that follow. */
  readonly inputs: readonly object[];
  /** Of a typed array beside it. */
  readonly megabytes?: number;
}

const { journal, epochs, inputs, megabytes = 0 } = JSON.parse(process.argv[2] ?? '{}') as TrainingPlan;
const tell = (message: object): void => {
  console.log(JSON.stringify(message, (_, value: unknown) => (ArrayBuffer.isView(value) ? value.byteLength : value)));
};
const trainer = new Trainer({ name: 'training', epochs, journal });
trainer.register(
  evaluation({
    name: 'score',
    every: 1,
    module: new URL('./phased.mjs', import.meta.url),
    input: ({ epoch }) => ({
      ...(inputs[epoch - 1] ?? inputs.at(-1)),
      ...(megabytes > 0 && { weights: new Float32Array((megabytes * 2 ** 20) / 4) }),
    }),
    overlap: 'queue',
    breaker: false,
  }),
);
const events: { type: string }[] = [];
let steps = 0;
trainer.events$.subscribe((event) => {
  if (event.type === 'step') steps++;
  else if (event.type !== 'evaluation:sample' && event.type !== 'step:summary') {
    events.push(event);
    tell({ event: event.type, ...event, steps });
  } else events.push(event);
});
const outcome = await trainer.fit(async (epoch) => {
  let done = 0;
  // The evaluation of the epoch before is in flight at the beginning of this one.
  while (done++ < 10 || trainer.state.evaluationsInFlight.length > 0) await epoch.step(() => setTimeout(2));
});
const journalled = await readJournal(trainer.runFolder ?? '').catch(() => []);
tell({ outcome, told: events.length, journalled: journalled.map(({ seq }) => seq) });
// What is in its mounts can be looked at until it is told to end.
createInterface({ input: process.stdin }).on('close', () => process.exit(0));
