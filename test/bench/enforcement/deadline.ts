import { randomInt } from 'node:crypto';
import { processExecutor } from 'pitwall';
import { readBoard } from '../board.ts';
import { pause } from '../leftovers.ts';
import { wallOffsetMs } from '../machine.ts';
import {
  atMost,
  tailText,
  type Circumstances,
  type Measured,
  type Measurement,
  type Row,
  type Target,
} from '../measurement.ts';
import { spreadOf } from '../statistics.ts';
import { hostileInput } from './hostile-input.ts';
import type { Candidate } from './candidate.ts';
import { peers } from './peers.ts';
import { settled, violated } from './pitwall-candidates.ts';

const what = 'deadline to the last heartbeat of an evaluator that spins';
const blockMs = 500;

/** Deadlines fall anywhere in the block of the training. */
const someMs = (): number => randomInt(150, 350);

/** An evaluator that does not listen, beside a training that does not listen either. */
export const deadline: Measurement = {
  title: 'A deadline, while the training blocks its loop',
  how: `The evaluator spins and writes the machine's clock into shared memory as fast as it can; the training's thread is blocked for ${blockMs} ms at a time. What is told is how long after its deadline the evaluator wrote for the last time. Pitwall's deadline is known to the millisecond before it, so its figures are up to 1 ms too long.`,
  measure: async (circumstances) => {
    const training = blockedTraining();
    const rows: Row[] = [await oursOf(circumstances)];
    for (const peer of peers.slice(1)) rows.push(await rowOf(peer, circumstances));
    rows.push({ what, who: peers[0]?.name ?? '', figure: 'never: the training itself is stopped for ever' });
    await training.stop();
    return { rows } satisfies Measured;
  },
};

async function oursOf(circumstances: Circumstances): Promise<Row> {
  const executor = processExecutor(new URL('./evaluators/hostile.mjs', import.meta.url));
  await settled();
  const silentMs: number[] = [];
  for (let kill = 0; kill < (circumstances.quick ? 10 : 100); kill++) {
    const input = hostileInput('spins', circumstances);
    const { violation } = await violated(executor, input, { evaluationTimeMs: someMs() });
    silentMs.push(readBoard(input.board).lastBeatMs + wallOffsetMs() - (violation.deadlineAt ?? NaN));
  }
  const idle = silentMs.filter((ms) => ms < -5).length;
  const note = idle === 0 ? '' : ` (${idle} were kept from the processor at their deadline)`;
  const target = atMost(3, ' ms', spreadOf(silentMs).p99, 'p99');
  // Who was silent anyway tells nothing.
  const told: Target = idle * 10 > silentMs.length ? { ...target, verdict: 'unclear' } : target;
  return { what, who: 'pitwall, process', figure: tailText(silentMs, 'ms') + note, target: told };
}

async function rowOf(peer: Candidate, circumstances: Circumstances): Promise<Row> {
  const limits = { timeMs: 200, memoryMb: 1000 };
  await peer.prepare?.(limits);
  // A pool needs several turns of this loop until its threads are up.
  await pause(6 * blockMs);
  const silentMs: number[] = [];
  const wanted = circumstances.quick ? 2 : 5;
  let unbegun = 0;
  while (silentMs.length < wanted && unbegun < wanted) {
    const input = hostileInput('spins', circumstances);
    const { deadlineMs } = await peer.run(input, { ...limits, timeMs: someMs() });
    await pause(50); // that it was told does not mean that it is silent
    const { beganMs, lastBeatMs } = readBoard(input.board);
    if (beganMs === 0) {
      unbegun++;
      await pause(6 * blockMs);
    } else silentMs.push(lastBeatMs - deadlineMs);
  }
  const figure = silentMs.length === 0 ? 'none has begun before its deadline' : tailText(silentMs, 'ms');
  return { what, who: peer.name, figure: unbegun === 0 ? figure : `${figure} (${unbegun} had not begun by then)` };
}

/** A training whose steps take half a second each, between which it does hear. */
function blockedTraining(): { stop(): Promise<void> } {
  let isStopped = false;
  const loop = async (): Promise<void> => {
    while (!isStopped) {
      const until = performance.now() + blockMs;
      while (performance.now() < until);
      await pause(2);
    }
  };
  const done = loop();
  return {
    stop: () => {
      isStopped = true;
      return done;
    },
  };
}
