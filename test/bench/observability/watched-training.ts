import { evaluation, inlineExecutor, Trainer } from 'pitwall';
import { join } from 'node:path';
import { stepWork } from '../training.ts';
import type { Metrics, Observer, Surroundings } from './observers.ts';

/** What a training did in a window. */
export interface TrainedWindow {
  readonly steps: number;
  /** From the first step's beginning to the end of all, with what is between the steps. */
  readonly ms: number;
  /** From the end of each step to the beginning of the next. */
  readonly betweenMs: number;
  /** Processor time of the process between the steps: also that of its other threads. */
  readonly cpuBetweenMs: number;
  readonly longestGapMs: number;
  /** How long the event loop was idle: nothing was to be done, and the training did not go on. */
  readonly waitedMs: number;
}

/** A training that can be resumed and rests. */
export interface WatchedTraining {
  readonly name: string;
  readonly train: (ms: number) => Promise<TrainedWindow>;
  /** Trains so many epochs of steps that do nothing: what a run tells for hours is told in seconds, and its code is compiled. */
  readonly hasten: (epochs: number) => Promise<void>;
  readonly end: () => Promise<void>;
}

const stepsOfHaste = 20;
/** What is written still when a window ends is not to fall into that of another training. */
const restMs = 50;

/** Begins a training of steps of 2 ms, with an evaluation of each epoch that answers at once, and these observers. */
export async function watchedTraining(
  name: string,
  observers: readonly Observer[],
  folder: string,
  stepsAnEpoch: number,
): Promise<WatchedTraining> {
  const work = stepWork();
  const own = join(folder, name.replace(/\W+/g, '-'));
  const journal = observers.some(({ isJournal }) => isJournal === true) && join(own, 'journal');
  const trainer = new Trainer<Metrics>({ name: 'watched', epochs: 1e6, journal });
  trainer.register(evaluation({ name: 'held-out', every: 1, executor: inlineExecutor(() => ({ accuracy: 0.5 })) }));
  const all: Surroundings[] = [];
  for (const { watch } of observers) {
    const surroundings = await watch?.(trainer, own);
    if (surroundings !== undefined) all.push(surroundings);
  }
  const session = trainer.open();

  const train = async (ms: number): Promise<TrainedWindow> => {
    for (const { resume } of all) resume?.();
    let steps = 0;
    let longestGapMs = 0;
    let betweenMs = 0;
    let cpuBetweenUs = 0;
    const { idle } = performance.eventLoopUtilization();
    const fromMs = performance.now();
    let endedMs = fromMs;
    let before = process.cpuUsage();
    const step = (): void => {
      const { user, system } = process.cpuUsage(before);
      cpuBetweenUs += user + system;
      const gapMs = performance.now() - endedMs;
      betweenMs += gapMs;
      longestGapMs = Math.max(longestGapMs, gapMs);
      work();
      endedMs = performance.now();
      before = process.cpuUsage();
    };
    while (endedMs - fromMs < ms) {
      session.epochStart();
      for (let count = 0; count < stepsAnEpoch && endedMs - fromMs < ms; count++, steps++) await session.step(step);
      await session.epochEnd({ loss: 1 / steps, accuracy: 0.5 });
    }
    const trainedMs = performance.now() - fromMs;
    const waitedMs = performance.eventLoopUtilization().idle - idle;
    for (const { rest } of all) await rest?.();
    await new Promise((resolve) => setTimeout(resolve, restMs));
    return { steps, ms: trainedMs, betweenMs, cpuBetweenMs: cpuBetweenUs / 1000, longestGapMs, waitedMs };
  };
  const hasten = async (epochs: number): Promise<void> => {
    for (let epoch = 0; epoch < epochs; epoch++) {
      session.epochStart();
      for (let count = 0; count < stepsOfHaste; count++) await session.step(() => undefined);
      await session.epochEnd({ loss: 1 / (epoch + 1), accuracy: 0.5 });
      await new Promise((resolve) => setTimeout(resolve, 1)); // what writes is to come along
    }
  };
  return {
    name,
    train,
    hasten,
    end: async () => {
      await session.end();
      for (const { end } of all) await end();
    },
  };
}
