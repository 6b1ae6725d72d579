// A training that owns its loop: trainer.open() gives a session, and every epoch and step is told to it.
// A plain object with hooks is registered as a callback, and asks for the end once the loss is low enough.
// At the end the run's journal is read back: it is the stream of events, on disk.
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readJournal, Trainer } from 'pitwall';
import { fitTo, line } from './line.ts';

const trainer = new Trainer<{ loss: number }>({ name: 'own-loop', epochs: 20 });
const checkpoints = await mkdtemp(join(tmpdir(), 'own-loop-'));

trainer.register({
  name: 'good-enough',
  onEpochEnd: ({ epoch, metrics }) => {
    console.log(`epoch ${epoch}: loss ${Number(metrics.loss).toFixed(4)}`);
    if (Number(metrics.loss) < 0.001) trainer.stop(`the loss is low enough after epoch ${epoch}`);
  },
});

const session = trainer.open();
let failure: { readonly error: unknown } | undefined;
try {
  for (let epoch = 1; epoch <= trainer.epochs && !session.signal.aborted; epoch++) {
    session.epochStart();
    let loss = 0;
    for (let x = -1; x <= 1; x += 0.1) loss = await session.step(() => fitTo(x, 3 * x - 1));
    const path = join(checkpoints, `epoch-${epoch}.json`);
    await writeFile(path, JSON.stringify(line));
    await session.checkpoint(path);
    await session.epochEnd({ loss });
  }
} catch (error) {
  // A stop in the middle of an epoch rejects the next step: that is no failure.
  if (!session.signal.aborted) failure = { error };
}
const { status, reason, runId } = await session.end(failure);
console.log(`${status}: ${reason ?? 'all epochs are done'}`);

const events = await readJournal(join('.pitwall', runId));
const epochEnds = events.filter((event) => event.type === 'epoch:end');
const hash = epochEnds.at(-1)?.checkpoint?.hash.slice(0, 12) ?? 'nothing';
console.log(`the journal holds ${epochEnds.length} epochs; the last checkpoint's SHA-256 begins with ${hash}`);
