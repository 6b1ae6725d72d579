import { machineNowMs, type SampledLimit, type StartOrder, type Throttling } from '../wire/index.ts';
import type { ContainedProcess } from './contained-process.ts';
import { Pacer } from './pacer.ts';
import { whyUnknown, type Readings } from './readings.ts';
import type { Tell } from './reporter.ts';
import { sampledRules, type SampledRule } from './sampled-rules.ts';
import type { Decision } from './settlement.ts';
import { nothingIsPaused } from './describe-containment.ts';
import { ShareControl } from './share-control.ts';

/** One rule that is held: since when what is not judged yet was used. */
interface Held {
  readonly rule: SampledRule;
  readonly limit: SampledLimit;
  readonly control: ShareControl;
  /** Judges the machine's whole use where the evaluation's own is not known: all that it can do is to warn. */
  readonly wholeControl: ShareControl;
  sinceMs: number;
  sinceCpuMs: number | null;
  /** What the GPU's driver told then is judged. */
  readAtMs: number | undefined;
  /** Until then its figure was known, or not yet to be known. */
  knownMs: number;
}

/** Holds what one evaluation uses: looks, gives less of the time by pauses, tells, and says when it has to end. */
export class ResourceHold {
  readonly #order: Pick<StartOrder, 'id' | 'limits'>;
  readonly #tell: Tell;
  readonly #readings: Readings;
  readonly #pacer: Pacer;
  readonly #mayBePaused: boolean;
  #held: readonly Held[] = [];

  constructor(
    order: Pick<StartOrder, 'id' | 'limits'>,
    process: Pick<ContainedProcess, 'mayBeStopped' | 'pauseAll' | 'resumeAll'>,
    readings: Readings,
    tell: Tell,
  ) {
    this.#order = order;
    this.#tell = tell;
    this.#readings = readings;
    this.#mayBePaused = process.mayBeStopped;
    this.#pacer = new Pacer({
      pause: () => {
        process.pauseAll();
      },
      resume: () => {
        process.resumeAll();
      },
    });
  }

  /** The work begins: what was used before is not its own. */
  begin(nowMs: number = machineNowMs()): void {
    const sinceCpuMs = this.#readings.cpuMs();
    this.#held = sampledRules.flatMap((rule) => {
      const limit = this.#order.limits[rule.name];
      // What may not be paused cannot be given less: that is told as unenforceable.
      if (limit === undefined || (limit.action === 'throttle' && !this.#mayBePaused)) return [];
      const isMissing = rule.source === 'gpu' && this.#readings.probe.missing !== undefined;
      // What is known to be unmeasured is no sooner measured by waiting: the first look tells so.
      const control = isMissing
        ? new ShareControl({ ...limit, sustainMs: 0 }, 0)
        : new ShareControl(limit, rule.unmeasuredAfterMs);
      const sinceMs = isMissing ? nowMs - rule.everyMs : nowMs;
      const wholeLimit = { ...limit, action: 'abort', whenUnmeasured: 'report' } as const;
      const wholeControl = new ShareControl(wholeLimit, rule.unmeasuredAfterMs);
      const { readAtMs } = this.#readings.probe;
      return [{ rule, limit, control, wholeControl, sinceMs, sinceCpuMs, readAtMs, knownMs: nowMs }];
    });
  }

  /** @returns how the evaluation is to end, if it is */
  look(nowMs: number): Decision | undefined {
    for (const held of this.#held) {
      if (nowMs - held.sinceMs < held.rule.everyMs) continue;
      const end = this.#judge(held, nowMs);
      if (end !== undefined) return end;
    }
    this.#pacer.give(Math.min(1, ...this.#held.map(({ control }) => control.share)));
    return undefined;
  }

  pausedMs(): number {
    return this.#pacer.pausedMs();
  }

  pausedSinceMs(sinceMs: number): number {
    return this.#pacer.pausedSinceMs(sinceMs);
  }

  /** Pauses it for so long at most, whatever its share is, or lets it go on; tells when that is so, and when the time is over. */
  pace(order: number, pauseMs: number): void {
    const { id } = this.#order;
    if (!this.#mayBePaused) {
      this.#tell({ type: 'unpaceable', id, why: nothingIsPaused });
      return;
    }
    const tell = (isPaused: boolean): void => {
      this.#tell({ type: 'paced', id, order, isPaused, atMachineMs: machineNowMs() });
    };
    this.#pacer.hold(pauseMs, () => {
      tell(false);
    });
    if (pauseMs > 0) tell(true);
  }

  /** Lets it run, for what is still to come: an answer to `signal`, or its end. */
  release(): void {
    this.#pacer.stop();
  }

  #judge(held: Held, nowMs: number): Decision | undefined {
    const { rule, limit, control } = held;
    if (rule.source === 'gpu' && this.#hasNoNews(held)) {
      held.knownMs = nowMs;
      return undefined;
    }
    const cpuMs = rule.name === 'cpuPercent' ? this.#readings.cpuMs() : null;
    const usedCpuMs = cpuMs === null || held.sinceCpuMs === null ? null : cpuMs - held.sinceCpuMs;
    const used = rule.used({ usedCpuMs, elapsedMs: nowMs - held.sinceMs, gpu: this.#readings.gpu });
    const sinceMs = beginOf(held, used, nowMs);
    // What is in memory is there while it is paused too.
    const ranShare = rule.unit === 'MB' ? 1 : 1 - this.#pacer.pausedSinceMs(sinceMs) / (nowMs - sinceMs);
    this.#judgeWhole(held, used, nowMs);
    Object.assign(held, { sinceMs: nowMs, sinceCpuMs: cpuMs, readAtMs: this.#readings.probe.readAtMs });
    const verdict = control.look({ sinceMs, nowMs, used, ranShare });
    switch (verdict.kind) {
      case 'holds':
        return undefined;
      case 'broken':
        return { kind: 'broken', broken: { rule: rule.name, limit: limit.limit, observed: verdict.observed } };
      case 'unmeasured':
        return this.#unmeasured(rule);
      case 'released': {
        const why = `${this.#why(rule)}, and the evaluation is not paused for it any more`;
        this.#tell({ type: 'unmeasured', id: this.#order.id, rule: rule.name, why });
        return undefined;
      }
      case 'warned':
        this.#warn(rule, limit.limit, {
          observed: verdict.observed,
          what: `The evaluation's processes used ${rule.inWords(verdict.observed)}: this only warns`,
        });
        return undefined;
      case 'throttled':
      case 'recovered':
        this.#tell({ type: verdict.kind, id: this.#order.id, throttling: this.#throttling(held, verdict) });
        return undefined;
    }
  }

  /** Nobody has said anything yet, or nothing since the last look. */
  #hasNoNews({ readAtMs }: Held): boolean {
    const { probe } = this.#readings;
    return probe.isAwaited || (probe.readAtMs !== undefined && probe.readAtMs === readAtMs);
  }

  /** What is known of the whole machine only is no reason to end or pause this evaluation: it is told, once. */
  #judgeWhole(held: Held, own: number | null, nowMs: number): void {
    const { rule, wholeControl } = held;
    const { limit } = held.limit;
    // Beside its own figure the whole is of no interest: what was above the limit before is over.
    const used = own === null ? (rule.whole?.(this.#readings.gpu()) ?? null) : 0;
    const verdict = wholeControl.look({ sinceMs: beginOf(held, used, nowMs), nowMs, used, ranShare: 1 });
    if (verdict.kind !== 'broken') return;
    const { observed } = verdict;
    const whose = "and how much of that is the evaluation's is not known here";
    this.#warn(rule, limit, {
      observed,
      what: `There was a use of ${rule.inWords(observed)}, ${whose}: this only warns`,
    });
  }

  #warn(
    rule: SampledRule,
    limit: number,
    { observed, what }: { readonly observed: number; readonly what: string },
  ): void {
    const message = `${what}. The limit is ${limit} ${rule.unit} (${rule.name}).`;
    const throttling = { ...this.#told(rule, limit, observed), action: 'warn', message } as const;
    this.#tell({ type: 'throttled', id: this.#order.id, throttling });
  }

  #throttling(
    { rule, limit: { limit } }: Held,
    { kind, observed }: { readonly kind: 'throttled' | 'recovered'; readonly observed: number },
  ): Throttling {
    const figure = rule.inWords(observed);
    const what =
      kind === 'throttled'
        ? `The evaluation's processes used ${figure}: they are paused part of the time`
        : `The evaluation's processes would use ${figure} by themselves: they are not paused any more`;
    const message = `${what}. The limit is ${limit} ${rule.unit} (${rule.name}).`;
    return { ...this.#told(rule, limit, observed), action: 'throttle', message };
  }

  /** What is to be held to a rule at all costs, and cannot be measured. */
  #unmeasured(rule: SampledRule): Decision {
    return {
      kind: 'failed',
      errorKind: 'rejected',
      code: 'RULE_UNMEASURED',
      message: `The rule "${rule.name}" cannot be measured here (${this.#why(rule)}), and its whenUnmeasured is "abort": leave that out to go on without it.`,
    };
  }

  #why({ source }: SampledRule): string {
    const { probe, gpu } = this.#readings;
    return source === 'gpu' ? whyUnknown(probe, gpu()) : 'nothing tells the processor time of its processes';
  }

  #told({ name, unit }: SampledRule, limit: number, observed: number) {
    return { rule: name, limit, observed, unit, observedAt: Date.now(), pausedMs: this.#pacer.pausedMs() };
  }
}

/** When the time begins that a figure is of: the driver's are of the last second, whenever they come; none is of no time that was known. */
function beginOf({ rule, sinceMs, knownMs }: Held, used: number | null, nowMs: number): number {
  if (used === null) return Math.max(sinceMs, knownMs);
  return rule.source === 'gpu' ? Math.max(sinceMs, nowMs - rule.everyMs) : sinceMs;
}
