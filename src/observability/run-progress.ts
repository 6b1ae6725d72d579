import type { EventOf, RunEvent } from '../events/index.ts';

/** An evaluation that runs. */
export interface EvaluationProgress {
  readonly name: string;
  readonly epoch: number;
  /** On the run's clock; `undefined` until it is known to have started. */
  readonly startedMs: number | undefined;
  readonly done?: number | undefined;
  readonly total?: number | undefined;
  readonly note?: string | undefined;
  /** When `done` was told. */
  readonly toldMs?: number | undefined;
}

/** Of the epochs' times the last few speak: each new one has this part in the mean. */
const smoothing = 0.3;

/** What is known of where a run stands: a fold of its events, made to be looked at now and then. A step costs it an addition. */
export class RunProgress {
  /** The epoch under way or, between two, the last one; 0 before the first. */
  epoch = 0;
  /** Epochs that are done, those of before a resumption too. */
  epochsDone = 0;
  /** Steps since the present epoch, or the part of it that is seen, began. */
  stepsInEpoch = 0;
  /** Steps since it looks. */
  steps = 0;
  stage: 'training' | 'draining' | 'ended' = 'training';
  /** How long the last whole epoch took, and how many steps it had; `undefined` before the first. */
  lastEpoch: { readonly ms: number; readonly steps: number } | undefined;
  /** How many evaluations have ended, by how. */
  readonly ended = new Map<string, number>();
  readonly #epochs: number;
  readonly #evaluations = new Map<string, EvaluationProgress>();
  /** The epoch that is under way; `beganMs` only where it was seen from its beginning. */
  #open: { readonly epoch: number; readonly beganMs: number | undefined } | undefined;
  #meanEpochMs: number | undefined;

  /** @param stateEpoch the run's present epoch, where its beginning was not seen */
  constructor(epochs: number, stateEpoch: number) {
    this.#epochs = epochs;
    this.epoch = stateEpoch;
    this.epochsDone = Math.max(0, stateEpoch - 1);
  }

  /** The evaluations that run, the oldest first. */
  get evaluations(): Iterable<EvaluationProgress> {
    return this.#evaluations.values();
  }

  /** Remembers an event of before the run was resumed: what is done is done, and how long it took says nothing of now. */
  remember(event: RunEvent): void {
    if (event.type === 'epoch:start') this.#open = { epoch: event.epoch, beganMs: undefined };
    else if (event.type === 'epoch:end') this.#endEpoch(event);
    if ('epoch' in event && event.type.startsWith('epoch:')) this.epoch = event.epoch;
  }

  step(): void {
    this.steps++;
    this.stepsInEpoch++;
  }

  see(event: RunEvent, nowMs: number): void {
    // eslint-disable-next-line @typescript-eslint/switch-exhaustiveness-check -- the other events move nothing on
    switch (event.type) {
      case 'epoch:start':
        this.#beginEpoch(event.epoch, nowMs);
        break;
      case 'epoch:end':
        this.#endEpoch(event, nowMs);
        break;
      case 'training:end':
        this.stage = 'draining';
        break;
      case 'run:end':
        this.stage = 'ended';
        break;
      case 'evaluation:start':
        this.#evaluations.set(event.evaluationId, { name: event.name, epoch: event.epoch, startedMs: nowMs });
        break;
      case 'evaluation:progress': {
        const { evaluationId, name, epoch, done, total, note } = event;
        const startedMs = this.#evaluations.get(evaluationId)?.startedMs;
        this.#evaluations.set(evaluationId, { name, epoch, startedMs, done, total, note, toldMs: nowMs });
        break;
      }
      case 'evaluation:end':
        this.#evaluations.delete(event.evaluationId);
        this.ended.set(event.status, (this.ended.get(event.status) ?? 0) + 1);
    }
  }

  /** How much of the training is done, 0 to 1. */
  get part(): number {
    const usual = this.lastEpoch?.steps ?? 0;
    const within = this.#open === undefined || usual === 0 ? 0 : Math.min(1, this.stepsInEpoch / usual);
    return Math.min(1, (this.epochsDone + within) / this.#epochs);
  }

  /** How long the training takes still, in milliseconds; `undefined` where nobody knows. */
  leftMs(nowMs: number): number | undefined {
    const mean = this.#meanEpochMs;
    const left = this.#epochs - this.epochsDone;
    if (mean === undefined || left <= 0 || this.stage !== 'training') return undefined;
    const inEpochMs = this.#open?.beganMs === undefined ? 0 : nowMs - this.#open.beganMs;
    const leftMs = Math.max(0, mean - inEpochMs) + mean * (left - 1);
    return leftMs > 0 ? leftMs : undefined;
  }

  #beginEpoch(epoch: number, nowMs: number): void {
    // One that is entered again in its middle is shorter than the others.
    const isWhole = this.#open?.epoch !== epoch;
    this.#open = { epoch, beganMs: isWhole ? nowMs : undefined };
    this.epoch = epoch;
    this.epochsDone = epoch - 1;
    this.stepsInEpoch = 0;
  }

  #endEpoch({ epoch, interrupted }: EventOf<'epoch:end'>, nowMs?: number): void {
    const open = this.#open;
    this.#open = undefined;
    if (interrupted === true) return;
    this.epochsDone = epoch;
    this.lastEpoch = undefined;
    if (nowMs === undefined || open?.beganMs === undefined) return;
    const ms = nowMs - open.beganMs;
    this.lastEpoch = { ms, steps: this.stepsInEpoch };
    this.#meanEpochMs = this.#meanEpochMs === undefined ? ms : this.#meanEpochMs + smoothing * (ms - this.#meanEpochMs);
  }
}

/** How long an evaluation takes still, in milliseconds, by what it has done so far; `undefined` where nobody knows. */
export function evaluationLeftMs(evaluation: EvaluationProgress, nowMs: number): number | undefined {
  const { startedMs, done = 0, total = 0, toldMs = nowMs } = evaluation;
  if (startedMs === undefined || !(done > 0) || !(total > done) || !Number.isFinite(total)) return undefined;
  const leftMs = ((toldMs - startedMs) / done) * (total - done) - (nowMs - toldMs);
  return leftMs > 0 ? leftMs : undefined;
}
