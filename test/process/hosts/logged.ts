// A host that trains with two transports of winston beside each other, one of which goes wrong, and tells what came of it.
import { createWriteStream, writeSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import winston from 'winston';
import { Trainer } from '../../../src/index.ts';
import { winstonLogger, type TransportSource } from '../../../src/observability/winston.ts';

export interface LoggedPlan {
  readonly wrong: keyof typeof transports;
  /** The file of the one that goes wrong, and that of the other. */
  readonly wrongFile: string;
  readonly file: string;
  /** The least of them. */
  readonly epochs: number;
  /** The descriptor on which it tells: stdout where that is well. */
  readonly tellsOn?: number;
}

class Own extends winston.transports.Console {
  readonly #does: (done: (error?: Error) => void) => void;

  constructor(does: (done: (error?: Error) => void) => void) {
    super();
    this.name = 'own';
    this.#does = does;
  }

  override log(_info: unknown, done: (error?: Error) => void): void {
    this.#does(done);
  }
}

const inFile = () => new winston.transports.File({ filename: wrongFile });
const transports = {
  throws: () =>
    new Own(() => {
      throw new Error('no connection');
    }),
  'raises an error later': () => {
    const transport: Own = new Own((done) => {
      done();
      setImmediate(() => transport.emit('error', new Error('no connection')));
    });
    return transport;
  },
  'never answers': () => new Own(() => undefined),
  'cannot be made': () => inFile,
  'cannot open its file': inFile,
  'has a file on a full disk': inFile,
  'has a stream on a full disk': () => new winston.transports.Stream({ stream: createWriteStream(wrongFile) }),
  'writes to a stdout that is broken': () => new winston.transports.Console(),
} satisfies Record<string, () => TransportSource>;

const { wrong, wrongFile, file, epochs, tellsOn = 1 } = JSON.parse(process.argv[2] ?? '{}') as LoggedPlan;
const trainer = new Trainer({ name: 'logged', epochs: 100_000, journal: false });
// With the wrong one first: what it does would reach the other.
const healthy = new winston.transports.File({ filename: file });
trainer.register(winstonLogger({ transports: [transports[wrong](), healthy], stuckAfterMs: 100 }));
const dropped: unknown[] = [];
const said: string[] = [];
trainer.events$.subscribe((event) => {
  if (event.type === 'dropped') dropped.push({ what: event.what, count: event.count });
  if (event.type === 'dropped' || event.type === 'callback:error') said.push(event.type);
});
const session = trainer.open();
const train = async (ms: number): Promise<void> => {
  session.epochStart();
  await session.step(() => setTimeout(ms));
  await session.epochEnd({});
};
for (let epoch = 0; epoch < epochs; epoch++) await train(0);
// And until something was said: a full disk is only seen when something was written.
while (said.length === 0) await train(5);
await train(0);
const outcome = await session.end();
writeSync(tellsOn, `${JSON.stringify({ outcome, dropped })}\n`);
