import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  admit,
  idleAdmission,
  type AdmissionDecision,
  type AdmissionEvent,
  type AdmissionPolicy,
  type AdmissionState,
  type Overlap,
} from '../../src/callbacks/admission.ts';

const overlaps: Overlap[] = ['latest', 'skip', 'queue', 'cancel', 'parallel'];

const state = (running: string, waiting = '', phase: AdmissionState['phase'] = 'open'): AdmissionState => ({
  phase,
  running: running.split(''),
  waiting: waiting.split(''),
});
const request = (id: string, permitted = true): AdmissionEvent => ({ kind: 'requested', id, permitted });
const end = (id: string): AdmissionEvent => ({ kind: 'ended', id });
const told = (decisions: readonly AdmissionDecision[]): string =>
  decisions.map(({ kind, id, ...rest }) => [kind, id, ...Object.values(rest)].join(' ')).join(', ');

describe('admission', () => {
  const sixteen = 'abcdefghijklmnop';
  it.each<[string, Overlap, AdmissionState, AdmissionEvent, string, AdmissionState]>([
    ['starts what comes while nobody runs', 'latest', state(''), request('n'), 'start n', state('n')],
    ['latest: waits in the one slot', 'latest', state('r'), request('n'), 'wait n', state('r', 'n')],
    [
      'latest: supersedes who waits',
      'latest',
      state('r', 'w'),
      request('n'),
      'skip w superseded, wait n',
      state('r', 'n'),
    ],
    ['latest: starts who waits at the end', 'latest', state('r', 'w'), end('r'), 'start w', state('w')],
    ['skip: is busy', 'skip', state('r'), request('n'), 'skip n busy', state('r')],
    ['skip: starts when free', 'skip', state(''), request('n'), 'start n', state('n')],
    ['queue: waits its turn', 'queue', state('r', 'ab'), request('n'), 'wait n', state('r', 'abn')],
    [
      'queue: the 16th still waits',
      'queue',
      state('r', sixteen.slice(1)),
      request('n'),
      'wait n',
      state('r', `${sixteen.slice(1)}n`),
    ],
    ['queue: the 17th is busy', 'queue', state('r', sixteen), request('n'), 'skip n busy', state('r', sixteen)],
    ['queue: the first come starts first', 'queue', state('r', 'ab'), end('r'), 'start a', state('a', 'b')],
    [
      'cancel: aborts who runs, and waits for its end',
      'cancel',
      state('r'),
      request('n'),
      'wait n, abort r',
      state('r', 'n'),
    ],
    ['cancel: starts when it is reaped', 'cancel', state('r', 'n'), end('r'), 'start n', state('n')],
    [
      'cancel: supersedes who waits',
      'cancel',
      state('r', 'w'),
      request('n'),
      'skip w superseded, wait n, abort r',
      state('r', 'n'),
    ],
    ['parallel: runs too', 'parallel', state('a'), request('n'), 'start n', state('an')],
    ['parallel: waits where the slots are taken', 'parallel', state('ab'), request('n'), 'wait n', state('ab', 'n')],
    [
      'parallel: the 17th waiting is busy',
      'parallel',
      state('12', sixteen),
      request('n'),
      'skip n busy',
      state('12', sixteen),
    ],
    ['parallel: starts the next', 'parallel', state('ab', 'cd'), end('a'), 'start c', state('bc', 'd')],
    ['an open breaker: is skipped', 'latest', state(''), request('n', false), 'skip n breaker-open', state('')],
    [
      'an open breaker: supersedes nobody',
      'latest',
      state('r', 'w'),
      request('n', false),
      'skip n breaker-open',
      state('r', 'w'),
    ],
    ['an open breaker: cancels nobody', 'cancel', state('r'), request('n', false), 'skip n breaker-open', state('r')],
    ['busy comes before the breaker', 'skip', state('r'), request('n', false), 'skip n busy', state('r')],
    [
      'stopping: nobody waits, nobody runs on',
      'queue',
      state('r', 'ab'),
      { kind: 'stopping' },
      'skip a stopping, skip b stopping, abort r',
      state('r', '', 'stopping'),
    ],
    [
      'stopping: what comes later is skipped',
      'parallel',
      state('', '', 'stopping'),
      request('n'),
      'skip n stopping',
      state('', '', 'stopping'),
    ],
    ['who waits may end: its input failed', 'queue', state('r', 'ab'), end('a'), '', state('r', 'b')],
  ])('%s', (_, overlap, before, event, decisions, after) => {
    const admitted = admit({ overlap, slots: 2 }, before, event);

    expect(told(admitted.decisions)).toBe(decisions);
    expect(admitted.state).toEqual(after);
  });

  it.each(overlaps)('%s: stays within its bound, and every request starts once or is skipped once', (overlap) => {
    const moves = fc.array(
      fc.oneof(
        { weight: 3, arbitrary: fc.record({ kind: fc.constant('request'), permitted: fc.boolean() }) },
        { weight: 3, arbitrary: fc.record({ kind: fc.constant('end'), nth: fc.nat(20) }) },
        { weight: 1, arbitrary: fc.constant({ kind: 'stopping' }) },
      ),
      { maxLength: 120 },
    );
    fc.assert(
      fc.property(moves, fc.integer({ min: 1, max: 3 }), (schedule, slots) => {
        const policy: AdmissionPolicy = { overlap, slots };
        const verdicts = new Map<string, string[]>();
        let now = idleAdmission;
        const apply = (event: AdmissionEvent): void => {
          const { state: next, decisions } = admit(policy, now, event);
          now = next;
          for (const { kind, id } of decisions) if (kind !== 'wait' && kind !== 'abort') verdicts.get(id)!.push(kind);
          expect(now.running.length).toBeLessThanOrEqual(overlap === 'parallel' ? slots : 1);
          expect(now.waiting.length).toBeLessThanOrEqual(
            { latest: 1, skip: 0, cancel: 1, queue: 16, parallel: 16 }[overlap],
          );
          if (now.waiting.length > 0) expect(now.running.length).toBeGreaterThan(0);
        };

        let count = 0;
        for (const move of schedule) {
          if ('permitted' in move) {
            const id = String(count++);
            verdicts.set(id, []);
            apply({ kind: 'requested', id, permitted: move.permitted });
          } else if ('nth' in move) {
            const id = now.running[move.nth % Math.max(1, now.running.length)];
            if (id !== undefined) apply({ kind: 'ended', id });
          } else apply({ kind: 'stopping' });
        }
        while (now.running[0] !== undefined) apply({ kind: 'ended', id: now.running[0] });

        expect([...verdicts.values()].every((verdict) => verdict.length === 1)).toBe(true);
      }),
    );
  });
});
