import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { evaluation } from '../../callbacks/index.ts';
import { createRng } from '../../games/index.ts';
import { painted, paintFor } from '../../observability/text-line.ts';
import { Trainer } from '../../trainer/index.ts';
import { emptyDemoState, foldDemo } from './demo-state.ts';
import { liveView } from './live-view.ts';
import { createWeights, Network } from './network.ts';
import { plainView } from './plain-view.ts';
import { moodOf, openWaitMs } from './rogue-story.ts';
import { reportOf } from './summary-json.ts';
import { summaryLines } from './summary.ts';
import { trainEpoch } from './training.ts';
import { silentView, type Out, type View } from './view.ts';

export interface DemoOptions {
  /** 10 by default. */
  readonly epochs?: number;
  /** A whole number; the same one gives the same training. 1 by default. */
  readonly seed?: number;
  /** Whether the evaluator that goes wrong takes part; true by default. */
  readonly rogue?: boolean;
  /** Writes one JSON object at the end, and nothing else; false by default. */
  readonly json?: boolean;
  /** The standard output by default. */
  readonly out?: Out & NodeJS.WritableStream;
  /** The folder of the journals; `.pitwall` by default. */
  readonly journal?: string;
}

/**
 * Trains a network at dobutsu shogi, with real evaluations of it beside the training, and shows what happens.
 *
 * The first Ctrl-C ends the run cleanly; a second one ends the program.
 *
 * @returns the exit code: 0 when the run completed, 130 when it was interrupted, 1 when it failed.
 * @throws {ConfigurationError} when an option is wrong.
 */
export async function runDemo({
  epochs = 10,
  seed = 1,
  rogue = true,
  json = false,
  out = process.stdout,
  journal = '.pitwall',
}: DemoOptions = {}): Promise<number> {
  const rng = createRng(seed);
  const network = new Network(createWeights(rng));
  const trainer = new Trainer<{ loss: number; games: number }>({ name: 'demo', epochs, journal });
  const view = viewFor(out, json);
  let state = emptyDemoState;
  // eslint-disable-next-line rxjs-x/no-ignored-error -- events$ never errors
  const shown = trainer.events$.subscribe((event) => {
    state = foldDemo(state, event);
    view.update(state, event);
  });

  const candidate = ({ epoch }: { readonly epoch: number }) => ({ epoch, weights: network.weights });
  trainer.register(
    evaluation<typeof import('./vs-random.ts').default>({
      name: 'vs-random',
      every: 1,
      // Every point of the curve, also on a machine that is slow to evaluate.
      overlap: 'queue',
      module: sibling('vs-random'),
      input: candidate,
    }),
  );
  trainer.register(
    evaluation<typeof import('./vs-minimax.ts').default>({
      name: 'vs-minimax',
      every: 3,
      atEnd: true,
      module: sibling('vs-minimax'),
      input: candidate,
    }),
  );
  if (rogue) {
    trainer.register(
      evaluation<typeof import('./rogue.ts').default>({
        name: 'rogue',
        every: 1,
        // One at a time: its mood is chosen by how the one before was stopped.
        overlap: 'skip',
        module: sibling('rogue'),
        input: ({ epoch }) => ({ epoch, mood: moodOf(state) }),
        sla: { itemTimeMs: 1500, memoryMb: 300 },
        breaker: {
          name: 'rogue',
          minimumNumberOfCalls: 2,
          slidingWindow: { type: 'count', size: 2 },
          waitDurationInOpenStateMs: () => openWaitMs(state),
        },
      }),
    );
  }

  const interrupts = onInterrupt(() => {
    trainer.stop('interrupted');
  });
  try {
    const outcome = await trainer.fit((epoch) => trainEpoch(network, rng, (work) => epoch.step(work)));
    view.close();
    const journalFile = trainer.runFolder && join(trainer.runFolder, 'events.jsonl');
    if (json) out.write(`${JSON.stringify(reportOf(state, seed, journalFile), undefined, 2)}\n`);
    else for (const line of summaryLines(state, journalFile)) out.write(`${painted(line, paintFor(out))}\n`);
    if (interrupts.count > 0) return 130;
    return outcome.status === 'completed' ? 0 : 1;
  } finally {
    view.close();
    interrupts.forget();
    shown.unsubscribe();
  }
}

function viewFor(out: Out & NodeJS.WritableStream, json: boolean): View {
  if (json) return silentView;
  return out.isTTY === true ? liveView(out) : plainView(out);
}

/** A module beside this one, as source or as built. */
function sibling(name: string): URL {
  return new URL(`./${name}${extname(fileURLToPath(import.meta.url))}`, import.meta.url);
}

/** The first interrupt is asked for politely; who presses twice means it. */
function onInterrupt(first: () => void): { readonly count: number; forget(): void } {
  let count = 0;
  const listener = (): void => {
    count++;
    if (count > 1) process.exit(130);
    first();
  };
  process.on('SIGINT', listener);
  return {
    get count() {
      return count;
    },
    forget: () => {
      process.off('SIGINT', listener);
    },
  };
}
