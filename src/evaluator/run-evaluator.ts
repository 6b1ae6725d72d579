import { readFileSync, writeFileSync } from 'node:fs';
import { deserialize } from 'node:v8';
import { PitwallError, told } from '../errors/index.ts';
import { filesOf, type EvaluatorMessage, type SupervisorToEvaluator } from '../wire/index.ts';
import { contextOf } from './context.ts';
import type { Evaluator } from './define-evaluator.ts';
import { loadEvaluator } from './load-evaluator.ts';
import { packed } from './packed-answer.ts';

type Order = Extract<SupervisorToEvaluator, { type: 'load' }>;

const longestMessage = 8_000;

/**
 * Runs one evaluator: loads it, says so, waits for the word, works, answers. It tells through `tell`, which has written when it
 * returns, and gives back what is to be called with each message of the supervisor.
 */
export function evaluatorRun(tell: (message: EvaluatorMessage) => void): (message: SupervisorToEvaluator) => void {
  const stopping = new AbortController();
  let loaded: { readonly evaluate: Evaluator; readonly order: Order } | undefined;

  const load = async (order: Order): Promise<void> => {
    loaded = { evaluate: await loadEvaluator(order.module), order };
    tell({ type: 'ready' });
  };
  const work = async (): Promise<void> => {
    if (loaded === undefined) return;
    const { evaluate, order } = loaded;
    const files = filesOf(order.folder);
    const context = contextOf(order, stopping.signal);
    const result = await evaluate(deserialize(readFileSync(files.input)), context);
    const bytes = packed(result, 'result', order);
    writeFileSync(files.result, bytes);
    tell({ type: 'result' });
  };
  const failing = (task: Promise<void>): void => {
    task.catch((error: unknown) => {
      tell(failureOf(error));
    });
  };

  return (message) => {
    if (message.type === 'load') failing(load(message));
    else if (message.type === 'go') failing(work());
    else stopping.abort(new PitwallError('CANCELLED', 'The evaluation was asked to stop.'));
  };
}

/** Says anything thrown, also what is no error, in a message of bounded length. */
function failureOf(error: unknown): EvaluatorMessage {
  if (error instanceof PitwallError && error.code !== 'CANCELLED') {
    const errorKind = error.code === 'EVALUATOR_CRASHED' ? 'crashed' : 'rejected';
    const cause = error.cause instanceof Error ? error.cause.stack?.slice(0, longestMessage) : undefined;
    return {
      type: 'failed',
      errorKind,
      code: error.code,
      message: error.message.slice(0, longestMessage),
      stack: cause,
    };
  }
  const message = error instanceof Error ? `${error.name}: ${error.message}` : `${told(error)} was thrown`;
  return {
    type: 'failed',
    errorKind: 'crashed',
    code: 'EVALUATOR_CRASHED',
    message: `The evaluator threw: ${message.slice(0, longestMessage)}`,
    stack: error instanceof Error ? error.stack?.slice(0, longestMessage) : undefined,
  };
}
