import { ConfigurationError, told } from '../errors/index.ts';
import type { EvaluationCounts, EventOf, RunEvent } from '../events/index.ts';
import { withoutSuperseded } from '../journal/index.ts';
import { matcherResult, type MatcherResult } from './matcher-result.ts';

type EvaluationEvent = Extract<RunEvent, { readonly evaluationId: string }>;

/**
 * Checks that no evaluation was lost or counted twice: requested = completed + violated + failed + cancelled + skipped.
 *
 * Of events it checks every evaluation for itself too: asked for once, before anything else is told of it, ended or skipped once,
 * and nothing told of it after that; and that `run:end` counts the same, but for what a resumed run has done again. It is a law of
 * runs that have ended: of one that goes on, what still runs is told as lost.
 *
 * @param received the events of a run, `{ events }` of one, its outcome, its `run:end`, or counts
 */
export function toConserve(received: unknown): MatcherResult {
  const events = eventsIn(received);
  const problems = events === undefined ? problemsOfCounts(countsIn(received), 'the run') : problemsOfEvents(events);
  return matcherResult(
    problems.length === 0,
    `Every evaluation that is requested was to end once (requested = completed + violated + failed + cancelled + skipped), but\n  ${problems.join('\n  ')}`,
    'Some evaluation was to be lost or counted twice, but each that was requested has ended once.',
  );
}

function eventsIn(received: unknown): readonly RunEvent[] | undefined {
  if (Array.isArray(received)) return received as RunEvent[];
  const events = (received as { readonly events?: unknown } | null | undefined)?.events;
  return Array.isArray(events) ? (events as RunEvent[]) : undefined;
}

const ends = ['completed', 'violated', 'failed', 'cancelled', 'skipped'] as const;

function countsIn(received: unknown): EvaluationCounts {
  const holder = received as { readonly evaluations?: unknown } | null | undefined;
  const counts = (holder?.evaluations ?? received) as Partial<EvaluationCounts> | null | undefined;
  if (['requested', ...ends].every((key) => typeof counts?.[key as keyof EvaluationCounts] === 'number'))
    return counts as EvaluationCounts;
  throw new ConfigurationError(
    `expect(…).toConserve() must get the events of a run, { events }, an outcome, or counts of evaluations, but ${told(received)} came.`,
  );
}

function problemsOfCounts(counts: EvaluationCounts, who: string): string[] {
  const sum = ends.reduce((total, key) => total + counts[key], 0);
  if (sum === counts.requested) return [];
  const parts = ends.map((key) => `${counts[key]} ${key}`).join(' + ');
  return [`${who} counts ${counts.requested} requested, and ${parts} = ${sum}`];
}

/** What has been told of one evaluation. */
interface Life {
  readonly name: string;
  readonly epoch: number;
  end: (typeof ends)[number] | undefined;
}

function problemsOfEvents(events: readonly RunEvent[]): string[] {
  const problems: string[] = [];
  for (const [id, life] of livesIn(events, problems))
    if (life.end === undefined) problems.push(`${nameOf(id, life)} was requested, and never ended or skipped`);
  const runEnd = events.findLast((event) => event.type === 'run:end');
  if (runEnd === undefined) return problems;
  const standing = withoutSuperseded(events.filter((event) => event.type !== 'step'));
  return [...problems, ...problemsOfRunEnd(runEnd, livesIn(standing, []))];
}

function livesIn(events: readonly RunEvent[], problems: string[]): ReadonlyMap<string, Life> {
  const lives = new Map<string, Life>();
  for (const event of events) if (isOfEvaluation(event)) live(event, lives, problems);
  return lives;
}

function isOfEvaluation(event: RunEvent): event is EvaluationEvent {
  return event.type.startsWith('evaluation:');
}

function live(event: EvaluationEvent, lives: Map<string, Life>, problems: string[]): void {
  const { evaluationId: id, name, epoch } = event;
  const life = lives.get(id);
  const who = nameOf(id, { name, epoch });
  if (event.type === 'evaluation:requested') {
    if (life !== undefined) problems.push(`${who} was requested twice`);
    lives.set(id, { name, epoch, end: undefined });
    return;
  }
  if (life === undefined) problems.push(`${who} was told of (${event.type}) without a request`);
  else if (life.end !== undefined) problems.push(`${who} was told of (${event.type}) after it was ${life.end}`);
  else if (event.type === 'evaluation:end') life.end = event.status;
  else if (event.type === 'evaluation:skipped') life.end = 'skipped';
}

function problemsOfRunEnd({ evaluations }: EventOf<'run:end'>, lives: ReadonlyMap<string, Life>): string[] {
  const seen = [...lives.values()];
  const fold = { requested: seen.length } as Record<keyof EvaluationCounts, number>;
  for (const key of ends) fold[key] = seen.filter(({ end }) => end === key).length;
  const wrong = (['requested', ...ends] as const).filter((key) => fold[key] !== evaluations[key]);
  return [
    ...problemsOfCounts(evaluations, 'run:end'),
    ...wrong.map((key) => `run:end counts ${evaluations[key]} ${key}, and the events tell of ${fold[key]}`),
  ];
}

function nameOf(id: string, { name, epoch }: Pick<Life, 'name' | 'epoch'>): string {
  return `"${name}" of epoch ${epoch} (${id})`;
}
