import type { EvaluationCounts, EventOf, RunEvent, RunEventType, Violation } from '../../events/index.ts';
import { noSpeed, speedAfter, type Speed } from './speed.ts';

/** What the demo shows: a fold of the run's events, and of nothing else. */
export interface DemoState {
  readonly runId: string;
  readonly epochs: number;
  /** The present epoch, from 1; 0 before the first. */
  readonly epoch: number;
  readonly epochsEnded: number;
  readonly steps: number;
  readonly stage: 'waiting' | 'training' | 'draining' | 'ended';
  /** Of `run:start`, in wall-clock ms. */
  readonly startedAt: number;
  /** How long the last finished epoch took, in ms; `undefined` before the first. */
  readonly lastEpochMs: number | undefined;
  readonly epochStartedAt: number;
  readonly losses: readonly { readonly epoch: number; readonly loss: number }[];
  readonly speed: Speed;
  /** By id: what was requested and has not ended. */
  readonly inFlight: ReadonlyMap<string, InFlight>;
  /** What ended or was skipped, in that order. */
  readonly outcomes: readonly Outcome[];
  /** By the evaluation's name. */
  readonly counts: ReadonlyMap<string, EvaluationCounts>;
  readonly violations: readonly BrokenRule[];
  /** By the breaker's name: every state that it was in. */
  readonly breakers: ReadonlyMap<string, readonly string[]>;
  readonly end: EventOf<'run:end'> | undefined;
}

/** An evaluation between its request and its end; `startedAt` is there once its work has begun. */
export interface InFlight {
  readonly id: string;
  readonly name: string;
  readonly epoch: number;
  readonly startedAt?: number;
  readonly progress?: {
    readonly done: number;
    readonly total?: number | undefined;
    readonly note?: string | undefined;
  };
}

/** How an evaluation ended, or why it never began. */
export type Outcome = EventOf<'evaluation:end'> | EventOf<'evaluation:skipped'>;

export interface BrokenRule {
  readonly name: string;
  readonly epoch: number;
  readonly violation: Violation;
}

export const emptyDemoState: DemoState = {
  runId: '',
  epochs: 0,
  epoch: 0,
  epochsEnded: 0,
  steps: 0,
  stage: 'waiting',
  startedAt: 0,
  lastEpochMs: undefined,
  epochStartedAt: 0,
  losses: [],
  speed: noSpeed,
  inFlight: new Map(),
  outcomes: [],
  counts: new Map(),
  violations: [],
  breakers: new Map(),
  end: undefined,
};

/** The state after one more event. */
export function foldDemo(state: DemoState, event: RunEvent): DemoState {
  // The tag picks the fold of that very event: what TypeScript cannot see of a table.
  const fold = folds[event.type] as ((state: DemoState, event: RunEvent) => DemoState) | undefined;
  return fold?.(state, event) ?? state;
}

const folds: { readonly [Type in RunEventType]?: (state: DemoState, event: EventOf<Type>) => DemoState } = {
  'run:start': (state, { runId, epochs, at }) => ({ ...state, runId, epochs, startedAt: at, stage: 'training' }),
  'epoch:start': (state, { epoch, at }) => ({ ...state, epoch, epochStartedAt: at }),
  step: (state, event) => ({
    ...state,
    steps: event.step,
    speed: speedAfter(state.speed, event, state.inFlight.size > 0),
  }),
  'epoch:end': (state, event) => (event.interrupted === true ? state : epochEnded(state, event)),
  'training:end': (state) => ({ ...state, stage: 'draining' }),
  'evaluation:requested': (state, event) => changed(state, inFlight(state, event)),
  'evaluation:start': (state, event) => changed(state, { ...inFlight(state, event), startedAt: event.at }),
  'evaluation:progress': (state, event) => changed(state, { ...inFlight(state, event), progress: event }),
  'evaluation:skipped': ended,
  'evaluation:end': ended,
  'breaker:transition': transitioned,
  'run:end': (state, end) => ({ ...state, stage: 'ended', end }),
};

function epochEnded(state: DemoState, { epoch, metrics, at }: EventOf<'epoch:end'>): DemoState {
  const { loss } = metrics;
  return {
    ...state,
    epochsEnded: state.epochsEnded + 1,
    lastEpochMs: at - state.epochStartedAt,
    losses: typeof loss === 'number' ? [...state.losses, { epoch, loss }] : state.losses,
  };
}

type Subject = Pick<Outcome, 'evaluationId' | 'name' | 'epoch'>;

function inFlight(state: DemoState, { evaluationId: id, name, epoch }: Subject): InFlight {
  return state.inFlight.get(id) ?? { id, name, epoch };
}

function changed(state: DemoState, evaluation: InFlight): DemoState {
  const isNew = !state.inFlight.has(evaluation.id);
  return {
    ...state,
    inFlight: new Map(state.inFlight).set(evaluation.id, evaluation),
    counts: isNew ? counted(state.counts, evaluation.name, 'requested') : state.counts,
  };
}

function ended(state: DemoState, event: Outcome): DemoState {
  const left = new Map(state.inFlight);
  left.delete(event.evaluationId);
  const how = event.type === 'evaluation:end' ? event.status : 'skipped';
  const violation = event.type === 'evaluation:end' ? event.violation : undefined;
  const { name, epoch } = event;
  return {
    ...state,
    inFlight: left,
    outcomes: [...state.outcomes, event],
    counts: counted(state.counts, name, how),
    violations: violation === undefined ? state.violations : [...state.violations, { name, epoch, violation }],
  };
}

const noCounts: EvaluationCounts = { requested: 0, completed: 0, violated: 0, failed: 0, cancelled: 0, skipped: 0 };

function counted(counts: DemoState['counts'], name: string, how: keyof EvaluationCounts): DemoState['counts'] {
  const before = counts.get(name) ?? noCounts;
  return new Map(counts).set(name, { ...before, [how]: before[how] + 1 });
}

function transitioned(state: DemoState, { name, from, to }: EventOf<'breaker:transition'>): DemoState {
  return { ...state, breakers: new Map(state.breakers).set(name, [...(state.breakers.get(name) ?? [from]), to]) };
}
