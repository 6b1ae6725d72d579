import type { Desk, Run } from '../callbacks/index.ts';
import { ConfigurationError, told } from '../errors/index.ts';
import { eventLevels, type EventLevel } from './event-level.ts';
import { hearRejection } from './hear-rejection.ts';
import type { LineOutlet } from './log-line.ts';
import { Losses } from './losses.ts';
import { isTransport, nameOfTransport, type TransportLike, type TransportSource } from './transport.ts';
import { requireKnownLevel } from './winston-levels.ts';
import { WinstonOutlet } from './winston-outlet.ts';

/** What all outlets of a run have in common. */
export interface OutletSettings {
  readonly run: Pick<Run, 'clock'>;
  readonly desk: Desk;
  readonly least: EventLevel;
  readonly stuckAfterMs: number;
}

/** An outlet for each transport; what each of them loses is told under its name. */
export function outletsOf(sources: readonly TransportSource[], settings: OutletSettings): LineOutlet[] {
  const made = sources.map(madeOf);
  const names = made.map((each) => ('error' in each ? undefined : nameOfTransport(each.transport)));
  return made.map((each, index) => {
    const losses = new Losses(settings.desk, `lines of the winston transport ${labelOf(names, index)}`);
    return outletIn(each, losses, settings);
  });
}

/** A transport's name in quotes, and its place where that name alone does not tell which it is. */
function labelOf(names: readonly (string | undefined)[], index: number): string {
  const name = names[index];
  if (name === undefined) return String(index + 1);
  return names.indexOf(name) === names.lastIndexOf(name) ? `"${name}"` : `"${name}" ${index + 1}`;
}

/** The outlet of one transport. Where that cannot be made, it is told why, and the outlet loses all its lines. */
export function outletOf(source: TransportSource, losses: Losses, settings: OutletSettings): LineOutlet {
  return outletIn(madeOf(source), losses, settings);
}

type Made = { readonly transport: TransportLike } | { readonly error: unknown };

/** Transports that are or were a run's, and end with it: what one is given after that may end the process. */
const taken = new WeakSet<TransportLike>();

function madeOf(source: TransportSource): Made {
  try {
    const transport: unknown = typeof source === 'function' ? source() : source;
    hearRejection(transport, () => undefined);
    if (!isTransport(transport))
      throw new ConfigurationError(
        `A function in "transports" of winstonLogger() must give back a winston transport, but ${told(transport)} came.`,
      );
    requireKnownLevel(transport);
    if (taken.has(transport))
      throw new ConfigurationError(
        'A transport in "transports" of winstonLogger() is another run\'s already, and ends with it: give a function that makes one for each run.',
      );
    return { transport };
  } catch (error) {
    return { error };
  }
}

function outletIn(made: Made, losses: Losses, { run, desk, least, stuckAfterMs }: OutletSettings): LineOutlet {
  const measure = (work: () => void): void => {
    desk.measure('log line', work);
  };
  try {
    if ('error' in made) throw made.error;
    taken.add(made.transport);
    return new WinstonOutlet(made.transport, { clock: run.clock, losses, least, stuckAfterMs, measure });
  } catch (error) {
    desk.report(error);
    return lostOutlet(losses, least);
  }
}

/** Where there is no transport every line is lost. */
function lostOutlet(losses: Losses, least: EventLevel): LineOutlet {
  return {
    takes: (level) => eventLevels.indexOf(level) <= eventLevels.indexOf(least),
    log: () => {
      losses.add();
    },
    tell: () => {
      losses.tell();
    },
    release: () => {
      losses.tell();
      losses.close();
      return undefined;
    },
  };
}
