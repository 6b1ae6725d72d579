import type { EventOf } from '../events/index.ts';
import { CurveDraft } from './curve-draft.ts';
import { figuresOf } from './figures-of.ts';
import type { Curve, Figure } from './run-report.ts';

/** More metrics than these are not drawn. */
const mostCurves = 60;

interface EpochTold {
  readonly seq: number;
  readonly epoch: number;
  readonly metrics: readonly Figure[];
}

/** The epochs that have ended whole, and their metrics. */
export class EpochsFold {
  #epochs: EpochTold[] = [];

  /** How many have ended. */
  get done(): number {
    return this.#epochs.length;
  }

  end({ seq, epoch, metrics, interrupted }: EventOf<'epoch:end'>): void {
    if (interrupted === true) return;
    while ((this.#epochs.at(-1)?.epoch ?? 0) >= epoch) this.#epochs.pop(); // an epoch that was entered again
    this.#epochs.push({ seq, epoch, metrics: figuresOf(metrics) });
  }

  /** Forgets what was told after `fromSeq`: it is done again. */
  resume(fromSeq: number): void {
    this.#epochs = this.#epochs.filter(({ seq }) => seq <= fromSeq);
  }

  curves(): readonly Curve[] {
    const drafts = new Map<string, CurveDraft>();
    for (const { epoch, metrics } of this.#epochs)
      for (const figure of metrics) {
        let draft = drafts.get(figure.name);
        if (draft === undefined && drafts.size >= mostCurves) continue;
        if (draft === undefined) drafts.set(figure.name, (draft = new CurveDraft(figure.name)));
        draft.add(epoch, figure);
      }
    return [...drafts.values()].filter(({ isTold }) => isTold).map((draft) => draft.told());
  }
}
