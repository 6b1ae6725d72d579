import { EMPTY, isObservable, Observable, Subject, Subscription } from 'rxjs';
import { CircuitBreaker, recall } from '../breaker/index.ts';
import type { Clock } from '../clock/index.ts';
import { ConfigurationError, told } from '../errors/index.ts';
import type { RunEvent } from '../events/index.ts';
import { withoutSteps } from '../operators/index.ts';
import { slaPipelines } from '../sla/index.ts';
import { breakerPastOf, evaluationsBehind } from './breaker-past.ts';
import type { Callback, Desk, Directive, Run } from './callback.ts';
import { countsAgainstBreaker } from './counts-against-breaker.ts';
import type { AnyEvaluator, EvaluationOptions, InputOf, ResultOf } from './evaluation-options.ts';
import { evaluationIds } from './evaluation-ids.ts';
import { EvaluationRequests } from './evaluation-requests.ts';
import { EvaluationResumption } from './evaluation-resumption.ts';
import { evaluationSettings, type EvaluationSettings } from './evaluation-settings.ts';
import { subjectTracker } from './evaluation-subject.ts';
import type { ResumedRun } from './resumed-run.ts';
import { rememberSettings } from './settings-of.ts';
import { lastHeardOf } from './heard-by-breaker.ts';
import { tellTransition } from './tell-transition.ts';

/** A result, under the epoch and step that it is of. */
export interface EvaluationResult<O> {
  readonly epoch: number;
  readonly step: number;
  readonly result: O;
}

/** A callback that evaluates beside the training. */
export interface Evaluation<O = unknown> extends Callback {
  /** The results, each when its `evaluation:end` is told. Hot; completes with the run; never errors. */
  readonly results$: Observable<EvaluationResult<O>>;
  /**
   * Asks for one evaluation now, of where the training stands, beside those of its trigger. Overlap and breaker hold for it too.
   *
   * @returns whether it was asked for: there is a run, and that goes on.
   */
  request(): boolean;
  /**
   * Cancels what runs and what waits: it ends as `cancelled`, which its breaker does not count. Later requests are heard.
   *
   * @param reason told in its `evaluation:end`
   * @returns whether anything ran or waited.
   */
  cancel(reason?: string): boolean;
  /** Its breaker: one that was given is there at once, one of its own from the registration on. */
  readonly breaker: CircuitBreaker | undefined;
}

/**
 * Makes a callback that evaluates beside the training, holds each evaluation to its SLA, and ends what breaks it.
 *
 * Each request is told as `evaluation:requested`, and comes to exactly one `evaluation:end` or `evaluation:skipped`. Overlap and
 * breaker are looked at before `input` is called; `input` is called at the request, and what has to wait has its own copy.
 *
 * SLA and breaker are on by default; `sla: false` and `breaker: false` switch them off, and `run:start` says so.
 *
 * @throws {ConfigurationError} one sentence about the first mistake in the options.
 *
 * @example
 * const vsRandom = evaluation<typeof import('./evaluate.js').default>({
 *   name: 'vs-random',
 *   every: 5,
 *   module: new URL('./evaluate.js', import.meta.url),
 *   input: ({ epoch }) => ({ epoch, weights: model.weights }),
 *   sla: { itemTimeMs: 10_000, memoryMb: 500 },
 * });
 * trainer.register(vsRandom);
 * vsRandom.results$.subscribe(({ epoch, result }) => console.log(epoch, result.winRate));
 */
export function evaluation<I, O>(options: EvaluationOptions<I, O>): Evaluation<O>;
export function evaluation<E extends AnyEvaluator>(
  options: EvaluationOptions<InputOf<E>, ResultOf<E>>,
): Evaluation<ResultOf<E>>;
export function evaluation(options: object): Evaluation {
  return evaluationWith(evaluationSettings(options));
}

/** Makes an evaluation of settings that are whole: those of another one, say, with some of them changed. */
export function evaluationWith(settings: EvaluationSettings): Evaluation {
  const { name, critical, told } = settings;
  const breakerIn = breakers(settings.breaker);
  const nextId = evaluationIds(name);
  let breaker = settings.breaker instanceof CircuitBreaker ? settings.breaker : undefined;
  let serving: Serving | undefined;
  let results = noResults();

  const made: Evaluation = {
    name,
    critical,
    config: told,
    get breaker() {
      return breaker;
    },
    results$: new Observable((subscriber) => results.stream$.subscribe(subscriber)),
    request: () => serving?.request() ?? false,
    cancel: (reason = 'cancel() was called') => serving?.cancel(reasonGiven(reason, name)) ?? false,
    connect: (run, desk) => {
      breaker = breakerIn(run.clock);
      if (desk.resumed !== undefined && breaker !== undefined) recallBreaker(breaker, name, desk.resumed);
      if (results.isOver) results = noResults();
      const present = results;
      const connection = {};
      present.connections.add(connection);
      return evaluating(run, desk, {
        settings,
        breaker,
        nextId: nextId(run.runId, desk.lastNumber(name)),
        serve: (asked) => {
          serving = asked;
          return () => {
            if (serving === asked) serving = undefined; // it may have been registered again meanwhile
          };
        },
        onResult: (result) => {
          present.stream$.next(result);
        },
        onOver: () => {
          present.connections.delete(connection);
          if (present.connections.size > 0) return;
          present.isOver = true;
          present.stream$.complete();
        },
      });
    },
  };
  rememberSettings(made, settings);
  return made;
}

/** The results of one registration after the other, as long as one of them is not over. */
interface Results {
  readonly stream$: Subject<EvaluationResult<unknown>>;
  readonly connections: Set<object>;
  isOver: boolean;
}

function noResults(): Results {
  return { stream$: new Subject(), connections: new Set(), isOver: false };
}

/** What can be asked of an evaluation in its run. */
interface Serving {
  readonly request: () => boolean;
  readonly cancel: (reason: string) => boolean;
}

interface Evaluating {
  readonly settings: EvaluationSettings;
  readonly breaker: CircuitBreaker | undefined;
  readonly nextId: (epoch: number) => string;
  /** Called when it serves the run; what it gives, when it does no more. */
  readonly serve: (serving: Serving) => () => void;
  readonly onResult: (result: EvaluationResult<unknown>) => void;
  /** Called when it serves the run no more, and nothing of it runs. */
  readonly onOver: () => void;
}

/** Serves one run, from its subscription to the run's end or its unsubscription. Emits nothing; errors when `when` does. */
function evaluating(
  run: Run<never>,
  desk: Desk,
  { settings, breaker, nextId, serve, onResult, onOver }: Evaluating,
): Observable<Directive> {
  return new Observable((subscriber) => {
    const { resumed } = desk;
    const resumption = resumed && new EvaluationResumption(resumed, settings);
    const tracker = resumption?.tracker() ?? subjectTracker(run.state);
    const slaPipeline = settings.sla === false ? undefined : slaPipelines(settings.sla);
    const workplace = { settings, run, desk, breaker, slaPipeline };
    const requests = new EvaluationRequests(workplace, nextId, onOver, resumption?.newest());
    const serveNoMore = serve({
      request: () => desk.measure('request', () => requests.request(tracker.subjectOf())),
      cancel: (reason) => requests.cancel(reason),
    });
    /** What is owed is asked for at the next event, when every callback has heard of the resumption. */
    let isOwing = false;
    const isEnding = (): boolean => (desk.course ?? 'going') !== 'going';
    const heard = new Subscription();
    // Before anything is heard: the trigger may throw at once.
    subscriber.add(() => {
      serveNoMore();
      heard.unsubscribe();
      requests.close('it was unregistered');
    });
    const hear = <T>(source$: Observable<T>, next: (value: T) => void, complete?: () => void): void => {
      const error = (raised: unknown): void => {
        subscriber.error(raised);
      };
      heard.add(source$.subscribe({ next, error, ...(complete && { complete }) }));
    };

    if (breaker !== undefined)
      hear(breaker.transitions$, (transition) => {
        tellTransition(transition, { name: breaker.name, causedBy: lastHeardOf(breaker) }, run.runId, desk);
      });
    // The tracker comes before the trigger, so that an event has been seen when the trigger fires on it.
    hear(
      run.events$,
      (event) => {
        tracker.see(event);
        if (event.type === 'run:resume' ? resumption?.waitsForOthers === false : isOwing) {
          isOwing = false;
          for (const owed of resumption?.owed(isEnding()) ?? []) requests.request(owed.subject, owed);
        } else if (event.type === 'run:resume') isOwing = resumption !== undefined;
        if (event.type === 'evaluation:end' && event.name === settings.name && event.status === 'completed')
          onResult({ epoch: event.epoch, step: event.step, result: event.result });
      },
      () => {
        requests.close('the run has ended');
        subscriber.complete();
      },
    );
    hear(desk.cancel$, (reason) => {
      requests.stop(reason);
    });
    const triggering = resumption === undefined ? run.events$ : resumption.eventsOf(run);
    // Of who joins late, what was crossed before is not asked for.
    const from = resumption === undefined ? (desk.lastEnded?.() ?? Math.max(0, run.state.epoch - 1)) : 0;
    hear(firedBy(settings, from, triggering), (fired) => {
      if (resumption?.remembers(fired, tracker) === true) return;
      desk.measure('trigger', () => {
        requests.request(tracker.subjectOf(fired));
      });
    });
    // After the trigger, so that what it asks for at the same event has been asked for.
    hear(settings.atEnd ? run.events$.pipe(withoutSteps()) : EMPTY, ({ type }) => {
      if (type !== 'training:end') return;
      const subject = tracker.subjectOf();
      const isLeft = isEnding() && resumption?.isLeft(subject.epoch) === true;
      if (subject.epoch > 0 && !isLeft && !requests.covers(subject.epoch)) requests.request(subject);
    });
  });
}

function reasonGiven(reason: unknown, name: string): string {
  if (typeof reason === 'string' && reason !== '') return reason;
  throw new ConfigurationError(
    `cancel(reason) of "${name}" must get a sentence that its end will tell, but ${told(reason)} came.`,
  );
}

/** What its trigger gives; that of a program in JavaScript may give anything. */
function firedBy(
  { name, triggerFrom }: EvaluationSettings,
  lastEnded: number,
  events$: Observable<RunEvent>,
): Observable<unknown> {
  const fired$: unknown = triggerFrom(lastEnded)(events$);
  if (isObservable(fired$)) return fired$;
  void Promise.resolve(fired$).catch(() => undefined); // refused, so that nobody else hears how it fails
  throw new ConfigurationError(
    `The trigger ("when") of "${name}" must give an Observable, but ${told(fired$)} came: when: (run$) => run$.pipe(…), or everySteps(1000).`,
  );
}

/** Gives a breaker on a run's clock: the one that was given, or one of its own, kept for as long as the clock is the same. */
function breakers(given: EvaluationSettings['breaker']): (clock: Clock) => CircuitBreaker | undefined {
  let own: { readonly clock: Clock; readonly breaker: CircuitBreaker } | undefined;
  return (clock) => {
    if (given === false) return undefined;
    if (given instanceof CircuitBreaker) return given;
    if (own?.clock !== clock) own = { clock, breaker: new CircuitBreaker({ clock, ...given }) };
    return own.breaker;
  };
}

/** A breaker of a run that goes on is where its history leaves it. One that has been used in this process stays as it is. */
function recallBreaker(breaker: CircuitBreaker, name: string, { history }: ResumedRun): void {
  const behind = new Set([name, ...evaluationsBehind(history, breaker.name)]);
  recall(breaker, breakerPastOf(history, breaker.name, behind), countsAgainstBreaker);
}
