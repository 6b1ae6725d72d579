import { describe, expect, it } from 'vitest';
import type { PlannedDrill } from '../../../src/cli/drill/plan-drills.ts';
import { ruleVerdict } from '../../../src/cli/drill/rule-verdict.ts';
import type { EventBody, Usage, Violation } from '../../../src/events/index.ts';

type Rule = Pick<PlannedDrill, 'rule' | 'limit' | 'action' | 'heldAt'>;

const time: Rule = { rule: 'evaluationTimeMs', limit: 1_800_000, heldAt: 2_000, action: 'abort' };
const memory: Rule = { rule: 'memoryMb', limit: 9_000, heldAt: 9_000, action: 'abort' };
const share: Rule = { rule: 'cpuPercent', limit: 50, heldAt: 1, action: 'throttle' };

const subject = { evaluationId: 'one-1-1', name: 'one', epoch: 1, step: 0 };
const used = { wallMs: 1_500, cpuMs: 0, cpuShare: 0, peakMemoryMb: 0, startMs: 0, pausedMs: 0, queuedMs: 0, goneMs: 0 };

/** The events of a run in which these were told. */
const run = (...bodies: readonly EventBody[]) => ({
  events: bodies.map((body, seq) => ({ ...body, seq, at: 0, runId: 'run' })),
  bySafeguards: [],
});
const violation = ({ rule, heldAt: limit, action }: Rule, more: Partial<Violation> = {}): Violation => ({
  ...{ rule, limit, action, observed: limit, unit: rule.endsWith('Ms') ? 'ms' : rule.endsWith('Mb') ? 'MB' : '%' },
  ...{ evaluationId: subject.evaluationId, observedAt: 10, lateByHostMs: 0, pausedMs: 0 },
  ...more,
});
const told = (broken: Violation): EventBody => ({ type: 'sla:violation', violation: broken });
const ended = (
  status: 'completed' | 'violated' | 'failed' | 'cancelled',
  { broken, usage }: { readonly broken?: Violation; readonly usage?: Partial<Usage> } = {},
): EventBody => ({
  type: 'evaluation:end',
  ...subject,
  status,
  items: { done: 0 },
  usage: { ...used, ...usage },
  ...(broken !== undefined && { violation: broken }),
  ...(status === 'failed' && { error: { code: 'CODE', kind: 'crashed', message: 'it fell over' } }),
});
const cpu = (cpuPercent: number | null): EventBody => ({
  type: 'evaluation:sample',
  ...subject,
  ...{ memoryMb: null, cpuPercent, gpuUtilizationPercent: null, gpuMemoryMb: null },
});

describe('the verdict on a rule that was broken', () => {
  const late = violation(time, { deadlineAt: 10, killedAt: 10.4, goneAt: 18.4 });
  const bounded = violation(memory, { limit: 6_000, observed: 6_001, layer: 'poll' });
  const crossed = violation(share, { observed: 90 });

  it.each<[string, Rule, ReturnType<typeof run>, string, string | RegExp]>([
    [
      'a limit of time that ended it, held lower than it is',
      time,
      run(told(late), ended('violated', { broken: late })),
      'fired',
      'held at 2 s in place of 30 min: stopped 0.4 ms after the limit, and it was gone 8.0 ms later',
    ],
    [
      'a limit of memory that was bounded by what all may hold',
      memory,
      run(told(bounded), ended('violated', { broken: bounded })),
      'fired',
      'ended at 6001 MB, the limit was 6000 MB, all that evaluations may hold together here (poll)',
    ],
    [
      'a warning',
      { ...memory, action: 'warn' },
      run(told(violation({ ...memory, action: 'warn' })), ended('cancelled')),
      'fired',
      'told at 9000 MB; a warning ends nothing',
    ],
    [
      'pauses',
      share,
      run(told(crossed), ended('cancelled', { usage: { pausedMs: 900.4 } })),
      'fired',
      'held at 1 % in place of 50 %: it took 90 %, and it was paused for 900 ms of 1.5 s',
    ],
    [
      'told without a pause',
      share,
      run(told(crossed), ended('cancelled')),
      'silent',
      /it was told, and nothing came of it$/,
    ],
    [
      'told without an end',
      time,
      run(told(late), ended('cancelled')),
      'silent',
      /it was told, and nothing came of it$/,
    ],
    [
      'never told',
      time,
      run(ended('cancelled')),
      'silent',
      /it did not fire, and the evaluation was ended by the drill$/,
    ],
    [
      'another rule that came before',
      time,
      run(ended('violated', { broken: violation(memory) })),
      'silent',
      /"memoryMb" ended it/,
    ],
    [
      'a warning in the place of an end',
      time,
      run(told({ ...late, action: 'warn' }), ended('completed')),
      'silent',
      /it answered$/,
    ],
    ['an evaluation that failed', time, run(ended('failed')), 'silent', /the evaluation failed: it fell over$/],
    ['an evaluation that never began', time, run(), 'silent', /the evaluation never began$/],
    [
      'a rule that cannot be held here',
      share,
      run({ type: 'sla:unenforceable', rule: 'cpuPercent', why: 'Nothing is paused.' }, cpu(90), ended('cancelled')),
      'silent',
      'held at 1 % in place of 50 %: Nothing is paused.',
    ],
    [
      'a share that was never reached',
      share,
      run(cpu(0.4), cpu(null), ended('cancelled')),
      'not-drilled',
      /all there was to burn was 0 %/,
    ],
    ['a share that was reached', share, run(cpu(1), ended('cancelled')), 'silent', /it did not fire/],
  ])('%s', (_, rule, events, status, seen) => {
    const verdict = ruleVerdict(rule, events);

    expect(verdict.status).toBe(status);
    if (typeof seen === 'string') expect(verdict.seen).toBe(seen);
    else expect(verdict.seen).toMatch(seen);
  });

  // "Warn at half, end at the whole" was said not to fire: the warning was taken for the rule.
  it.each<[string, Violation, Rule, string]>([
    ['a warning before the end', violation(memory, { limit: 4_500, action: 'warn' }), memory, 'fired'],
    ['one that is all', violation(memory, { limit: 4_500 }), memory, 'silent'],
    ['one with the very same limit', violation(memory, { action: 'warn' }), memory, 'fired'],
  ])('leaves out what a safeguard of the user’s has told of the same rule: %s', (_, own, rule, status) => {
    const byRule = violation(rule);
    const { events } =
      status === 'fired'
        ? run(told(own), told(byRule), ended('violated', { broken: byRule }))
        : run(told(own), ended('cancelled'));

    expect(ruleVerdict(rule, { events, bySafeguards: [own] }).status).toBe(status);
  });
});
