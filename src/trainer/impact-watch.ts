import type { Governed, Governing } from '../callbacks/index.ts';
import type { Clock } from '../clock/index.ts';
import type { Overhead } from '../events/index.ts';
import { ImpactControl, ImpactWindows, sideOf, type ImpactVerdict } from '../sla/index.ts';
import { repeatableChance } from './repeatable-chance.ts';
import { RecentOverhead } from './recent-overhead.ts';
import { callbacksTold, impactViolation, type ImpactFigures } from './impact-violation.ts';

export interface ImpactWatchOptions {
  readonly clock: Clock;
  /** What callbacks have cost the training since the run began. */
  readonly overhead: () => Overhead;
  /** Windows are as long as chance has it, which repeats with this: those of two trainings must not fall into step. */
  readonly seed: string;
}

/** An evaluation at work, and what has been told of it. */
interface Member {
  readonly evaluation: Governed;
  pausedAtMs: number | undefined;
  pausedMs: number;
  /** It was told that it costs too much, and not yet that it does not any more. */
  isTold: boolean;
}

/** Those that run together, by name and rule, and what is known of them. */
interface Company {
  readonly who: readonly string[];
  readonly control: ImpactControl;
  /** With what they were seen to cost too much, the last time; nothing before. */
  heldFor: ImpactFigures | undefined;
}

/** So many kinds of company are remembered: those that ran last. */
const mostKinds = 32;

/**
 * Measures what the evaluations at work cost the training, all together, and has them cost less: the shell around windows and control.
 *
 * What was learned is kept by who was at work, by name, so that many short evaluations tell as much as one long one. Where several
 * run at once they are measured together, each is judged by its own limit, and those that may be given less are held to the
 * smallest of theirs.
 */
export class ImpactWatch {
  readonly #clock: Clock;
  readonly #overhead: RecentOverhead;
  readonly #windows: ImpactWindows;
  readonly #members = new Map<string, Member>();
  readonly #companies = new Map<string, Company>();
  #company: Company | undefined;
  /** The last order, who has not yet said that it is so, and since when it is so for those who have. */
  #order = { number: 0, isPause: false, unanswered: new Set<Member>(), sinceMs: -Infinity };
  #pairs = 0;
  /** So many were measured, or might have been. */
  #joined = 0;
  #hasEnded = false;
  #isTold = false;
  #saidOfCallbacks = false;

  constructor({ clock, overhead, seed }: ImpactWatchOptions) {
    this.#clock = clock;
    this.#overhead = new RecentOverhead(clock, overhead);
    this.#windows = new ImpactWindows({
      random: repeatableChance(seed),
      plan: (nowMs, steps) => (this.#members.size === 0 ? null : (this.#company?.control.plan(nowMs, steps) ?? null)),
      pace: (isPause, forMs) => {
        this.#pace(isPause, forMs);
      },
      onPair: (pair, nowMs) => {
        this.#pairs++;
        const company = this.#company;
        if (company === undefined) return;
        const overhead = this.#overhead.present;
        const wasHeld = company.control.isHeld;
        const verdict = company.control.add(pair, nowMs, others(overhead));
        this.#carryOut(company, { verdict, wasHeld, overhead });
      },
    });
  }

  /** A step was done just now. */
  stepped(durationMs: number): void {
    if (this.#members.size === 0) return;
    const nowMs = this.#clock.now();
    this.#windows.stepped(nowMs - durationMs, nowMs);
  }

  /** No steps come any more: what is paused goes on at once, and what begins now costs the training nothing. */
  trainingEnded(): void {
    this.#hasEnded = true;
    this.#windows.drop();
  }

  join(evaluation: Governed): Governing | undefined {
    // An order to go on changes nothing, and tells whether orders are taken.
    const number = this.#order.number + 1;
    if (this.#hasEnded || !evaluation.pace({ order: number, pauseMs: 0 })) return undefined;
    this.#order.number = number;
    const member: Member = { evaluation, pausedAtMs: undefined, pausedMs: 0, isTold: false };
    this.#joined++;
    if (this.#members.size === 0) this.#overhead.begin();
    this.#change(() => this.#members.set(evaluation.evaluationId, member));
    const leave = (): void => {
      if (this.#members.get(evaluation.evaluationId) === member)
        this.#change(() => this.#members.delete(evaluation.evaluationId));
    };
    return {
      paced: ({ order, isPaused, agoMs }) => {
        this.#paced(member, { order, isPaused, atMs: this.#clock.now() - agoMs });
      },
      leave,
      cannotBePaused: () => {
        this.#joined--;
        leave();
      },
    };
  }

  /** What to tell of the rule at the end of a run in which evaluations were at work and nothing could be told of them. */
  whatIsUnmeasured(): { readonly rule: string; readonly why: string } | undefined {
    if (this.#joined === 0 || this.#isTold) return undefined;
    return {
      rule: 'trainingImpactPercent',
      why: `what the evaluations cost the training could not be told: it takes about 20 pairs of windows beside them, of 1.25 s where steps are short, and there were ${this.#pairs}`,
    };
  }

  /** Who is at work has changed: what is under way is dropped, and what is known of this company is taken up. */
  #change(change: () => unknown): void {
    this.#windows.drop();
    change();
    const members = [...this.#members.values()];
    if (members.length === 0 || this.#hasEnded) return;
    const company = this.#companyOf(members);
    this.#company = company;
    this.#tellImpact(company);
    const { control, heldFor } = company;
    if (!control.isHeld || heldFor === undefined) return;
    // It runs part of the time from the beginning.
    const figures = { ...heldFor, observedAt: this.#clock.wallNow(), isOfBefore: true };
    for (const member of members) if (mayBeGivenLess(member)) this.#tellOver(member, figures);
  }

  #companyOf(members: readonly Member[]): Company {
    // A name may come back with another rule, registered anew.
    const who = members.map(({ evaluation: { name, rule } }) => JSON.stringify([name, rule.action, rule.limit])).sort();
    const key = who.join();
    const company = this.#companies.get(key) ?? this.#newCompany(who, members);
    this.#companies.delete(key);
    const [longestAgo] = this.#companies.keys();
    if (this.#companies.size >= mostKinds && longestAgo !== undefined) this.#companies.delete(longestAgo);
    this.#companies.set(key, company);
    return company;
  }

  /** What joins others that are held begins with the share that those have. */
  #newCompany(who: readonly string[], members: readonly Member[]): Company {
    const rules = members.map(({ evaluation: { rule } }) => ({ ...rule, limit: rule.limit / 100 }));
    const held = [...this.#companies.values()].findLast((each) => each.control.isHeld && isPartOf(each.who, who));
    const heldLike = held && { control: held.control, nowMs: this.#clock.now() };
    return { who, control: new ImpactControl(rules, heldLike), heldFor: held?.heldFor };
  }

  #pace(isPause: boolean, forMs: number): void {
    const members = [...this.#members.values()];
    // Once some are held to a share, those that may not be given less are let be, but for a pause now and then to see what they cost.
    const paced = isPause && this.#company?.control.pausesAll === false ? members.filter(mayBeGivenLess) : members;
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

  #carryOut(
    company: Company,
    {
      verdict,
      wasHeld,
      overhead,
    }: { readonly verdict: ImpactVerdict; readonly wasHeld: boolean; readonly overhead: Overhead },
  ): void {
    this.#tellImpact(company);
    if (verdict.kind === 'none') return;
    this.#isTold = true;
    const figures: ImpactFigures = {
      estimate: verdict.estimate,
      isOfBefore: false,
      overhead,
      observedAt: this.#clock.wallNow(),
    };
    if (verdict.kind === 'beyond help') this.#abortNewest('throttle', figures);
    else {
      const { isHeld } = company.control;
      if (isHeld && !wasHeld) company.heldFor = figures;
      for (const member of this.#members.values()) {
        const side = sideOfMember(member, figures);
        if (mayBeGivenLess(member) ? isHeld : side === 'over') this.#tellOver(member, figures);
        else if (side === 'under') this.#tellRecovered(member, figures);
      }
      this.#abortNewest('abort', figures);
    }
    this.#warnOfCallbacks(overhead);
  }

  /** Of those that run, and may not cost so much, the newest goes first: perhaps the others do well without it. */
  #abortNewest(action: 'abort' | 'throttle', figures: ImpactFigures): void {
    const newest = [...this.#members.values()].findLast(
      (member) => member.evaluation.rule.action === action && sideOfMember(member, figures) === 'over',
    );
    newest?.evaluation.abort(impactViolation(newest.evaluation, 'abort', { ...figures, pausedMs: newest.pausedMs }));
  }

  #tellOver(member: Member, figures: ImpactFigures): void {
    const { evaluation, pausedMs } = member;
    const { action } = evaluation.rule;
    if (action === 'abort' || member.isTold) return;
    member.isTold = true;
    const heldAt = Math.min(...[...this.#members.values()].filter(mayBeGivenLess).map(limitOf));
    const limit = action === 'throttle' ? heldAt : limitOf(member);
    evaluation.tell({
      type: 'throttled',
      violation: impactViolation(evaluation, action, { ...figures, pausedMs, limit }),
    });
  }

  #tellRecovered(member: Member, figures: ImpactFigures): void {
    const { evaluation } = member;
    if (!member.isTold) return;
    member.isTold = false;
    const [action, next] = mayBeGivenLess(member)
      ? (['throttle', 'recovered'] as const)
      : (['warn', 'well again'] as const);
    const violation = impactViolation(evaluation, action, { ...figures, pausedMs: member.pausedMs }, next);
    evaluation.tell({ type: 'recovered', violation });
  }

  #tellImpact(company: Company): void {
    const { impact } = company.control;
    const percent = impact === null ? null : impact * 100 + (this.#overhead.present.percent ?? 0);
    for (const { evaluation } of this.#members.values()) evaluation.onImpact(percent);
  }

  /** Callbacks on the training thread cannot be paused: that is said, once and by name. */
  #warnOfCallbacks(overhead: Overhead): void {
    const newest = [...this.#members.values()].at(-1);
    if (newest === undefined || this.#saidOfCallbacks) return;
    if ((overhead.percent ?? 0) < newest.evaluation.rule.limit) return;
    this.#saidOfCallbacks = true;
    const violation = callbacksTold(newest.evaluation, overhead, this.#clock.wallNow());
    newest.evaluation.tell({ type: 'throttled', violation });
  }
}

/** Whether each of these is one of those, two of a name being two. */
function isPartOf(these: readonly string[], those: readonly string[]): boolean {
  const left = [...those];
  return these.every((each) => {
    const at = left.indexOf(each);
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  });
}

function limitOf({ evaluation }: Member): number {
  return evaluation.rule.limit;
}

function mayBeGivenLess({ evaluation }: Member): boolean {
  return evaluation.rule.action === 'throttle';
}

function sideOfMember(member: Member, { estimate, overhead }: ImpactFigures): ReturnType<typeof sideOf> {
  return sideOf(estimate, limitOf(member) / 100, others(overhead));
}

/** What callbacks take, as a share. */
function others({ percent }: Overhead): number {
  return (percent ?? 0) / 100;
}

/** Adds up how long it was paused. */
function book(member: Member, isPaused: boolean, atMs: number): void {
  if (isPaused) member.pausedAtMs ??= atMs;
  else if (member.pausedAtMs !== undefined) {
    member.pausedMs += atMs - member.pausedAtMs;
    member.pausedAtMs = undefined;
  }
}
