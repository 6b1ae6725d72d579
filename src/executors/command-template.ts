import { z } from 'zod';
import { ConfigurationError, nearMatch, parseOptions, told } from '../errors/index.ts';

/** A piece of an argument: text as it is, a path, or a field of the input by its keys. */
export type TemplatePart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'input' }
  | { readonly kind: 'output' }
  | { readonly kind: 'field'; readonly keys: readonly string[] };

/** A command whose placeholders are found: the program, and each argument in its parts. */
export interface CommandTemplate {
  readonly program: string;
  readonly args: readonly (readonly TemplatePart[])[];
}

const commandSchema = z
  .array(
    z
      .string()
      .regex(/^[^\0]*$/)
      .describe('a string without NUL'),
  )
  .min(1)
  .describe('an array of the program and its arguments (["python", "eval.py", "{input}", "{output}"])');

/**
 * Finds the placeholders of a command: `{input}`, `{output}` and `{input.FIELD}`, anywhere in an argument. What else is in braces
 * stays as it is if it does not look like a name (JSON, `{}`) or is a shell's (`${HOME}`); `{{name}}` stands for a literal
 * `{name}`.
 *
 * @throws {ConfigurationError} for what is no array of strings, and for a placeholder that is none, with its near match.
 */
export function parseCommand(command: unknown): CommandTemplate {
  const [program = '', ...args] = parseOptions(commandSchema, command, 'The command of commandExecutor');
  if (program.trim() === '')
    throw new ConfigurationError(
      `The command of commandExecutor must begin with a program, but ${told(program)} came.`,
    );
  if (parseArgument(program).some(({ kind }) => kind !== 'text'))
    throw new ConfigurationError(
      `The program of a command must be fixed, but ${told(program)} has a placeholder: placeholders stand in its arguments.`,
    );
  return { program, args: args.map(parseArgument) };
}

/** Escaped braces, or a name in braces, or what begins like one of ours and goes on wrong; `$` before it is a shell's. */
const braces =
  /\{\{([A-Za-z_][^{}]*)\}\}|(\$?)\{(?:\s*([A-Za-z_][\w-]*(?:\.[\w-]+)*)\s*|((?:input|output)\b[^{}]*))\}/g;

function parseArgument(argument: string): TemplatePart[] {
  const parts: TemplatePart[] = [];
  let text = '';
  let from = 0;
  for (const match of argument.matchAll(braces)) {
    const [whole, escaped, dollar, name, broken] = match;
    text += argument.slice(from, match.index);
    from = match.index + whole.length;
    if (escaped !== undefined) text += `{${escaped}}`;
    else if (isLiteral(whole, dollar === '$', name)) text += whole;
    else {
      if (text !== '') parts.push({ kind: 'text', text });
      text = '';
      parts.push(placeholder(whole, name ?? broken ?? '', argument));
    }
  }
  text += argument.slice(from);
  return text === '' && parts.length > 0 ? parts : [...parts, { kind: 'text', text }];
}

/** `${HOME}` is a shell's, `{ print }` a program's own: but neither where the name is ours, which is a slip. */
function isLiteral(whole: string, isShell: boolean, name: string | undefined): boolean {
  if (name === undefined) return isShell;
  if (/^(input|output)(\.|$)/.test(name)) return false;
  return isShell || /\s/.test(whole);
}

function placeholder(whole: string, name: string, argument: string): TemplatePart {
  const [first = '', ...keys] = name.split('.');
  const isExact = whole === `{${name}}` && keys.every((key) => /^[\w-]+$/.test(key));
  if (isExact && name === 'input') return { kind: 'input' };
  if (isExact && name === 'output') return { kind: 'output' };
  if (isExact && first === 'input') return { kind: 'field', keys };
  throw new ConfigurationError(
    `The argument ${told(argument)} of a command has the unknown placeholder ${whole}: ${advice(whole, name, first, keys)}`,
  );
}

function advice(whole: string, name: string, first: string, keys: readonly string[]): string {
  if (whole.startsWith('$')) return `write {${name}} for the placeholder, or $${first} for a variable of the shell.`;
  if (whole !== `{${name}}`) return `write {${name}}, without spaces.`;
  if (first === 'output') return 'the result has no fields, write {output} for its file.';
  if (first === 'input') return 'write {input.FIELD}, whose names are of letters, digits, "_" and "-".';
  const near = nearMatch(first, ['input', 'output']);
  const meant = near === undefined ? undefined : `{${[near, ...(near === 'input' ? keys : [])].join('.')}}`;
  return meant === undefined
    ? `known are {input}, {output} and {input.FIELD}. Write {${whole}} for the text ${whole} itself.`
    : `did you mean ${meant}? Write {${whole}} for the text ${whole} itself.`;
}
