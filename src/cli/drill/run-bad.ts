import { BehaviorSubject, filter, firstValueFrom, tap } from 'rxjs';
import { evaluationWith, type EvaluationSettings } from '../../callbacks/index.ts';
import { systemClock } from '../../clock/index.ts';
import type { JournalledEvent, Violation } from '../../events/index.ts';
import { atEpochs } from '../../operators/index.ts';
import { hardLimits, type Safeguard, type Sla } from '../../sla/index.ts';
import { Trainer, type EpochStep } from '../../trainer/index.ts';
import { badExecutor } from './bad-executor.ts';
import type { Fault } from './fault.ts';

/** What is run in the place of the evaluation's own evaluator. */
export interface BadRun {
  readonly fault: Fault;
  readonly sla: Sla | false;
  /** How often it is asked for, one after the other. */
  readonly requests: number;
  readonly patienceMs: number;
  /** Whether the run may end, in so many milliseconds; asked at each event, of which `told` has all. */
  readonly isEnough: (event: JournalledEvent, told: ToldRun) => number | undefined;
}

/** What was told in such a run. */
export interface ToldRun {
  readonly events: readonly JournalledEvent[];
  /** What the user's own safeguards emitted. */
  readonly bySafeguards: readonly Violation[];
}

/**
 * Runs a bad evaluator in a real run, in the place of an evaluation's own: with its executor's supervision, its breaker and its
 * safeguards. Each epoch but the last asks for one, and each waits for the answer to the one before.
 */
export async function runBad(settings: EvaluationSettings, bad: BadRun): Promise<ToldRun> {
  const events: JournalledEvent[] = [];
  const bySafeguards: Violation[] = [];
  const answered$ = new BehaviorSubject(0);
  const timers: (() => void)[] = [];
  const trainer = new Trainer({ name: 'drill', epochs: bad.requests + 1, journal: false });
  const stopIn = (milliseconds: number, why: string): void => {
    const stop = (): void => {
      trainer.stop(why);
    };
    timers.push(systemClock.setTimeout(stop, milliseconds));
  };
  trainer.register(evaluationWith(badSettings(settings, bad, bySafeguards)));
  // eslint-disable-next-line rxjs-x/no-ignored-error -- events$ never errors
  const heard = trainer.events$.subscribe((event) => {
    if (event.type === 'step') return;
    events.push(event);
    const enoughMs = bad.isEnough(event, { events, bySafeguards });
    if (enoughMs !== undefined) stopIn(enoughMs, 'the drill has seen enough');
    if (event.type === 'evaluation:end' || event.type === 'evaluation:skipped') answered$.next(answered$.value + 1);
  });
  stopIn(bad.patienceMs, 'the drill has waited long enough');
  try {
    await trainer.fit(async ({ epoch, step }) => {
      const answered = firstValueFrom(answered$.pipe(filter((count) => count >= epoch - 1)), { defaultValue: 0 });
      if (bad.fault.does === 'slow the training') await trainUntil(answered, step);
      else await answered;
      return {};
    });
  } finally {
    heard.unsubscribe();
    for (const cancel of timers) cancel();
  }
  return { events, bySafeguards };
}

const stepMs = 2;

/** Steps of computing, which somebody may slow down. */
async function trainUntil(end: Promise<unknown>, step: EpochStep): Promise<void> {
  let isOver = false;
  void end.then(() => (isOver = true));
  // How much is a step's work is found by doing it once.
  const rounds = roundsFor(stepMs);
  while (!(isOver as boolean)) await step(() => void compute(rounds));
}

function roundsFor(milliseconds: number): number {
  const tried = 200_000;
  const beganMs = performance.now();
  compute(tried);
  return Math.max(1, Math.round((tried * milliseconds) / (performance.now() - beganMs)));
}

function compute(rounds: number): number {
  let value = 0;
  for (let round = 0; round < rounds; round++) value = Math.sin(value + round);
  return value;
}

/** The evaluation as it is, but for what it runs, when, and its limits. */
function badSettings(
  settings: EvaluationSettings,
  { fault, sla, requests }: BadRun,
  bySafeguards: Violation[],
): EvaluationSettings {
  const noted = (safeguard: Safeguard): Safeguard => {
    return (guarded) => safeguard(guarded).pipe(tap((violation) => bySafeguards.push(violation)));
  };
  return {
    ...settings,
    ...limitsOf(settings, sla),
    executor: badExecutor(settings.executor, fault),
    input: () => fault,
    triggerFrom: () => atEpochs(Array.from({ length: requests }, (_, index) => index + 1)),
    overlap: 'queue',
    atEnd: false,
    critical: false,
    safeguards: settings.safeguards.map(noted),
  };
}

/** The SLA, and what of it an executor holds hard: no more than it held of the evaluation's own. */
function limitsOf({ unenforceable }: EvaluationSettings, sla: Sla | false): Pick<EvaluationSettings, 'sla' | 'limits'> {
  if (sla === false) return { sla, limits: {} };
  const held = Object.entries(hardLimits(sla)).filter(([rule]) => unenforceable.every((each) => each.rule !== rule));
  return { sla, limits: Object.fromEntries(held) };
}
