import { Worker } from 'node:worker_threads';
import { processExecutor } from 'pitwall';
import { readBoard } from '../board.ts';
import { heldIf, type Measurement, type Row } from '../measurement.ts';
import { rounded, spreadOf } from '../statistics.ts';
import { evaluator, hostileInput, type HostileWay } from './hostile-input.ts';
import { settled, violated } from './pitwall-candidates.ts';

const limitMb = 400;
const ways: readonly HostileWay[] = ['eats memory', 'eats memory in a thread', 'eats memory in a grandchild'];

/** How far memory gets past its limit, while it is taken as fast as this machine gives it. */
export const memory: Measurement = {
  title: 'Memory past its limit',
  how: `The evaluator takes a MB a millisecond (1 GB/s) outside of V8's heap, under \`memoryMb: ${limitMb}\`. Told is how far past the limit its tree came: by the violation, and by a sampler of our own that looks about every 0.4 ms. What others do about it is in the last table.`,
  measure: async (circumstances) => {
    const executor = processExecutor(evaluator('hostile'));
    const sampler = startSampler();
    await settled();
    const rows: Row[] = [];
    const layers = new Set<string>();
    let rate = 0;
    for (const way of ways) {
      const told: number[] = [];
      const seen: number[] = [];
      for (let run = 0; run < (circumstances.quick ? 5 : 15); run++) {
        const input = hostileInput(way, circumstances);
        const { violation } = await violated(executor, input, { memoryMb: limitMb }, (telemetry) => {
          if (telemetry.type === 'started') sampler.watch(telemetry.pid ?? 0);
        });
        layers.add(violation.layer ?? 'unknown');
        told.push(violation.observed - limitMb);
        seen.push(sampler.peakMb() - limitMb);
        const { beganMs, lastBeatMs, takenMb } = readBoard(input.board);
        if (takenMb > 0) rate = takenMb / (lastBeatMs - beganMs);
      }
      rows.push(...rowsOf(way, { told, seen }));
    }
    sampler.stop();
    const notes = [
      `Taken in the evaluator's own thread: ${rounded((rate * 2 ** 20) / 1e6)} GB/s. Caught by: ${[...layers].join(', ')}.`,
    ];
    return { rows, notes };
  },
};

function rowsOf(way: HostileWay, { told, seen }: { told: readonly number[]; seen: readonly number[] }): Row[] {
  const what = `past the limit when it ${way}`;
  const { median, max } = spreadOf(seen);
  return [
    { what, who: 'pitwall, by the violation', figure: overshootText(told) },
    {
      what,
      who: 'pitwall, by our sampler',
      figure: overshootText(seen),
      target: heldIf(median <= 3 && max <= 8, '<= 3 MB median, <= 8 worst'),
    },
  ];
}

function overshootText(values: readonly number[]): string {
  const { median, min, max, count } = spreadOf(values);
  return `${rounded(median)} MB [${rounded(min)} to ${rounded(max)}], n = ${count}`;
}

interface Sampler {
  watch(pid: number): void;
  /** The most that was seen of who was watched last; nobody is watched any more. */
  peakMb(): number;
  stop(): void;
}

function startSampler(): Sampler {
  const shared = new Int32Array(new SharedArrayBuffer(16));
  const worker = new Worker(evaluator('memory-sampler'), { workerData: shared.buffer });
  worker.unref();
  return {
    watch: (pid) => {
      Atomics.store(shared, 1, 0);
      Atomics.store(shared, 0, pid);
    },
    peakMb: () => {
      Atomics.store(shared, 0, 0);
      return Atomics.load(shared, 1) / 1024;
    },
    stop: () => void worker.terminate(),
  };
}
