// A training that may be lost: it steps, one candidate runs one hostile evaluation beside it, and it tells what it can.
import { longestGapMs, train } from '../training.ts';
import type { Candidate } from './candidate.ts';
import { assignmentVariable, type HostileAssignment, type HostileWord } from './hostile-assignment.ts';

await runCase(JSON.parse(process.env[assignmentVariable] ?? '{}') as HostileAssignment);

async function runCase({ candidate: name, input, limits }: HostileAssignment): Promise<void> {
  const say = (word: HostileWord): void => {
    // Who has waited long enough does not listen any more.
    process.send?.(word, () => undefined);
  };
  const candidate = await candidateNamed(name);
  await candidate.prepare?.(limits);
  const training = train();
  await new Promise((resolve) => setTimeout(resolve, 100));
  const fromMs = performance.now();
  const stepsBefore = training.steps.length;
  process.once('message', () => {
    const steps = training.steps.length - stepsBefore;
    say({ type: 'training', steps, longestGapMs: longestGapMs(training.steps, fromMs) });
  });
  say({ type: 'begins' });
  say({ type: 'told', told: await candidate.run(input, limits) });
}

/** Only what is tried is loaded, so that nobody pays for another. */
async function candidateNamed(name: string): Promise<Candidate> {
  const candidates = name.startsWith('pitwall')
    ? (await import('./pitwall-candidates.ts')).ours
    : (await import('./peers.ts')).peers;
  const found = candidates.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`There is no candidate "${name}".`);
  return found;
}
