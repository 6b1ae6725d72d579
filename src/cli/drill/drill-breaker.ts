import { CircuitBreaker } from '../../breaker/index.ts';
import type { EvaluationSettings } from '../../callbacks/index.ts';
import { counted } from '../../words/index.ts';
import type { Verdict } from './drilled.ts';
import { runBad } from './run-bad.ts';

/** A breaker that needs more failures than this would take long. */
const mostFailures = 20;
/** The limit that each failure breaks. */
const brokenAtMs = 300;
const patienceMs = 5_000;

/** Has an evaluation break a limit until its breaker opens, and asks once more. */
export async function drillBreaker(settings: EvaluationSettings): Promise<Verdict> {
  const { breaker } = settings;
  if (breaker === false) return { status: 'not-drilled', seen: 'it is switched off' };
  const isGiven = breaker instanceof CircuitBreaker;
  if (isGiven && breaker.state !== 'closed')
    return { status: 'not-drilled', seen: `it is ${breaker.state} from the beginning` };
  const needed = isGiven ? mostFailures : failuresNeeded(breaker);
  if (needed > mostFailures)
    return {
      status: 'not-drilled',
      seen: `it takes ${needed} failures to open it, and the drill makes ${mostFailures}`,
    };

  const { events } = await runBad(settings, {
    ...failing(settings),
    requests: needed + 1,
    patienceMs: patienceMs * (needed + 1),
    // Whoever opened it is told; the next request shows that it holds.
    isEnough: ({ type }) => (type === 'evaluation:skipped' ? 0 : undefined),
  });
  if (isGiven) breaker.reset(); // it may be another evaluation's too
  const opened = events.find((event) => event.type === 'breaker:transition' && event.to === 'open');
  // The breaker is told of a failure before the run is.
  const asked = events.filter(({ type, seq }) => type === 'evaluation:requested' && seq < (opened?.seq ?? Infinity));
  const isRefused = events.some((event) => event.type === 'evaluation:skipped' && event.reason === 'breaker-open');
  const failures = counted(asked.length, 'failure');
  if (opened?.type !== 'breaker:transition') return { status: 'silent', seen: `${failures} did not open it` };
  return {
    status: 'fired',
    seen: `opened after ${failures} (${opened.reason})${isRefused ? ', and the next request was skipped' : ''}`,
  };
}

function failuresNeeded({
  minimumNumberOfCalls = 3,
  slidingWindow = { type: 'count', size: 10 },
}: Exclude<EvaluationSettings['breaker'], false | CircuitBreaker>): number {
  return slidingWindow.type === 'count' ? Math.min(minimumNumberOfCalls, slidingWindow.size) : minimumNumberOfCalls;
}

/** A failure that comes soon: a deadline missed where the evaluation has one that aborts, and a crash otherwise. */
function failing({ sla }: Pick<EvaluationSettings, 'sla'>): Pick<Parameters<typeof runBad>[1], 'fault' | 'sla'> {
  if (sla === false) return { fault: { does: 'fail' }, sla };
  if (sla.evaluationTimeMs.action !== 'abort') return { fault: { does: 'fail' }, sla };
  const { limit } = sla.evaluationTimeMs;
  const held = { ...sla, evaluationTimeMs: { limit: Math.min(limit, brokenAtMs), action: 'abort' as const } };
  return { fault: { does: 'never answer' }, sla: held };
}
