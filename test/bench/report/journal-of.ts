import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { once } from 'node:events';
import { crc32 } from 'node:zlib';

/** Of one epoch: most of a long journal is summaries of steps and samples of evaluations. */
const summaries = 300;
const samples = 180;
const progress = 15;

/**
 * Writes the journal of a long training, line by line as the package does: epochs with their summaries, each with an evaluation that
 * is sampled ten times a second; one in forty leaks and breaks its limit. The same seed gives the same journal.
 *
 * @returns how many bytes it has.
 */
export async function writeJournal(folder: string, events: number, seed: number): Promise<number> {
  mkdirSync(folder, { recursive: true });
  const file = createWriteStream(join(folder, 'events.jsonl'));
  const random = randomOf(seed);
  let seq = 0;
  let at = 1_760_000_000_000;
  let text = '';
  let bytes = 0;
  const tell = (afterMs: number, type: string, fields: object): void => {
    at += afterMs;
    const told = JSON.stringify({ seq: ++seq, type, at, runId: 'long', ...fields }).slice(0, -1);
    text += `${told},"crc":${crc32(`${told}}`)}}\n`;
  };
  const flush = async (): Promise<void> => {
    bytes += Buffer.byteLength(text);
    if (!file.write(text)) await once(file, 'drain');
    text = '';
  };

  tell(0, 'run:start', {
    name: 'long',
    epochs: 10_000,
    config: { callbacks: { vs: { every: 1, overlap: 'latest' } } },
  });
  let step = 0;
  for (let epoch = 1; seq < events - summaries - samples - progress - 10; epoch++) {
    tell(1, 'epoch:start', { epoch });
    for (let count = 0; count < summaries; count++)
      tell(900 + 200 * random(), 'step:summary', { epoch, step: (step += 400), count: 400, ...durations(random) });
    tell(1, 'epoch:end', {
      epoch,
      step,
      metrics: { loss: 3 / epoch + 0.1 * random(), accuracy: 1 - 1 / epoch, gradNorm: 1 + random() },
      checkpoint: { path: `weights/${epoch}.bin`, hash: `sha256-${epoch}` },
    });
    evaluate(epoch);
    await flush();
  }
  tell(1, 'training:end', { epochs: 0, steps: step });
  await flush();
  file.end();
  await once(file, 'close');
  return bytes;

  function evaluate(epoch: number): void {
    const subject = { evaluationId: `vs-${epoch}-${step}`, name: 'vs', epoch, step };
    const isLeaking = epoch % 40 === 0;
    tell(1, 'evaluation:requested', subject);
    tell(80, 'evaluation:start', { ...subject, pid: 1000 + epoch, queuedMs: 80.25 });
    for (let sample = 1; sample <= samples; sample++) {
      const memoryMb = 180 + 10 * random() + (isLeaking ? 2 * sample : 0);
      const gpu = { gpuUtilizationPercent: null, gpuMemoryMb: null };
      tell(100, 'evaluation:sample', { ...subject, memoryMb, cpuPercent: 90 + 10 * random(), ...gpu });
      if (sample % (samples / progress) === 0)
        tell(0, 'evaluation:progress', { ...subject, done: sample, total: samples });
    }
    const violation = {
      ...{ rule: 'memoryMb', limit: 500, observed: 540.5, unit: 'MB', action: 'abort' },
      ...{
        evaluationId: subject.evaluationId,
        observedAt: at,
        killedAt: at,
        goneAt: at + 6,
        lateByHostMs: 0,
        pausedMs: 0,
      },
    };
    if (isLeaking) tell(0, 'sla:violation', { violation });
    const usage = {
      wallMs: 18_000,
      cpuMs: 17_000,
      cpuShare: 0.95,
      peakMemoryMb: 190,
      startMs: 80,
      pausedMs: 0,
      queuedMs: 80,
      goneMs: 5,
    };
    tell(5, 'evaluation:end', {
      ...subject,
      ...(isLeaking
        ? { status: 'violated', violation }
        : { status: 'completed', result: { winRate: random(), games: 200 } }),
      items: { done: 200 },
      usage,
    });
  }
}

function durations(random: () => number): object {
  const p50Ms = 2 + random();
  return { p50Ms, p99Ms: p50Ms * 1.3, maxMs: p50Ms * 2 };
}

/** Numerical Recipes' generator: 0 to 1. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
}
