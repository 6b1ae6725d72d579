import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { ConfigurationError, parseOptions } from '../errors/index.ts';

/** The header that carries a message's signature, `X-Pitwall-Signature`. */
export const signatureHeader = 'x-pitwall-signature';

/** Signs a body: `t=<unix seconds>,v1=<hex>`, where v1 is the HMAC-SHA256 of `<t>.<body>`. */
export function signatureOf(body: string, secret: string, atSeconds: number): string {
  return `t=${atSeconds},v1=${digestOf(String(atSeconds), body, secret).toString('hex')}`;
}

/** What {@link verifyWebhook} looks at. */
export interface WebhookVerification {
  /** The body as it came: before it is parsed, because what is parsed and written again may differ. */
  readonly body: string | Uint8Array;
  /** The value of the header `X-Pitwall-Signature`; what is no string is no signature. */
  readonly signature: string | readonly string[] | null | undefined;
  /** The secret that the webhook was made with. */
  readonly secret: string;
  /** How far the signature's time may be from `now`, either way: 5 minutes by default. */
  readonly toleranceMs?: number | undefined;
  /** Wall-clock milliseconds: `Date.now()` by default. */
  readonly now?: number | undefined;
}

const optionsSchema = z.strictObject({
  body: z.union([z.string(), z.instanceof(Uint8Array)]).describe('the raw body, a string or bytes'),
  signature: z.unknown().optional(),
  secret: z.unknown().optional(), // no message may tell it
  toleranceMs: z.number().nonnegative().describe('milliseconds from 0 on').default(300_000),
  now: z.number().describe('wall-clock milliseconds').optional(),
});

/**
 * Says whether a message was sent by who knows the secret, as it is, and lately: for those who receive what {@link webhook} sends.
 *
 * The scheme is that of Stripe's webhooks (docs.stripe.com/webhooks#verify-manually): the signed text has the time in it, so that a
 * message which somebody has caught cannot be sent again later. It is compared in constant time.
 *
 * @throws {ConfigurationError} for wrong options, such as no secret. A signature that is none is `false`.
 *
 * @example
 * const isGenuine = verifyWebhook({ body, signature: request.headers['x-pitwall-signature'], secret });
 */
export function verifyWebhook(options: WebhookVerification): boolean {
  const checked = parseOptions(optionsSchema, options, 'The options of verifyWebhook');
  const { body, signature, toleranceMs, now = Date.now() } = checked;
  const secret = secretOf(checked.secret, 'The options of verifyWebhook');
  if (typeof signature !== 'string' || signature.length > longestHeader) return false;
  const [, time] = /(?:^|,)\s*t=(\d{1,15})\s*(?:,|$)/.exec(signature) ?? [];
  if (time === undefined || !(Math.abs(now - Number(time) * 1000) <= toleranceMs)) return false;
  const expected = digestOf(time, body, secret);
  const given = [...signature.matchAll(/(?:^|,)\s*v1=([\da-f]{64})(?=\s*(?:,|$))/gi)];
  return given.some(([, hex = '']) => timingSafeEqual(Buffer.from(hex, 'hex'), expected));
}

/** Of some signatures, as while a secret is changed; not of as many as somebody likes. */
const longestHeader = 1_024;

/** @throws {ConfigurationError} unless it is a string with something in it; the sentence does not tell it. */
export function secretOf(secret: unknown, what: string): string {
  if (typeof secret === 'string' && secret !== '') return secret;
  const came = secret === '' ? 'an empty one' : secret === null ? 'null' : `something of the type ${typeof secret}`;
  throw new ConfigurationError(`${what}: "secret" must be a string that is not empty, but ${came} came`);
}

function digestOf(time: string, body: string | Uint8Array, secret: string): Buffer {
  return createHmac('sha256', secret).update(`${time}.`).update(body).digest();
}
