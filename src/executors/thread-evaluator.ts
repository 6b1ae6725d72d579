import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import type { MessagePort } from 'node:worker_threads';
import { PitwallError } from '../errors/pitwall-error.ts';
import { contextOver } from '../evaluator/context.ts';
import type { Evaluator } from '../evaluator/index.ts';
import { loadEvaluator } from '../evaluator/load-evaluator.ts';
import { packed } from '../evaluator/packed-answer.ts';
import { failureOf } from '../evaluator/run-evaluator.ts';
import { unpackValue } from '../wire/evaluator-side.ts';
import type { ThreadBirth, ThreadToWatchdog, WatchdogToEvaluator } from './thread-messages.ts';
import { leavesWhenAsked } from './thread-leaving.ts';
import { partialKeeper, sharedLettersWriter } from './thread-mailbox.ts';
import { printIntoPipes } from './thread-printing.ts';

/** Runs one evaluator in this thread: loads it, says so, waits for the word, works and answers. */
export function runEvaluatorThread(birth: ThreadBirth, port: MessagePort): void {
  const stopping = new AbortController();
  const leave = leavesWhenAsked(birth.leaving);
  let evaluate: Evaluator | undefined;
  const tell = (message: ThreadToWatchdog, moved: readonly ArrayBuffer[] = []): void => {
    port.postMessage(message, [...moved]);
  };
  printIntoPipes(birth.printed, (stream) => {
    tell({ type: 'printed', stream });
  });

  const load = async (): Promise<void> => {
    evaluate = await loadEvaluator(birth.module);
    tell({ type: 'ready', thread: threadNumber() });
  };
  const work = async (input: ArrayBuffer): Promise<void> => {
    const result = await evaluate?.(
      unpackValue(new Uint8Array(input), trusted),
      contextOf(birth, stopping.signal, tell),
    );
    const answer = packed(result, 'result', birth);
    const bytes = new Uint8Array(answer.bytes);
    answer.copyTo(bytes);
    tell({ type: 'result', bytes }, [bytes.buffer]);
    leave(); // what it has left undone cannot fail any more
  };
  const failing = (task: Promise<void>): void => {
    task.catch((error: unknown) => {
      tell(failureOf(error) as ThreadToWatchdog);
      leave();
    });
  };

  port.on('message', (message: WatchdogToEvaluator) => {
    if (message.type === 'leave') leave();
    else if (message.type === 'abort')
      stopping.abort(new PitwallError('CANCELLED', 'The evaluation was asked to stop.'));
    else {
      lowerOwnPriority();
      failing(work(message.input));
    }
  });
  failing(load());
}

/** Its own process has packed it. */
const trusted = { heapBytes: Infinity };

function contextOf(birth: ThreadBirth, signal: AbortSignal, tell: (message: ThreadToWatchdog) => void) {
  const keepPartial = partialKeeper(birth.letterbox, (index, memory) => {
    tell({ type: 'room', index, memory });
  });
  const letterbox = {
    write: sharedLettersWriter(birth.letterbox),
    keep: (value: unknown) => {
      keepPartial(packed(value, 'partial result', birth));
    },
  };
  return contextOver(letterbox, { signal, seed: birth.seed });
}

const lowest = 19;

/** On Linux a priority is a thread's own. Elsewhere it is the process's, which is the training's. */
function lowerOwnPriority(): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(0, lowest);
  } catch {
    // not permitted here: it runs on as it is
  }
}

function threadNumber(): number | undefined {
  try {
    return Number(readlinkSync('/proc/thread-self').split('/').at(-1));
  } catch {
    return undefined;
  }
}
