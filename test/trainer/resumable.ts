import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bestCheckpoint, checkpoint, earlyStopping, evaluation, type Evaluation } from '../../src/callbacks/index.ts';
import type { JournalledEvent } from '../../src/events/index.ts';
import { inlineExecutor } from '../../src/executors/index.ts';
import type { EvaluationRequest } from '../../src/callbacks/index.ts';
import type { Epoch, Outcome, Trainer } from '../../src/trainer/index.ts';

/** The win rates of the epochs that are evaluated: the best is that of epoch 4, and epoch 10 is the third that is no better. */
const winRates: Readonly<Record<number, number>> = { 2: 0.5, 4: 0.8, 6: 0.7, 8: 0.75, 10: 0.6, 12: 0.9 };
/** Their evaluations crash. */
const broken = new Set([3, 4, 5]);

/** A training that is the same each time: two evaluations, one of which opens its breaker, and an early stop on the other. */
export class Resumable {
  readonly folder: string;
  /** What the inputs of "vs" were made for. */
  readonly asked: EvaluationRequest[] = [];
  readonly vs: Evaluation<{ winRate: number }>;
  readonly flaky: Evaluation;
  readonly #isSavedBeside: boolean;

  /** @param isSavedBeside the checkpoints are those of callbacks, written beside the training, and the best is kept */
  constructor(folder: string, { isSavedBeside = false } = {}) {
    this.folder = folder;
    this.#isSavedBeside = isSavedBeside;
    this.vs = evaluation({
      name: 'vs',
      every: 2,
      overlap: 'queue',
      input: (request) => {
        this.asked.push(request);
        return request;
      },
      executor: inlineExecutor(({ epoch }: EvaluationRequest) => ({ winRate: winRates[epoch] ?? 0 })),
      sla: false,
    });
    this.flaky = evaluation({
      name: 'flaky',
      every: 1,
      overlap: 'queue',
      executor: inlineExecutor(({ epoch }: EvaluationRequest) => {
        if (broken.has(epoch)) throw new Error('crashed');
        return { epoch };
      }),
      sla: false,
      breaker: { waitDurationInOpenStateMs: 3_600_000 },
    });
  }

  /** Runs it from where the trainer stands. */
  async train(trainer: Trainer<{ loss: number }>): Promise<Outcome> {
    trainer.register(this.vs);
    trainer.register(this.flaky);
    trainer.register(earlyStopping({ on: this.vs, metric: 'winRate', patience: 3 }));
    if (this.#isSavedBeside) {
      const save = ({ step }: { readonly step: number }): string => `the weights after step ${step}`;
      trainer.register(checkpoint({ path: join(this.folder, 'saved'), every: 1, save }));
      trainer.register(bestCheckpoint({ path: join(this.folder, 'best'), on: this.vs, metric: 'winRate' }));
    }
    return trainer.fit((epoch) => (this.#isSavedBeside ? this.#steps(epoch, trainer) : this.epoch(epoch)));
  }

  async epoch(epoch: Epoch): Promise<{ loss: number }> {
    const before = epoch.resumedAtStep ?? (epoch.epoch - 1) * 3;
    for (let step = before + 1; step <= epoch.epoch * 3; step++) {
      await epoch.step(() => step);
      if (step % 3 === 2) await epoch.checkpoint(await this.save(epoch.epoch, step));
    }
    await epoch.checkpoint(await this.save(epoch.epoch, epoch.epoch * 3));
    await new Promise((resolve) => setImmediate(resolve)); // what runs beside comes to its end
    return { loss: 1 / epoch.epoch };
  }

  /** The epoch before has been saved when this one ends. */
  async #steps(epoch: Epoch, trainer: Trainer<{ loss: number }>): Promise<{ loss: number }> {
    for (let step = 1; step <= 3; step++) await epoch.step(() => step);
    const before = join(this.folder, 'saved', `epoch-${String(epoch.epoch - 1).padStart(5, '0')}.bin`);
    do await new Promise((resolve) => setImmediate(resolve));
    while (epoch.epoch > 1 && trainer.state.checkpoint?.path !== before);
    return { loss: 1 / epoch.epoch };
  }

  async save(epoch: number, step: number): Promise<string> {
    const path = join(this.folder, `weights-${epoch}-${step}`);
    await mkdir(this.folder, { recursive: true });
    await writeFile(path, `the weights after step ${step}`);
    return path;
  }
}

/** What must be the same, however often a run was cut off and went on: not how many steps were done until a stop was heard. */
export function essenceOf(events: readonly JournalledEvent[]): unknown {
  const ends = events.filter((event) => event.type === 'evaluation:end' && event.error?.code !== 'HOST_LOST');
  const end = events.findLast((event) => event.type === 'run:end');
  return {
    epochs: events.flatMap((event) =>
      event.type === 'epoch:end' && event.interrupted !== true ? [[event.epoch, event.metrics]] : [],
    ),
    ends: ends.flatMap((event) =>
      event.type === 'evaluation:end' ? [[event.name, event.epoch, event.step, event.status, event.result]] : [],
    ),
    skipped: events.flatMap((event) =>
      event.type === 'evaluation:skipped' ? [[event.name, event.epoch, event.reason]] : [],
    ),
    breaker: events.flatMap((event) =>
      event.type === 'breaker:transition' ? [[event.name, event.from, event.to]] : [],
    ),
    end: end?.type === 'run:end' ? [end.status, end.reason, end.epochs] : undefined,
  };
}

/** The lines of a journal, each with its newline. */
export async function linesOf(runFolder: string): Promise<string[]> {
  return (await readFile(join(runFolder, 'events.jsonl'), 'utf8')).split(/(?<=\n)/);
}
