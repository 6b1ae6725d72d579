import { z } from 'zod';
import { nameOption } from '../callbacks/name-option.ts';
import { ConfigurationError, parseOptions } from '../errors/index.ts';
import { webhookEvents, type WebhookEvent } from './webhook-message.ts';
import { secretOf } from './webhook-signature.ts';

/** Options of {@link webhook}. */
export interface WebhookOptions {
  /** Where messages are posted to: an `http:` or `https:` URL. Of it only the origin is told anywhere; a user in it is sent as Basic. */
  readonly url: string | URL;
  /** Signs each message, for {@link verifyWebhook}; by default they are not signed. */
  readonly secret?: string | undefined;
  /** What is told: all of it by default. */
  readonly on?: readonly WebhookEvent[] | undefined;
  /** Sent with each message, such as an `authorization`. Those of the message itself go before. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** How long an attempt may take: 10 s by default. */
  readonly timeoutMs?: number | undefined;
  /** How often a message that was not taken is tried again: 5 times by default. */
  readonly retries?: number | undefined;
  /** Sends in the place of the global `fetch`: for a proxy, or a test. */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Its name in the run: `webhook` by default. */
  readonly name?: string | undefined;
}

/** Options that were checked. */
export interface WebhookSettings {
  readonly name: string;
  /** Without a user. */
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly secret: string | undefined;
  readonly on: readonly WebhookEvent[];
  readonly timeoutMs: number;
  readonly retries: number;
  readonly fetch: typeof globalThis.fetch | undefined;
}

const what = 'The options of webhook';

// What may be a secret is looked at below: a sentence of the schema's tells what came.
const optionsSchema = z.strictObject({
  url: z.unknown().optional(),
  secret: z.unknown().optional(),
  headers: z.unknown().optional(),
  on: z
    .array(z.enum(webhookEvents))
    .nonempty()
    .describe(`a list of ${webhookEvents.map((event) => `'${event}'`).join(', ')}`)
    .default([...webhookEvents]),
  timeoutMs: z.number().positive().describe('a number of milliseconds above 0').default(10_000),
  retries: z.int().nonnegative().max(20).describe('a whole number from 0 to 20').default(5),
  fetch: z
    .custom<typeof globalThis.fetch>((value) => typeof value === 'function')
    .describe('a function such as fetch')
    .optional(),
  name: nameOption.default('webhook'),
});

/** @throws {ConfigurationError} one sentence about the first mistake, which tells neither URL nor secret nor header. */
export function webhookSettings(options: WebhookOptions): WebhookSettings {
  const { url: givenUrl, secret, headers, ...rest } = parseOptions(optionsSchema, options, what);
  const url = urlOf(givenUrl);
  const given = { ...basicOf(url), ...headersOf(headers) };
  url.username = '';
  url.password = '';
  url.hash = '';
  return {
    ...rest,
    fetch: rest.fetch,
    url,
    headers: given,
    secret: secret === undefined ? undefined : secretOf(secret, what),
  };
}

function urlOf(given: unknown): URL {
  const wanted = `${what}: "url" must be an http: or https: URL`;
  if (typeof given !== 'string' && !(given instanceof URL))
    throw new ConfigurationError(
      `${wanted}, but ${given === null ? 'null' : `something of the type ${typeof given}`} came`,
    );
  if (!URL.canParse(String(given))) throw new ConfigurationError(`${wanted}, but a string that is no URL came`);
  const url = new URL(given);
  if (!['http:', 'https:'].includes(url.protocol))
    throw new ConfigurationError(`${wanted}, but one of ${url.protocol} came`);
  return url;
}

/** `fetch` takes no URL with a user in it. */
function basicOf({ username, password }: URL): Readonly<Record<string, string>> {
  if (username === '' && password === '') return {};
  const credentials = `${decoded(username)}:${decoded(password)}`;
  return { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // a % that stands for itself
  }
}

function headersOf(given: unknown): Readonly<Record<string, string>> {
  if (given === undefined) return {};
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new ConfigurationError(`${what}: "headers" must be an object of strings`);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    if (typeof value !== 'string' || !isHeader(name, value))
      throw new ConfigurationError(
        `${what}: "headers" must be an object of strings, but that of ${JSON.stringify(name)} cannot be sent as a header`,
      );
    headers[name.toLowerCase()] = value;
  }
  return headers;
}

function isHeader(name: string, value: string): boolean {
  try {
    new Headers([[name, value]]);
    return true;
  } catch {
    return false;
  }
}
