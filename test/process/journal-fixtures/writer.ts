// Appends events as fast as it can, and tells every seq that is durable on stdout, before anything else happens.
// usage: writer.ts <folder> <runId> <firstSeq>
import { writeSync } from 'node:fs';
import { openJournal } from '../../../src/journal/index.ts';

const [folder = '', runId = '', firstSeq = '1'] = process.argv.slice(2);
const journal = openJournal({ folder, runId, append: true });
journal.durable$.subscribe((seq) => writeSync(1, `${seq}\n`));

// A line of every thousandth event is longer than a page by far, so that a kill can fall into the middle of its write.
const long = 'x'.repeat(60_000);
let seq = Number(firstSeq);

function burst(): void {
  for (let count = 0; count < 20; count++, seq++) {
    const about = { seq, at: Date.now(), runId, name: 'writer' };
    if (seq % 100 === 0)
      journal.append({ type: 'breaker:transition', ...about, from: 'closed', to: 'open', reason: 'test' });
    else journal.append({ type: 'custom', ...about, value: seq % 1000 === 50 ? long : { seq, loss: NaN } });
  }
  setImmediate(burst);
}

burst();
