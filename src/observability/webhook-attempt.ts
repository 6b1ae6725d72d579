import type { Clock } from '../clock/index.ts';
import { signatureHeader, signatureOf } from './webhook-signature.ts';
import type { WebhookSettings } from './webhook-settings.ts';

/** A message as it is sent: made once, when its event comes. */
export interface Letter {
  readonly id: string;
  readonly seq: number;
  readonly body: string;
}

/** What came of one attempt. `kind` is short and the same for all failures of a kind; `why` completes "because …". */
export type Answer =
  | { readonly outcome: 'delivered' }
  /** It may go well later, at the earliest after what the receiver asked for. */
  | { readonly outcome: 'later'; readonly kind: string; readonly why: string; readonly afterMs?: number | undefined }
  /** It would not go better another time. */
  | { readonly outcome: 'refused'; readonly kind: string; readonly why: string };

/** A receiver may ask for so much patience, and no more. */
const longestWaitMs = 60_000;

/**
 * Sends a message once. It never rejects, and tells nothing of the receiver but what it answered.
 *
 * @param signal ends the attempt; what comes of it then counts for nothing
 */
export async function attempt(
  letter: Letter,
  settings: WebhookSettings,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<Answer> {
  const { url, headers, secret, timeoutMs, fetch = globalThis.fetch } = settings;
  // AbortSignal.timeout would not be of the run's clock.
  const ending = new AbortController();
  const end = (): void => {
    ending.abort();
  };
  const cancelTimeout = clock.setTimeout(end, timeoutMs);
  signal.addEventListener('abort', end);
  // A fetch that does not look at its signal must not hold up the others.
  const ended = new Promise<'ended'>((resolve) => {
    ending.signal.addEventListener('abort', () => {
      resolve('ended');
    });
  });
  try {
    const signature = secret === undefined ? {} : { [signatureHeader]: signatureNow(letter.body, secret, clock) };
    const answered = fetch(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', 'idempotency-key': letter.id, ...signature },
      body: letter.body,
      redirect: 'manual', // the message and its signature are for this host
      signal: ending.signal,
    });
    void answered.then(leaveBody, () => undefined);
    const response = await Promise.race([answered, ended]);
    if (response !== 'ended') return judged(response, clock);
  } catch (error) {
    if (!ending.signal.aborted) return { outcome: 'later', ...brokenBy(error) };
  } finally {
    cancelTimeout();
    signal.removeEventListener('abort', end);
  }
  return { outcome: 'later', kind: 'timeout', why: `it has not answered within ${timeoutMs} ms` };
}

function judged(response: Response, clock: Clock): Answer {
  const { status, ok, type } = response;
  if (ok) return { outcome: 'delivered' };
  const kind = `status ${status}`;
  if (type === 'opaqueredirect' || (status >= 300 && status < 400))
    return { outcome: 'refused', kind, why: 'it answers that it has moved: give the URL to which it points' };
  const why = `it answered ${status}`;
  if (status !== 408 && status !== 429 && status < 500) return { outcome: 'refused', kind, why };
  return { outcome: 'later', kind, why, afterMs: askedFor(response.headers.get('retry-after'), clock) };
}

/** How long the receiver wants to be left alone (RFC 9110, section 10.2.3: seconds or a date). */
function askedFor(header: string | null, clock: Clock): number | undefined {
  if (header === null) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - clock.wallNow();
  return Number.isNaN(ms) ? undefined : Math.min(longestWaitMs, Math.max(0, ms));
}

/** Whatever else the error says may have the URL in it, and so a secret. */
function brokenBy(error: unknown): { readonly kind: string; readonly why: string } {
  const { code, cause } = (error ?? {}) as {
    readonly code?: unknown;
    readonly cause?: { readonly code?: unknown } | null;
  };
  const told = [cause?.code, code].find(isCode) ?? 'no code told';
  return { kind: `network ${told}`, why: `it could not be reached (${told})` };
}

/** `ECONNREFUSED`, `UND_ERR_SOCKET`. */
function isCode(code: unknown): code is string {
  return typeof code === 'string' && /^[A-Z][A-Z\d_]{1,40}$/.test(code);
}

/** Nobody reads the answer: the connection is given back. */
function leaveBody(response: Response): void {
  response.body?.cancel().catch(() => undefined);
}

function signatureNow(body: string, secret: string, clock: Clock): string {
  return signatureOf(body, secret, Math.floor(clock.wallNow() / 1000));
}
