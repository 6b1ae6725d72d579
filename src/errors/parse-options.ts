import { z } from 'zod';
import { nearMatch } from './near-match.ts';
import { ConfigurationError } from './pitwall-error.ts';
import { told } from './told.ts';

/**
 * Checks options against a strict schema and gives them back parsed, or throws one sentence about the first mistake.
 *
 * @param schema what is right; `z.strictObject`, so that an unknown key is a mistake
 * @param value what came
 * @param what whose options they are, as the sentence names them: `the SLA of "vs-random"`
 * @throws {ConfigurationError} with the key (`limitMs`, of a list `nodeArgs[1]`), what was expected, what came, and the near match of
 * an unknown key.
 */
export function parseOptions<Schema extends z.ZodType>(schema: Schema, value: unknown, what: string): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = deepest(parsed.error.issues);
  throw new ConfigurationError(
    issue === undefined ? `${what} could not be read.` : sentence(issue, value, what, schema),
    { cause: parsed.error },
  );
}

type Issue = z.core.$ZodIssue;

/** An unknown key beside it is told first: a key that is missing there is most often the one that was meant. */
function foremost(issues: readonly Issue[]): Issue | undefined {
  const [first] = issues;
  const beside = String(first?.path.slice(0, -1));
  return issues.find(({ code, path }) => code === 'unrecognized_keys' && String(path) === beside) ?? first;
}

/** Of a union's branches the one that got furthest tells most: prefer it over 'invalid input'. */
function deepest(issues: readonly Issue[], prefix: readonly PropertyKey[] = []): Issue | undefined {
  const issue = foremost(issues);
  if (issue === undefined) return undefined;
  const path = [...prefix, ...issue.path];
  if (issue.code !== 'invalid_union') return { ...issue, path: path };
  const branches = issue.errors.map((branch) => deepest(branch, path)).filter((found) => found !== undefined);
  const furthest = branches.find((found) => found.path.length > path.length || found.code === 'unrecognized_keys');
  return furthest ?? branches.find((found) => found.code !== 'invalid_type') ?? { ...issue, path: path };
}

function sentence(issue: Issue, value: unknown, what: string, schema: z.ZodType): string {
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? '';
    const known = knownKeys(schema, issue.path);
    const near = nearMatch(key, known);
    const advice = near === undefined ? `known are ${known.join(', ')}` : `did you mean "${near}"?`;
    return `${what} ${/^The \w+s of /.test(what) ? 'have' : 'has'} an unknown key "${toldPath([...issue.path, key])}": ${advice}`;
  }
  if (issue.code === 'invalid_key') {
    const record = issue.path.slice(0, -1);
    const described = schemaAt(schema, record)?.description ?? 'a record of other keys';
    return `${what}: "${toldPath(record)}" must be ${described}, but the key ${told(issue.path.at(-1))} came`;
  }
  const came = issue.path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown> | null)?.[key], value);
  const key = issue.path.length === 0 ? '' : `: "${toldPath(issue.path)}"`;
  return `${what}${key} must be ${expectation(issue, schema)}, but ${told(came)} came${hint(came)}`;
}

/** As it would be written in code: `nodeArgs[1]`, `sla.memoryMb`. */
function toldPath(path: readonly PropertyKey[]): string {
  return path
    .map((key, at) => (typeof key === 'number' ? `[${key}]` : `${at === 0 ? '' : '.'}${String(key)}`))
    .join('');
}

/** The schema's own words (`.describe`) first; they are written to complete "must be …". */
function expectation(issue: Issue, schema: z.ZodType): string {
  const described = schemaAt(schema, issue.path)?.description;
  if (described !== undefined) return described;
  if (issue.code === 'invalid_type')
    return /^[aeiou]/.test(issue.expected) ? `an ${issue.expected}` : `a ${issue.expected}`;
  if (issue.code === 'invalid_value') return `one of ${issue.values.map((option) => told(option)).join(', ')}`;
  return issue.message.replace(/^Invalid input: expected /, '').replace(/^Invalid /, 'a valid ');
}

/** A unit in a number ("30m") is the commonest slip. */
function hint(came: unknown): string {
  if (typeof came !== 'string' || !/^\s*[\d.]+\s*[a-z]+\s*$/i.test(came)) return '';
  return ': give a plain number in the unit that the key names (30 minutes in ...Ms is 1_800_000)';
}

function knownKeys(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  const found = schemaAt(schema, path);
  const at = found && unwrapped(found);
  return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
}

function schemaAt(schema: z.ZodType, path: readonly PropertyKey[]): z.ZodType | undefined {
  let at: z.ZodType | undefined = unwrapped(schema);
  let described: z.ZodType | undefined = schema;
  for (const key of path) {
    if (at instanceof z.ZodRecord) described = at.valueType as z.ZodType;
    else if (at instanceof z.ZodArray) described = at.element as z.ZodType;
    else if (at instanceof z.ZodObject) described = at.shape[key as string] as z.ZodType | undefined;
    else return undefined;
    at = described && unwrapped(described);
  }
  return described?.description === undefined ? at : described;
}

/** Looks through `.optional()`, `.default()` and unions for the object schema inside. */
function unwrapped(schema: z.ZodType): z.ZodType {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodNullable
  )
    return unwrapped(schema.unwrap() as z.ZodType);
  if (schema instanceof z.ZodUnion) {
    const options = schema.options as z.ZodType[];
    return options.map(unwrapped).find((option) => option instanceof z.ZodObject) ?? schema;
  }
  if (schema instanceof z.ZodPipe) return unwrapped(schema.in as z.ZodType);
  return schema;
}
