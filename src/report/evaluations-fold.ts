import type { EventOf } from '../events/index.ts';
import { violationSentence } from '../sla/index.ts';
import { CurveDraft } from './curve-draft.ts';
import { figuresOf } from './figures-of.ts';
import type {
  Bounded,
  CountsTold,
  Curve,
  EvaluationsOfName,
  EvaluationState,
  EvaluationTold,
  Figure,
} from './run-report.ts';
import { spread } from './thinned.ts';

/** Told one by one; the rest is counted. */
const mostEvaluations = 1000;
/** More than these are not drawn. */
const mostCurves = 60;
/** Longer reasons are in the journal. */
const longestWhy = 1000;

/** One evaluation while the record is read. */
export interface EvaluationDraft {
  readonly evaluationId: string;
  readonly name: string;
  readonly epoch: number;
  readonly step: number;
  readonly requestedAt: number;
  readonly seq: number;
  state: EvaluationState;
  startedAt: number | null;
  endedAt: number | null;
  wallMs: number | null;
  peakMemoryMb: number | null;
  trainingImpactPercent: number | null;
  result: readonly Figure[];
  why: string | null;
}

/** The evaluations of a run, by their ids, in the order of their requests. */
export class EvaluationsFold {
  readonly #drafts = new Map<string, EvaluationDraft>();
  /** Each name once: a record tells it with every event. */
  readonly #names = new Map<string, string>();

  get(evaluationId: string): EvaluationDraft | undefined {
    return this.#drafts.get(evaluationId);
  }

  requested({ seq, at, evaluationId, name, epoch, step }: EventOf<'evaluation:requested'>): void {
    let own = this.#names.get(name);
    if (own === undefined) this.#names.set(name, (own = name));
    this.#drafts.delete(evaluationId); // asked for again by a run that goes on
    this.#drafts.set(evaluationId, {
      evaluationId,
      name: own,
      epoch,
      step,
      requestedAt: at,
      seq,
      state: 'waiting',
      startedAt: null,
      endedAt: null,
      wallMs: null,
      peakMemoryMb: null,
      trainingImpactPercent: null,
      result: [],
      why: null,
    });
  }

  skipped({ at, evaluationId, reason }: EventOf<'evaluation:skipped'>): void {
    const draft = this.#drafts.get(evaluationId);
    if (draft === undefined) return;
    draft.state = 'skipped';
    draft.endedAt = at;
    draft.why = reason;
  }

  started({ at, evaluationId }: EventOf<'evaluation:start'>): void {
    const draft = this.#drafts.get(evaluationId);
    if (draft === undefined) return;
    draft.state = 'running';
    draft.startedAt = at;
  }

  ended(end: EventOf<'evaluation:end'>): void {
    const draft = this.#drafts.get(end.evaluationId);
    if (draft === undefined) return;
    draft.state = end.status;
    draft.endedAt = end.at;
    draft.wallMs = draft.startedAt === null ? null : end.usage.wallMs;
    draft.peakMemoryMb = end.usage.peakMemoryMb;
    draft.trainingImpactPercent = end.usage.trainingImpactPercent ?? null;
    if (end.status === 'completed') draft.result = figuresOf(end.result);
    else draft.why = whyOf(end)?.slice(0, longestWhy) ?? null;
  }

  /** Keeps what is of a subject at or before the checkpoint, which is not done again, and forgets the rest. */
  resume(isAtOrBefore: (subject: EvaluationDraft) => boolean): void {
    for (const [id, draft] of this.#drafts) if (!isAtOrBefore(draft)) this.#drafts.delete(id);
  }

  counts(): CountsTold {
    return countsOf([...this.#drafts.values()]);
  }

  byName(): readonly EvaluationsOfName[] {
    const byName = new Map<string, EvaluationDraft[]>();
    for (const draft of this.#drafts.values()) {
      const own = byName.get(draft.name);
      if (own === undefined) byName.set(draft.name, [draft]);
      else own.push(draft);
    }
    return [...byName].map(([name, drafts]) => ofName(name, drafts));
  }

  /** At most so many one by one: of those that did not complete as many as can be, the completed evenly spread. */
  told(startedAt: number): Bounded<EvaluationTold> {
    const all = [...this.#drafts.values()];
    const wrong = spread(
      all.filter(({ state }) => state !== 'completed'),
      mostEvaluations * 0.8,
    );
    const completed = spread(
      all.filter(({ state }) => state === 'completed'),
      mostEvaluations - wrong.length,
    );
    const shown =
      all.length <= mostEvaluations ? all : [...wrong, ...completed].sort((one, other) => one.seq - other.seq);
    return { shown: shown.map((draft) => toldOf(draft, startedAt)), of: all.length };
  }

  curves(): readonly Curve[] {
    const curves = new Map<string, CurveDraft>();
    const inOrder = [...this.#drafts.values()].sort(
      (one, other) => one.epoch - other.epoch || one.step - other.step || one.seq - other.seq,
    );
    for (const { name, epoch, result } of inOrder)
      for (const figure of result) {
        const key = JSON.stringify([name, figure.name]);
        let curve = curves.get(key);
        if (curve === undefined && curves.size >= mostCurves) continue;
        if (curve === undefined) curves.set(key, (curve = new CurveDraft(figure.name, name)));
        curve.add(epoch, figure);
      }
    return [...curves.values()].filter(({ isTold }) => isTold).map((curve) => curve.told());
  }
}

function ofName(name: string, drafts: readonly EvaluationDraft[]): EvaluationsOfName {
  const tookMs = drafts
    .flatMap(({ state, wallMs }) => (state === 'completed' && wallMs !== null ? [wallMs] : []))
    .sort((one, other) => one - other);
  const peaksMb = drafts.flatMap(({ peakMemoryMb }) => peakMemoryMb ?? []);
  return {
    name,
    counts: countsOf(drafts),
    medianWallMs: tookMs[Math.ceil(tookMs.length / 2) - 1] ?? null,
    longestWallMs: tookMs.at(-1) ?? null,
    peakMemoryMb: peaksMb.length === 0 ? null : peaksMb.reduce((peak, each) => Math.max(peak, each)),
  };
}

function toldOf({ seq: _, requestedAt, startedAt, endedAt, ...told }: EvaluationDraft, runAt: number): EvaluationTold {
  const since = (at: number | null): number | null => (at === null ? null : at - runAt);
  return { ...told, requestedMs: requestedAt - runAt, startedMs: since(startedAt), endedMs: since(endedAt) };
}

function whyOf({ violation, error }: EventOf<'evaluation:end'>): string | undefined {
  if (violation !== undefined) return violation.message ?? violationSentence(violation);
  return error === undefined ? undefined : `${error.code}: ${error.message}`;
}

function countsOf(drafts: readonly EvaluationDraft[]): CountsTold {
  const counts = { requested: 0, completed: 0, violated: 0, failed: 0, cancelled: 0, skipped: 0, unfinished: 0 };
  for (const { state } of drafts) {
    counts.requested++;
    counts[state === 'running' || state === 'waiting' ? 'unfinished' : state]++;
  }
  return counts;
}
