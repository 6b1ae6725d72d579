/* eslint-disable @typescript-eslint/no-unsafe-class-instance-assignment -- winston's own types have it so */
import { winstonLogger } from 'pitwall/winston';
import { Subject } from 'rxjs';
import winston from 'winston';
import { atMost, type Row } from '../measurement.ts';
import type { OwnMeasurement } from '../print-chapters.ts';
import { timedRounds, timesOf, type Contender } from '../rounds.ts';
import { rounded, spreadOf } from '../statistics.ts';

const what = 'an event whose level is disabled';
const [ours, ofYours] = ['pitwall, winstonLogger({ transports })', 'pitwall, winstonLogger({ logger })'];
const bare = 'rxjs, a subscriber of a bare Subject';

export const unwantedLine: OwnMeasurement = {
  title: 'A line that nobody wants',
  how: 'An event of the level `debug`, where `info` is the least that is logged; of winston itself the call of a logger of that level.',
  measure: async ({ quick }) => {
    const contenders = [
      subject(),
      told(ours, { transports: [new winston.transports.Console()] }),
      told(ofYours, { logger: infoLogger() }),
      ...ofWinston(),
    ];
    const found = await timedRounds(contenders, { rounds: quick ? 5 : 40, times: 20_000 });
    return {
      rows: contenders.map(({ name }): Row => {
        const { median, min, max } = spreadOf(timesOf(found, name));
        const figure = `${rounded(median)} ns [${rounded(min)} to ${rounded(max)}]`;
        const isOurs = name === ours || name === ofYours;
        return { what, who: name, figure, ...(isOurs && { target: atMost(1000, ' ns', median, 'median') }) };
      }),
    };
  },
};

/** As the trainer gives them. */
const event = (seq: number): object => ({ type: 'epoch:start', seq, at: 0, runId: 'run', epoch: 1 });

function subject(): Contender {
  const events$ = new Subject<object>();
  let heard = 0;
  events$.subscribe(() => {
    heard++;
  });
  return {
    name: bare,
    run: (times) => {
      for (let count = 0; count < times; count++) events$.next(event(count));
      if (heard < times) throw new Error('The subscriber has not heard them.');
    },
  };
}

/** The callback by itself, as the trainer connects it. */
function told(name: string, options: Parameters<typeof winstonLogger>[0]): Contender {
  const events$ = new Subject<object>();
  const run = { events$, clock: { now: () => 0, wallNow: () => 0, setTimeout: () => () => undefined } };
  const lost: unknown[] = [];
  const desk = { publish: (body: unknown) => lost.push(body), hold: () => undefined };
  const directives$ = winstonLogger(options).connect(run as never, desk as never);
  const subscription = directives$?.subscribe();
  return {
    name,
    run: (times) => {
      for (let count = 0; count < times; count++) events$.next(event(count));
      if (lost.length > 0 || subscription?.closed !== false) throw new Error('It does not listen.');
    },
    end: () => subscription?.unsubscribe(),
  };
}

function infoLogger(): winston.Logger {
  return winston.createLogger({ level: 'info', transports: [new winston.transports.Console()] });
}

function ofWinston(): Contender[] {
  const logger = infoLogger();
  return [
    {
      name: 'winston itself, logger.log(level, message, details)',
      run: (times) => {
        for (let count = 0; count < times; count++) logger.log('debug', 'epoch 1 begins', event(count));
      },
    },
    {
      name: 'winston itself, logger.debug(message)',
      run: (times) => {
        for (let count = 0; count < times; count++) logger.debug('epoch 1 begins');
      },
    },
  ];
}
