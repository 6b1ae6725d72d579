import winston from 'winston';

type Info = Readonly<Record<string, unknown>>;
type Log = (info: Info, done: (error?: Error) => void) => unknown;

/** A real winston transport that logs in this way. */
export function transportOf(log: Log, options: winston.transport.TransportStreamOptions = {}, name = 'tried') {
  const transport = new winston.transports.Console(options);
  return Object.assign(transport, { log, name });
}

/** One that keeps its lines. */
export function keeping(options?: winston.transport.TransportStreamOptions) {
  const infos: Info[] = [];
  const transport = transportOf(
    (info, done) => {
      infos.push(info);
      done();
    },
    options,
    'kept',
  );
  return { transport, infos, messages: () => infos.map(({ message }) => message) };
}

/** One that answers when it is told to. */
export function waiting() {
  const infos: Info[] = [];
  const unanswered: ((error?: Error) => void)[] = [];
  const transport = transportOf((info, done) => {
    infos.push(info);
    unanswered.push(done);
  });
  return { transport, infos, answer: (error?: Error) => unanswered.shift()?.(error) };
}
