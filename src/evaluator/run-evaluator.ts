import { mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { setImmediate } from 'node:timers';
import { PitwallError } from '../errors/pitwall-error.ts';
import { reasonOf } from '../errors/reason-of.ts';
import { stackOf, thrownWords } from '../errors/thrown.ts';
import {
  evaluationMark,
  evaluatorErrorCodes,
  filesOf,
  readPackedFileSync,
  writePackedFile,
  type Assignment,
  type EvaluatorMessage,
  type PackedValue,
  type SupervisorToEvaluator,
} from '../wire/evaluator-side.ts';

import { contextOver, folderLetterbox } from './context.ts';
import type { Evaluator } from './define-evaluator.ts';
import { loadEvaluator } from './load-evaluator.ts';
import { packed } from './packed-answer.ts';
import { printed } from './printed.ts';

const longestMessage = 8_000;

/**
 * Runs one evaluator: loads it, says so, waits for the word, works, answers, and waits for the next word. It tells through `tell`,
 * which has written when it returns, and gives back what is to be called with each message of the supervisor.
 */
export function evaluatorRun(tell: (message: EvaluatorMessage) => void): (message: SupervisorToEvaluator) => void {
  let stopping = new AbortController();
  let evaluate: Evaluator | undefined;

  const load = async (module: string): Promise<void> => {
    // Asked again after it has served: what an evaluation before has left overdue comes first.
    if (evaluate !== undefined) await timersOfNow();
    evaluate = await loadEvaluator(module);
    tell({ type: 'ready' });
  };
  const work = async (assignment: Assignment): Promise<void> => {
    if (evaluate === undefined) return;
    stopping = new AbortController();
    // For people who look at its children: its own environment was given before this evaluation was known.
    process.env[evaluationMark] = assignment.evaluationId;
    const { input, result } = filesOf(assignment.folder);
    const letterbox = folderLetterbox(assignment.folder, assignment);
    const context = contextOver(letterbox, { signal: stopping.signal, seed: assignment.seed });
    const value = await evaluate(readInput(input), context);
    const spill = assignment.spillFolder === undefined ? undefined : filesOf(assignment.spillFolder).result;
    letterbox.close();
    writeResult(packed(value, 'result', assignment), result, spill);
    await printed();
    tell({ type: 'result' });
  };
  const failing = (task: Promise<void>): void => {
    task.catch(async (error: unknown) => {
      await printed();
      tell(failureOf(error));
    });
  };

  return (message) => {
    if (message.type === 'load') failing(load(message.module));
    else if (message.type === 'go') failing(work(message));
    else stopping.abort(new PitwallError('CANCELLED', 'The evaluation was asked to stop.'));
  };
}

/** Resolves when every timer that is overdue has fired: the timers' turn is between two of `setImmediate`. */
async function timersOfNow(): Promise<void> {
  await new Promise(setImmediate);
  await new Promise(setImmediate);
}

function readInput(path: string): unknown {
  try {
    // The host is trusted: its input may fill what heap there is.
    return readPackedFileSync(path, { heapBytes: Infinity });
  } catch (cause) {
    throw new PitwallError('INPUT_NOT_READABLE', `The input could not be read: ${reasonOf(cause)}`, { cause });
  }
}

/** Where shared memory is full, a result goes to the temporary folder. */
function writeResult(value: PackedValue, path: string, spill: string | undefined): void {
  try {
    writeWhole(path, value);
  } catch (error) {
    if (spill === undefined) throw notWritten(error, path);
    try {
      mkdirSync(dirname(spill), { recursive: true, mode: 0o700 });
      writeWhole(spill, value);
    } catch (spillError) {
      throw notWritten(spillError, spill);
    }
  }
}

/** What could not be written whole gives its room back at once: somebody else may want it. */
function writeWhole(path: string, value: PackedValue): void {
  try {
    writePackedFile(path, value);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  }
}

function notWritten(cause: unknown, path: string): PitwallError {
  const message = `The result could not be handed over: ${reasonOf(cause)}. Make room in ${dirname(path)}, or return less.`;
  return new PitwallError('RESULT_NOT_WRITTEN', message, { cause });
}

/** One of Pitwall's own, where it is that. */
function ownError(error: unknown) {
  try {
    if (!(error instanceof PitwallError)) return undefined;
    const { message, cause } = error;
    const code = evaluatorErrorCodes.find((each) => each === error.code);
    return code === undefined ? undefined : { code, message, cause };
  } catch {
    return undefined; // it throws when it is asked what it is
  }
}

/** Says anything thrown, also what is no error, in a message of bounded length. */
export function failureOf(error: unknown): EvaluatorMessage {
  const own = ownError(error);
  if (own !== undefined) {
    const errorKind = own.code === 'EVALUATOR_CRASHED' ? 'crashed' : 'rejected';
    return {
      type: 'failed',
      errorKind,
      code: own.code,
      message: own.message.slice(0, longestMessage),
      stack: stackOf(own.cause, longestMessage),
    };
  }
  return {
    type: 'failed',
    errorKind: 'crashed',
    code: 'EVALUATOR_CRASHED',
    message: `The evaluator threw: ${thrownWords(error).slice(0, longestMessage)}`,
    stack: stackOf(error, longestMessage),
  };
}
