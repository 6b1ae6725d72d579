import { evaluation, Trainer, type Violation } from 'pitwall';
import { EMPTY, filter, ignoreElements, tap } from 'rxjs';
import { evaluator } from '../enforcement/hostile-input.ts';
import { sumOf } from '../statistics.ts';
import { oneStep, type Step } from '../training.ts';

/** Evaluations that run beside a training. */
export interface Company {
  readonly what: string;
  /** Of `enforcement/evaluators`. */
  readonly module: string;
  readonly input: object;
  readonly count: number;
}

/** The first figure of the meter, and how long the evaluations had run by then. */
export interface Figure {
  readonly percent: number;
  readonly afterMs: number;
}

/** A training of one long epoch, and evaluations that come and go beside it. */
export interface AccompaniedTraining {
  readonly steps: readonly Step[];
  /** Asks for the evaluations, and waits until all of them are at work; does nothing where they are. */
  readonly come: () => Promise<void>;
  /** Cancels them, and waits until they are gone; does nothing where they are. */
  readonly go: () => Promise<void>;
  /** What the meter says first. */
  readonly told: Promise<Figure>;
  /** The share of the time, from the call on, in which they ran and were not paused; asked for while they are gone. */
  readonly shareFromHere: () => () => number;
  /** What the limit brought about so far. */
  readonly violations: readonly Violation[];
  readonly stop: () => Promise<void>;
}

export function accompanied({ count, module, input }: Company, limitPercent: number): AccompaniedTraining {
  const trainer = new Trainer({ name: 'bench', epochs: 1, journal: false, maxProcesses: count + 1 });
  const steps: Step[] = [];
  const violations: Violation[] = [];
  const usages: { readonly wallMs: number; readonly pausedMs: number }[] = [];
  const atWork = new Set<string>();
  /** Requests that have come to a start, or to none. */
  let answered = 0;
  let onChange: () => void = () => undefined;
  let isStopped = false;
  let cameMs = NaN;
  let tell: (figure: Figure) => void = () => undefined;
  const told = new Promise<Figure>((resolve) => {
    tell = resolve;
  });
  const evaluations = Array.from({ length: count }, (_, number) =>
    evaluation({
      name: `company-${number + 1}`,
      when: () => EMPTY,
      module: evaluator(module),
      input: () => input,
      sla: { trainingImpactPercent: limitPercent },
      safeguards: [
        ({ impact$ }) =>
          impact$.pipe(
            filter((percent) => percent !== null),
            tap((percent) => {
              tell({ percent, afterMs: performance.now() - cameMs });
            }),
            ignoreElements(),
          ),
      ],
    }),
  );
  for (const each of evaluations) trainer.register(each);
  trainer.events$.subscribe((event) => {
    if (event.type === 'sla:violation') violations.push(event.violation);
    if (event.type === 'evaluation:start' || event.type === 'evaluation:skipped') answered++;
    if (event.type === 'evaluation:start') atWork.add(event.evaluationId);
    if (event.type === 'evaluation:end') {
      atWork.delete(event.evaluationId);
      const { wallMs, pausedMs } = event.usage;
      if (wallMs !== null && pausedMs !== null) usages.push({ wallMs, pausedMs });
    }
    onChange();
  });
  const fitted = trainer.fit(async (epoch) => {
    while (!isStopped) {
      const beganMs = performance.now();
      await epoch.step(oneStep);
      steps.push({ beganMs, endedMs: performance.now() });
    }
  });
  const until = (isSo: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      onChange = () => {
        if (isSo()) resolve();
      };
      onChange();
    });
  return {
    steps,
    told,
    violations,
    come: async () => {
      if (atWork.size > 0) return;
      answered = 0;
      for (const each of evaluations) each.request();
      await until(() => answered === count);
      if (Number.isNaN(cameMs)) cameMs = performance.now();
    },
    go: async () => {
      for (const each of evaluations) each.cancel();
      await until(() => atWork.size === 0);
    },
    shareFromHere: () => {
      const from = usages.length;
      return () => {
        const since = usages.slice(from);
        return 1 - sumOf(since.map(({ pausedMs }) => pausedMs)) / sumOf(since.map(({ wallMs }) => wallMs));
      };
    },
    stop: async () => {
      isStopped = true;
      await fitted;
    },
  };
}
