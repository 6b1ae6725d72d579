import { AssertionError } from 'node:assert';
import { TestScheduler } from 'rxjs/testing';
import type { Violation } from '../events/index.ts';
import { violationSentence } from '../sla/index.ts';
import { drawMarbles, type Drawn } from './draw-marbles.ts';
import { difference, type TestMessage } from './marble-difference.ts';
import { valueOf } from './marble-stream.ts';
import { mismatchOf } from './mismatch-of.ts';

/** What a drawn violation has to be: the fields that a test cares for. */
export type ExpectedViolations = Readonly<Record<string, Partial<Violation>>>;

/** Says what a safeguard was to tell. */
export interface ViolationsExpectation {
  /**
   * The violations as marbles: `v` is one that aborts, `w` one that warns; `|` and `#` are the stream's end.
   *
   * @param values what each marble must be besides: `{ v: { rule: 'memoryMb', observed: 6 } }`; any character may be given one
   * @param error what `#` must be, or have: `{ message: 'broken' }`; without it any error will do
   */
  toBe(marbles: string, values?: ExpectedViolations, error?: unknown): void;
}

const usual: ExpectedViolations = { v: { action: 'abort' }, w: { action: 'warn' } };
const markOfAction = { abort: 'v', warn: 'w', throttle: 't' } as const;

/** What was drawn of violations, as it is compared. */
export interface DrawnViolations {
  readonly marks: readonly Drawn[];
  /** What each mark must be. */
  readonly fields: ReadonlyMap<string, Partial<Violation>>;
  /** What `#` must be; `undefined` is any error. */
  readonly error: unknown;
}

/**
 * Reads a drawing of violations. Only inside `marbles`, where a frame is 1 ms.
 *
 * @throws {ConfigurationError} for a marble that stands for nothing.
 */
export function drawnViolations(marbles: string, values: ExpectedViolations, error: unknown): DrawnViolations {
  const messages = TestScheduler.parseMarbles(marbles, undefined, undefined, false, true) as TestMessage[];
  const marks = messages.map(({ frame, notification }) => ({ frame, mark: markOf(notification) }));
  const fields = new Map<string, Partial<Violation>>();
  for (const { mark } of marks) {
    if (mark === '|' || mark === '#') continue;
    const given = valueOf(mark, values, (other) => usual[other], 'the fields of a violation');
    fields.set(mark, { ...usual[mark], ...given });
  }
  return { marks, fields, error };
}

function markOf(notification: TestMessage['notification']): string {
  if (notification.kind === 'N') return notification.value as string;
  return notification.kind === 'C' ? '|' : '#';
}

/**
 * Compares what a safeguard has told with what was drawn of it.
 *
 * @param what whose violations they are
 * @throws {AssertionError} that draws both, and says in what a violation differs.
 */
export function assertViolations(messages: readonly TestMessage[], expected: DrawnViolations, what: string): void {
  const read = messages.map((message, index) => readBeside(message, expected.marks[index]?.mark, expected));
  const problems = read.flatMap(({ problem }) => problem ?? []);
  const isSame =
    problems.length === 0 &&
    read.length === expected.marks.length &&
    read.every(({ frame, mark }, index) => {
      const wanted = expected.marks[index];
      return frame === wanted?.frame && mark === wanted.mark;
    });
  if (isSame) return;
  throw new AssertionError({
    message: difference(`The violations of ${what}`, drawMarbles(expected.marks), drawMarbles(read), problems),
    actual: drawMarbles(read),
    expected: drawMarbles(expected.marks),
    operator: 'expectViolations',
  });
}

/** How a notification is drawn that was expected to be `wanted`, and what is wrong with it. */
function readBeside(
  { frame, notification }: TestMessage,
  wanted: string | undefined,
  { fields, error }: DrawnViolations,
): Drawn & { readonly problem?: string } {
  const at = (mark: string, problem: string) => ({ frame, mark, problem: `${mark} at ${frame} ms: ${problem}` });
  if (notification.kind === 'C') return { frame, mark: '|' };
  if (notification.kind === 'E') {
    if (wanted !== '#') return at('#', String(notification.error));
    const mismatch = error === undefined ? undefined : mismatchOf(error, notification.error);
    return mismatch === undefined ? { frame, mark: '#' } : at('#', mismatch);
  }
  const violation = notification.value as Violation;
  const spec = wanted === undefined ? undefined : fields.get(wanted);
  const mismatch = spec && mismatchOf(spec, violation);
  if (wanted !== undefined && spec !== undefined && mismatch === undefined) return { frame, mark: wanted };
  const usualMark = markOfAction[violation.action];
  const other = [...fields].find(([, fieldsOf]) => mismatchOf(fieldsOf, violation) === undefined)?.[0];
  if (other !== undefined) return at(other, violationSentence(violation));
  return at(
    spec?.action === violation.action ? (wanted ?? usualMark) : usualMark,
    mismatch ?? violationSentence(violation),
  );
}
