import { fork, type ChildProcess } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { readBoard } from '../board.ts';
import { newToken } from '../in-own-process.ts';
import { kill, killLeftovers } from '../leftovers.ts';
import { machineMs } from '../machine.ts';
import type { Circumstances } from '../measurement.ts';
import { isAlive, processesSaying } from '../processes.ts';
import type { CandidateLimits, Told } from './candidate.ts';
import { assignmentVariable, type HostileAssignment, type HostileWord } from './hostile-assignment.ts';
import { hostileInput, type HostileWay } from './hostile-input.ts';

export interface HostileCase {
  readonly candidate: string;
  readonly way: HostileWay;
  readonly limits: CandidateLimits;
  /** How long after its limit an evaluation is waited for. */
  readonly patienceMs: number;
}

/** What became of one hostile evaluation, seen from outside of the training that had it. */
export interface HostileOutcome {
  /** Whether it came to do what it is tried for. */
  readonly misbehaved: boolean;
  /** How the training's process ended by itself, where it did. */
  readonly lost: string | undefined;
  /** What the training says of its steps; nothing where it did not answer within a second. */
  readonly training: { readonly steps: number; readonly longestGapMs: number } | undefined;
  readonly told: Told | undefined;
  /** When the last of it was seen, in machine milliseconds; it may be alive still. */
  readonly lastSeenMs: number;
  readonly isAlive: boolean;
  /** MB that it had taken when it ended. */
  readonly takenMb: number;
}

const lookMs = 3;

/** Lets a training of its own have it, and watches from here: whatever becomes of that training, it is ended afterwards. */
export async function hostileCase(
  { candidate, way, limits, patienceMs }: HostileCase,
  circumstances: Circumstances,
): Promise<HostileOutcome> {
  const token = newToken();
  const input = hostileInput(way, { ...circumstances, token });
  const assignment: HostileAssignment = { candidate, input, limits };
  const env = { ...process.env, [assignmentVariable]: JSON.stringify(assignment) };
  const host = fork(new URL('./hostile-host.js', import.meta.url), { env, detached: true, execArgv: [] });
  const heard = listen(host);
  await Promise.race([heard.begun, pause(10_000)]);
  const untilMs = machineMs() + limits.timeMs + patienceMs;
  let lastSeenMs = 0;
  const isThread = (pid: number): boolean => pid === host.pid;
  /** Whether anything of it is alive. */
  const look = (): boolean => {
    const { pid, lastBeatMs, beganMs } = readBoard(input.board);
    const evaluatorLives = pid !== 0 && !isThread(pid) && isAlive(pid);
    const threadLives = isThread(pid) && lastBeatMs > machineMs() - 50;
    const processes = processesSaying(token);
    if (evaluatorLives || processes.length > 0) lastSeenMs = machineMs();
    lastSeenMs = Math.max(lastSeenMs, lastBeatMs);
    return beganMs === 0 ? heard.told() === undefined : evaluatorLives || threadLives || processes.length > 0;
  };
  while (machineMs() < untilMs && heard.lost() === undefined) {
    if (!look() && heard.told() !== undefined) break;
    await pause(lookMs);
  }
  // What blocks its thread shows no sign of life: who does not answer has it still.
  const lost = heard.lost();
  const training = lost === undefined ? await heard.training() : undefined;
  const isStillAlive = look();
  const board = readBoard(input.board);
  const outcome: HostileOutcome = {
    lost: lost ?? heard.lost(),
    training,
    told: heard.told(),
    lastSeenMs,
    isAlive: isStillAlive,
    misbehaved: board.lastBeatMs > 0,
    takenMb: board.takenMb,
  };
  if (host.pid !== undefined) kill(host.pid);
  killLeftovers(token);
  return outcome;
}

interface Heard {
  readonly begun: Promise<void>;
  told(): Told | undefined;
  lost(): string | undefined;
  /** Asks how the training went. */
  training(): Promise<HostileOutcome['training']>;
}

function listen(host: ChildProcess): Heard {
  let told: Told | undefined;
  let lost: string | undefined;
  let onTraining: (training: HostileOutcome['training']) => void = () => undefined;
  const begun = new Promise<void>((resolve) => {
    host.on('message', (message) => {
      const word = message as HostileWord;
      if (word.type === 'begins') resolve();
      else if (word.type === 'told') told = word.told;
      else onTraining(word);
    });
    host.once('exit', (code, signal) => {
      lost = signal ?? `exit code ${code ?? '?'}`;
      resolve();
    });
  });
  return {
    begun,
    told: () => told,
    lost: () => lost,
    training: () => {
      const answer = new Promise<HostileOutcome['training']>((resolve) => (onTraining = resolve));
      if (host.connected) host.send('how did it go?', () => undefined);
      return Promise.race([answer, pause(1000, undefined)]);
    },
  };
}
