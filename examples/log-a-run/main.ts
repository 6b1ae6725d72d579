// Writes what happens in a run as lines for people, by winston.
// The log is a callback like any other: it reads the run's events, and the training does not wait for it.
// Read docs/how-to/log-a-run.md next: more places for the lines, and what a broken one costs.
import { readFileSync } from 'node:fs';
import { Trainer, evaluation, inlineExecutor } from 'pitwall';
import { winstonLogger } from 'pitwall/winston';
import winston from 'winston';

const trainer = new Trainer<{ loss: number }>({ name: 'logged', epochs: 4 });
trainer.register(evaluation({ name: 'quick', every: 2, executor: inlineExecutor(() => Promise.resolve(0.9)) }));
trainer.register(winstonLogger({ file: 'training.log' })); // without `file`: the console
trainer.register(
  winstonLogger({
    level: 'debug',
    transports: [
      new winston.transports.Console({ level: 'error' }),
      new winston.transports.File({ filename: 'training.jsonl', format: winston.format.json() }),
    ],
  }),
);

await trainer.fit((epoch) => Promise.resolve({ loss: 1 / epoch.epoch }));

const lines = readFileSync('training.log', 'utf8').trim().split('\n');
console.log(lines.join('\n'));
console.log(`training.log has ${lines.length} lines`);
