import type { Governed, Governing } from '../callbacks/index.ts';
import type { Clock } from '../clock/index.ts';
import type { Overhead } from '../events/index.ts';
import { ImpactControl, ImpactWindows, type ImpactVerdict } from '../sla/index.ts';
import { repeatableChance } from './repeatable-chance.ts';
import { RecentOverhead } from './recent-overhead.ts';
import { callbacksTold, impactViolation, type ImpactFigures } from './impact-violation.ts';

export interface ImpactWatchOptions {
  readonly clock: Clock;
  /** What callbacks have cost the training since the run began. */
  readonly overhead: () => Overhead;
}

/** An evaluation at work, and what has been told of it. */
interface Member {
  readonly evaluation: Governed;
  pausedAtMs: number | undefined;
  pausedMs: number;
  /** It was told that it costs too much, and not yet that it does not any more. */
  isTold: boolean;
}

/** So many kinds of company are remembered. */
const mostKinds = 32;

/**
 * Measures what the evaluations at work cost the training, all together, and has them cost less: the shell around windows and control.
 *
 * What was learned is kept by who was at work, by name, so that many short evaluations tell as much as one long one. Where several
 * run at once they are judged together, by the smallest of their limits.
 */
export class ImpactWatch {
  readonly #clock: Clock;
  readonly #overhead: RecentOverhead;
  readonly #windows: ImpactWindows;
  readonly #members = new Map<string, Member>();
  readonly #controls = new Map<string, ImpactControl>();
  #control: ImpactControl | undefined;
  /** The last order, who has not yet said that it is so, and since when it is so for those who have. */
  #order = { number: 0, isPause: false, unanswered: new Set<Member>(), sinceMs: -Infinity };
  #pairs = 0;
  #hasJoined = false;
  #isTold = false;
  #saidOfCallbacks = false;

  constructor({ clock, overhead }: ImpactWatchOptions) {
    this.#clock = clock;
    this.#overhead = new RecentOverhead(clock, overhead);
    this.#windows = new ImpactWindows({
      random: repeatableChance(),
      plan: (nowMs, steps) => (this.#members.size === 0 ? null : (this.#control?.plan(nowMs, steps) ?? null)),
      pace: (isPause, forMs) => {
        this.#pace(isPause, forMs);
      },
      onPair: (pair, nowMs) => {
        this.#pairs++;
        const verdict = this.#control?.add(pair, nowMs, (this.#overhead.present.percent ?? 0) / 100);
        if (verdict !== undefined) this.#carryOut(verdict);
      },
    });
  }

  /** A step was done just now. */
  stepped(durationMs: number): void {
    if (this.#members.size === 0) return;
    const nowMs = this.#clock.now();
    this.#windows.stepped(nowMs - durationMs, nowMs);
  }

  /** No steps come any more: what is paused goes on at once. */
  trainingEnded(): void {
    this.#windows.drop();
  }

  join(evaluation: Governed): Governing | undefined {
    // An order to go on changes nothing, and tells whether orders are taken.
    if (!evaluation.pace({ order: ++this.#order.number, pauseMs: 0 })) return undefined;
    const member: Member = { evaluation, pausedAtMs: undefined, pausedMs: 0, isTold: false };
    this.#hasJoined = true;
    if (this.#members.size === 0) this.#overhead.begin();
    this.#change(() => this.#members.set(evaluation.evaluationId, member));
    if (this.#control?.isHeld === true) this.#tellOver(member, this.#figures(undefined));
    return {
      paced: ({ order, isPaused, agoMs }) => {
        this.#paced(member, { order, isPaused, atMs: this.#clock.now() - agoMs });
      },
      leave: () => {
        if (this.#members.get(evaluation.evaluationId) === member)
          this.#change(() => this.#members.delete(evaluation.evaluationId));
      },
    };
  }

  /** What to tell of the rule at the end of a run in which evaluations were at work and nothing could be told of them. */
  whatIsUnmeasured(): { readonly rule: string; readonly why: string } | undefined {
    if (!this.#hasJoined || this.#isTold) return undefined;
    return {
      rule: 'trainingImpactPercent',
      why: `what the evaluations cost the training could not be told: ${this.#pairs} pairs of windows were measured beside them, and it takes about 20 of a second and a quarter`,
    };
  }

  /** Who is at work has changed: what is under way is dropped, and what is known of this company is taken up. */
  #change(change: () => unknown): void {
    this.#windows.drop();
    change();
    const members = [...this.#members.values()];
    if (members.length === 0) return;
    const company = members.map(({ evaluation }) => evaluation.name).sort();
    this.#control = this.#controlOf(JSON.stringify(company), members);
    this.#tellImpact();
  }

  #controlOf(company: string, members: readonly Member[]): ImpactControl {
    const known = this.#controls.get(company);
    if (known !== undefined) return known;
    const rules = members.map(({ evaluation }) => evaluation.rule);
    const control = new ImpactControl({
      limit: Math.min(...rules.map(({ limit }) => limit)) / 100,
      mayThrottle: rules.some(({ action }) => action === 'throttle'),
    });
    const [oldest] = this.#controls.keys();
    if (this.#controls.size >= mostKinds && oldest !== undefined) this.#controls.delete(oldest);
    this.#controls.set(company, control);
    return control;
  }

  #pace(isPause: boolean, forMs: number): void {
    const members = [...this.#members.values()];
    // Once they are held to a share, those that only warn are let be.
    const paced =
      this.#control?.isHeld === true && isPause
        ? members.filter(({ evaluation }) => evaluation.rule.action === 'throttle')
        : members;
    const number = this.#order.number + 1;
    this.#order = { number, isPause, unanswered: new Set(paced), sinceMs: -Infinity };
    for (const { evaluation } of paced) evaluation.pace({ order: number, pauseMs: isPause ? forMs : 0 });
  }

  #paced(
    member: Member,
    { order, isPaused, atMs }: { readonly order: number; readonly isPaused: boolean; readonly atMs: number },
  ): void {
    book(member, isPaused, atMs);
    const current = this.#order;
    if (order !== current.number) return;
    if (isPaused !== current.isPause) {
      // The time of its pause was over before the training made its steps.
      this.#windows.resumed();
      this.#pace(false, 0);
      return;
    }
    current.unanswered.delete(member);
    current.sinceMs = Math.max(current.sinceMs, atMs);
    if (current.unanswered.size === 0) this.#windows.paced(isPaused, current.sinceMs);
  }

  #carryOut(verdict: ImpactVerdict): void {
    this.#tellImpact();
    if (verdict.kind === 'none') return;
    this.#isTold = true;
    const figures = this.#figures(verdict.estimate);
    const members = [...this.#members.values()];
    switch (verdict.kind) {
      case 'under':
      case 'recovered':
        for (const member of members) this.#tellRecovered(member, figures);
        break;
      case 'over':
        for (const member of members) if (member.evaluation.rule.action !== 'abort') this.#tellOver(member, figures);
        this.#abortNewest('abort', figures);
        break;
      case 'beyond help':
        this.#abortNewest('throttle', figures);
    }
    this.#warnOfCallbacks();
  }

  /** Of those that run the newest goes first: perhaps the others do well without it. */
  #abortNewest(action: 'abort' | 'throttle', figures: ImpactFigures): void {
    const newest = [...this.#members.values()].findLast(({ evaluation }) => evaluation.rule.action === action);
    newest?.evaluation.abort(impactViolation(newest.evaluation, 'abort', { ...figures, pausedMs: newest.pausedMs }));
  }

  #tellOver(member: Member, figures: ImpactFigures): void {
    const { evaluation } = member;
    if (evaluation.rule.action === 'abort' || member.isTold) return;
    member.isTold = true;
    const violation = impactViolation(evaluation, evaluation.rule.action, { ...figures, pausedMs: member.pausedMs });
    evaluation.tell({ type: 'throttled', violation });
  }

  #tellRecovered(member: Member, figures: ImpactFigures): void {
    const { evaluation } = member;
    if (!member.isTold) return;
    member.isTold = false;
    const action = evaluation.rule.action === 'warn' ? 'warn' : 'throttle';
    const violation = impactViolation(evaluation, action, { ...figures, pausedMs: member.pausedMs }, 'recovered');
    evaluation.tell({ type: 'recovered', violation });
  }

  #tellImpact(): void {
    const impact = this.#control?.impact ?? null;
    if (impact === null) return;
    const percent = impact * 100 + (this.#overhead.present.percent ?? 0);
    for (const { evaluation } of this.#members.values()) evaluation.onImpact(percent);
  }

  /** Callbacks on the training thread cannot be paused: that is said, once and by name. */
  #warnOfCallbacks(): void {
    const newest = [...this.#members.values()].at(-1);
    const overhead = this.#overhead.present;
    if (newest === undefined || this.#saidOfCallbacks) return;
    if ((overhead.percent ?? 0) < newest.evaluation.rule.limit) return;
    this.#saidOfCallbacks = true;
    const violation = callbacksTold(newest.evaluation, overhead, this.#clock.wallNow());
    newest.evaluation.tell({ type: 'throttled', violation });
  }

  #figures(estimate: ImpactFigures['estimate']): ImpactFigures {
    return {
      estimate,
      impact: this.#control?.impact ?? 0,
      overhead: this.#overhead.present,
      observedAt: this.#clock.wallNow(),
      pausedMs: 0,
    };
  }
}

/** Adds up how long it was paused. */
function book(member: Member, isPaused: boolean, atMs: number): void {
  if (isPaused) member.pausedAtMs ??= atMs;
  else if (member.pausedAtMs !== undefined) {
    member.pausedMs += atMs - member.pausedAtMs;
    member.pausedAtMs = undefined;
  }
}
