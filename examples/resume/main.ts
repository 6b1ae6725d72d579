// The training of train.ts, killed with SIGKILL twice in its midst, and started again each time: it ends with every epoch once.
// What a crash, a full machine or an ended lease does to a run, this does on purpose.
// Read train.ts next.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { readJournal } from 'pitwall';

/** Runs the training until it ends, or until it prints a line that begins like this. */
async function train(untilLine?: string): Promise<void> {
  const program = fileURLToPath(new URL('./train.ts', import.meta.url));
  const training = spawn(process.execPath, [...process.execArgv, program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(training, 'exit');
  for await (const line of createInterface({ input: training.stdout })) {
    console.log(`  ${line}`);
    if (untilLine === undefined || !line.startsWith(untilLine)) continue;
    console.log('  killed');
    training.kill('SIGKILL');
    break;
  }
  await exited;
}

await train('epoch 3');
await train('epoch 8');
await train();

const [run = ''] = await readdir('.pitwall');
const history = await readJournal(`.pitwall/${run}`);
const epochs = history.filter((event) => event.type === 'epoch:end').map(({ epoch }) => epoch);
const processes = 1 + history.filter(({ type }) => type === 'run:resume').length;
console.log(`one run of ${processes} processes; its epochs: ${epochs.join(', ')}`);
