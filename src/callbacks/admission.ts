/** What becomes of a request that comes while an evaluation of the same name runs. */
export type Overlap = 'latest' | 'skip' | 'queue' | 'cancel' | 'parallel';

/** Why a request comes to nothing. */
export type SkipReason = 'busy' | 'superseded' | 'breaker-open' | 'stopping';

/** The rules of one evaluation's admission. */
export interface AdmissionPolicy {
  readonly overlap: Overlap;
  /** How many run at once under `parallel`: the executor's slots, Infinity where it has no bound. */
  readonly slots: number;
}

/** Who runs and who waits, by evaluation id, the oldest first. Once `stopping`, nothing begins any more. */
export interface AdmissionState {
  readonly phase: 'open' | 'stopping';
  readonly running: readonly string[];
  readonly waiting: readonly string[];
}

export type AdmissionEvent =
  /** `permitted` is whether the breaker would let it through now. */
  | { readonly kind: 'requested'; readonly id: string; readonly permitted: boolean }
  /** Nothing of it is left: its last process is gone, or it never began. */
  | { readonly kind: 'ended'; readonly id: string }
  | { readonly kind: 'stopping' };

export type AdmissionDecision =
  | { readonly kind: 'start'; readonly id: string }
  | { readonly kind: 'wait'; readonly id: string }
  | { readonly kind: 'skip'; readonly id: string; readonly reason: SkipReason }
  /** Stays running until it has `ended`. */
  | { readonly kind: 'abort'; readonly id: string };

/** The state after an event, and what to do, in this order. */
export interface Admitted {
  readonly state: AdmissionState;
  readonly decisions: readonly AdmissionDecision[];
}

/** Nobody runs, nobody waits. */
export const idleAdmission: AdmissionState = { phase: 'open', running: [], waiting: [] };

/** How many requests a queue holds; one more is `busy`. */
const longestQueue = 16;

/**
 * Decides who starts, waits, is skipped or aborted. Pure: the same state and event give the same decisions.
 *
 * Overlap is looked at before the breaker, so that a request which the breaker refuses supersedes nobody.
 */
export function admit(policy: AdmissionPolicy, state: AdmissionState, event: AdmissionEvent): Admitted {
  switch (event.kind) {
    case 'requested':
      return requested(policy, state, event);
    case 'ended':
      return ended(policy, state, event.id);
    case 'stopping':
      return {
        state: { ...state, phase: 'stopping', waiting: [] },
        decisions: [
          ...state.waiting.map((id) => skip(id, 'stopping')),
          ...state.running.map((id): AdmissionDecision => ({ kind: 'abort', id })),
        ],
      };
  }
}

function requested(
  policy: AdmissionPolicy,
  state: AdmissionState,
  { id, permitted }: { readonly id: string; readonly permitted: boolean },
): Admitted {
  const refused = (reason: SkipReason): Admitted => ({ state, decisions: [skip(id, reason)] });
  if (state.phase === 'stopping') return refused('stopping');
  const free = hasFreeSlot(policy, state);
  if (!free && isFull(policy, state)) return refused('busy');
  if (!permitted) return refused('breaker-open');
  if (free) return { state: { ...state, running: [...state.running, id] }, decisions: [{ kind: 'start', id }] };

  const wait: AdmissionDecision = { kind: 'wait', id };
  if (policy.overlap === 'queue' || policy.overlap === 'parallel')
    return { state: { ...state, waiting: [...state.waiting, id] }, decisions: [wait] };

  const superseded = state.waiting.map((older) => skip(older, 'superseded'));
  const aborted: AdmissionDecision[] =
    policy.overlap === 'cancel' ? state.running.map((older) => ({ kind: 'abort', id: older })) : [];
  return { state: { ...state, waiting: [id] }, decisions: [...superseded, wait, ...aborted] };
}

function ended(policy: AdmissionPolicy, before: AdmissionState, id: string): Admitted {
  let state: AdmissionState = {
    ...before,
    running: before.running.filter((other) => other !== id),
    waiting: before.waiting.filter((other) => other !== id),
  };
  const decisions: AdmissionDecision[] = [];
  for (let [next] = state.waiting; next !== undefined && hasFreeSlot(policy, state); [next] = state.waiting) {
    state = { ...state, running: [...state.running, next], waiting: state.waiting.slice(1) };
    decisions.push({ kind: 'start', id: next });
  }
  return { state, decisions };
}

function hasFreeSlot({ overlap, slots }: AdmissionPolicy, { running }: AdmissionState): boolean {
  return running.length < (overlap === 'parallel' ? slots : 1);
}

/** Whether one more cannot even wait. */
function isFull({ overlap }: AdmissionPolicy, { waiting }: AdmissionState): boolean {
  if (overlap === 'skip') return true;
  return (overlap === 'queue' || overlap === 'parallel') && waiting.length >= longestQueue;
}

function skip(id: string, reason: SkipReason): AdmissionDecision {
  return { kind: 'skip', id, reason };
}
