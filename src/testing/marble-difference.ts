import { AssertionError } from 'node:assert';
import { inspect, isDeepStrictEqual } from 'node:util';
import { drawMarbles, drawSubscription, type Drawn } from './draw-marbles.ts';
import type { SubscriptionLogs } from './marble-stream.ts';

/** One notification that a test has recorded, or expects. */
export interface TestMessage {
  readonly frame: number;
  readonly notification:
    | { readonly kind: 'N'; readonly value?: unknown }
    | { readonly kind: 'E'; readonly error?: unknown }
    | { readonly kind: 'C' };
}

/** Throws when the two are not the same: `expect(actual).toEqual(expected)`, `assert.deepEqual`, … */
export type AssertEqual = (actual: unknown, expected: unknown) => void;

/**
 * The assertion of a marble test that is given none: what differs is told as drawings, expected above actual.
 *
 * @throws {AssertionError} of node:assert, which every test runner shows.
 */
export const assertMarbles: AssertEqual = (actual, expected) => {
  if (isDeepStrictEqual(actual, expected)) return;
  const isOfStreams = isMessages(actual) && isMessages(expected);
  throw new AssertionError({
    message: isOfStreams
      ? differenceOfStreams(actual, expected)
      : differenceOfSubscriptions(actual as SubscriptionLogs, expected as SubscriptionLogs),
    actual,
    expected,
    operator: 'marbles',
  });
};

/** The two drawings, and what their characters stand for. */
export function difference(what: string, expected: string, actual: string, legend: readonly string[] = []): string {
  return [`${what} were to be as expected, but they differ:`, `expected  ${expected}`, `actual    ${actual}`, ...legend]
    .join('\n  ')
    .trimEnd();
}

function differenceOfStreams(actual: readonly TestMessage[], expected: readonly TestMessage[]): string {
  const legend = new Legend();
  const drawn = [expected, actual].map((messages) => drawMarbles(messages.map((message) => legend.draw(message))));
  return difference('The notifications', drawn[0] ?? '', drawn[1] ?? '', legend.lines);
}

function differenceOfSubscriptions(actual: SubscriptionLogs, expected: SubscriptionLogs): string {
  const [wanted, came] = [expected, actual].map((logs) =>
    logs.length === 0 ? '(never subscribed to)' : logs.map(drawSubscription).join('  and  '),
  );
  return difference('The subscriptions', wanted ?? '', came ?? '');
}

function isMessages(value: unknown): value is readonly TestMessage[] {
  return (
    Array.isArray(value) && value.every((entry) => typeof entry === 'object' && entry !== null && 'frame' in entry)
  );
}

/** Gives each distinct value a character: its own where it is one. */
class Legend {
  readonly #entries: { readonly mark: string; readonly value: unknown }[] = [];
  readonly #free = Array.from('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ');

  draw({ frame, notification }: TestMessage): Drawn {
    if (notification.kind === 'C') return { frame, mark: '|' };
    if (notification.kind === 'E') {
      this.#mark(notification.error, '#');
      return { frame, mark: '#' };
    }
    const { value } = notification;
    return { frame, mark: typeof value === 'string' && value.length === 1 ? value : this.#mark(value) };
  }

  get lines(): readonly string[] {
    return this.#entries.map(
      ({ mark, value }) => `${mark} = ${inspect(value, { breakLength: Infinity, depth: 4, compact: true })}`,
    );
  }

  #mark(value: unknown, fixed?: string): string {
    const known = this.#entries.find(
      (entry) => isDeepStrictEqual(entry.value, value) && (entry.mark === '#') === (fixed === '#'),
    );
    if (known !== undefined) return known.mark;
    const mark = fixed ?? this.#free.shift() ?? '?';
    this.#entries.push({ mark, value });
    return mark;
  }
}
