import { Subject } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { verifyWebhook, webhook, type WebhookOptions } from '../../src/index.ts';
import { runEvent, type RunEventSketch } from '../../src/testing/index.ts';
import { AnnouncingClock } from './announcing-clock.ts';
import { receiver } from './receiver.ts';
import { FakeRun } from './run.ts';

const timeoutMs = 10_000;
const atEndMs = 30_000;

type RunOptions = NonNullable<ConstructorParameters<typeof FakeRun>[0]>;

/** A run that is told to a receiver; without a journal, unless the test gives it one. */
async function posted(options: Partial<WebhookOptions> = {}, runOptions: RunOptions = {}) {
  const clock = new AnnouncingClock(timeoutMs, atEndMs);
  const run = new FakeRun({ ...runOptions, clock });
  const server = await receiver();
  const callback = webhook({ url: server.url, ...options });
  const subscription = run.connect(callback);
  return { ...server, run, clock, callback, subscription };
}

const subject = { evaluationId: 'vs-3', name: 'vs-random', epoch: 3, step: 30 };
const violation = {
  rule: 'memoryMb',
  limit: 300,
  observed: 412,
  unit: 'MB',
  action: 'abort',
  evaluationId: 'vs-3',
  observedAt: 1_700_000_000_000,
  lateByHostMs: 0,
  pausedMs: 0,
} as const;
const violated: RunEventSketch = { type: 'sla:violation', violation };
const opened: RunEventSketch = { type: 'breaker:transition', name: 'vs-random', from: 'closed', to: 'open', reason: '3 of 3 failed' }; // prettier-ignore

describe('webhook', () => {
  it('posts violations, changes of a breaker and the end of the run, in order', async () => {
    const { run, next } = await posted();
    run.tell({ type: 'evaluation:requested', ...subject }, violated, opened);
    run.tell({ type: 'run:end', status: 'stopped', reason: 'enough', epochs: 3, steps: 30 });

    const messages = [];
    for (let count = 0; count < 3; count++) {
      const request = await next();
      expect([request.method, request.path]).toEqual(['POST', '/hooks/T0P-S3CRET?token=h1dden']);
      expect(request.headers).toMatchObject({
        'content-type': 'application/json',
        'idempotency-key': request.message.id,
      });
      messages.push(request.message);
      request.answer(200);
    }

    const head = { runId: 'run', name: 'minishogi', at: 1_700_000_000_000 };
    expect(messages).toEqual([
      {
        ...head,
        id: 'run-2',
        seq: 2,
        event: 'violation',
        evaluation: 'vs-random',
        epoch: 3,
        violation,
        text: 'minishogi: SLA violation (abort) of vs-3: memoryMb: 412 MB observed, the limit is 300 MB',
      },
      {
        ...head,
        id: 'run-3',
        seq: 3,
        event: 'breaker',
        breaker: 'vs-random',
        from: 'closed',
        to: 'open',
        reason: '3 of 3 failed',
        text: 'minishogi: breaker "vs-random": closed -> open (3 of 3 failed)',
      },
      {
        ...head,
        id: 'run-4',
        seq: 4,
        event: 'run-end',
        status: 'stopped',
        reason: 'enough',
        epochs: 3,
        steps: 30,
        evaluations: { requested: 0, completed: 0, violated: 0, failed: 0, cancelled: 0, skipped: 0 },
        text: 'minishogi: run run stopped (enough); 3 epochs, 30 steps; evaluations: 0 requested',
      },
    ]);
    await Promise.all(run.held);
    expect([run.reported, run.published, run.clock.pendingTimers]).toEqual([[], [], 0]);
  });

  it('tells a violation once, though the end of its evaluation tells it again', async () => {
    const { run, next, received } = await posted();
    const warned = { ...violation, action: 'warn' } as const;
    run.tell(
      { type: 'evaluation:requested', ...subject },
      { type: 'sla:violation', violation: warned },
      { type: 'sla:violation', violation: warned },
      violated,
      { type: 'evaluation:end', ...subject, status: 'violated', violation },
      { type: 'evaluation:end', ...subject, evaluationId: 'vs-4', status: 'completed' },
      // Its violation was told by nobody.
      { type: 'evaluation:end', ...subject, evaluationId: 'vs-5', epoch: 5, status: 'violated' },
      { type: 'run:end' },
    );
    for (let count = 0; count < 4; count++) (await next()).answer(200);
    await Promise.all(run.held);

    expect(received.map(({ message }) => [message.event, 'violation' in message && message.violation.action])).toEqual([
      ['violation', 'warn'],
      ['violation', 'abort'],
      ['violation', false],
      ['run-end', false],
    ]);
    expect(received[2]?.message).toMatchObject({ evaluation: 'vs-random', epoch: 5 });
  });

  it('tells only what it is asked for', async () => {
    const { run, next, received } = await posted({ on: ['breaker'] });
    run.tell(violated, opened, { type: 'run:end' });

    (await next()).answer(204);
    await Promise.all(run.held);

    expect(received.map(({ message }) => message.event)).toEqual(['breaker']);
  });

  it('signs each attempt with its own time, and the receiver can tell', async () => {
    const secret = 'whsec_1';
    const { run, next, clock } = await posted({ secret });
    run.tell(violated);

    const first = await next();
    first.answer(500);
    await clock.advance(await clock.nextDelay());
    await clock.advance(0);
    const second = await next();
    second.answer(200);

    for (const { body, headers } of [first, second]) {
      const signature = headers['x-pitwall-signature'];
      expect(signature).toMatch(/^t=17000000\d\d,v1=[\da-f]{64}$/);
      expect(verifyWebhook({ body, signature, secret, now: clock.wallNow() })).toBe(true);
      expect(verifyWebhook({ body: body.replace('412', '299'), signature, secret, now: clock.wallNow() })).toBe(false);
    }
    expect([second.body, second.headers['idempotency-key']]).toEqual([first.body, first.headers['idempotency-key']]);
  });

  it('does not sign without a secret', async () => {
    const { run, next } = await posted({ headers: { Authorization: 'Bearer me', 'X-Pitwall-Signature': 'mine' } });
    run.tell(violated);

    const { headers } = await next();

    expect(headers.authorization).toBe('Bearer me');
    expect(headers['x-pitwall-signature']).toBe('mine');
  });
});

describe('a message', () => {
  it('waits until its event is on disk', async () => {
    const durable$ = new Subject<number>();
    const sent = vi.fn<typeof fetch>(fetch);
    const { run, next, clock } = await posted({ fetch: sent }, { folder: '/runs/run', durable$ });
    run.tell(violated, opened);

    durable$.next(0);
    await clock.advance(60_000);
    expect(sent).not.toHaveBeenCalled();

    durable$.next(1);
    const first = await next();
    first.answer(200);
    expect(first.message.seq).toBe(1);
    await sent.mock.results[0]?.value;
    await clock.advance(1_000);
    expect(sent).toHaveBeenCalledTimes(1);

    durable$.next(2);
    expect((await next()).message.seq).toBe(2);
  });

  it('is tried again after 500, each time after twice as long at most', async () => {
    const { run, next, clock } = await posted();
    run.tell(violated, { type: 'run:end' });

    const delays = [];
    for (let tries = 1; tries <= 5; tries++) {
      (await next()).answer(503);
      const delay = await clock.nextDelay();
      delays.push(delay);
      expect(delay).toBeGreaterThanOrEqual(0);
      expect(delay).toBeLessThan(500 * 2 ** (tries - 1));
      await clock.advance(delay);
    }
    expect(new Set(delays).size).toBeGreaterThan(1); // by chance
    (await next()).answer(200);
    const last = await next();
    last.answer(200);
    await Promise.all(run.held);

    expect(last.message.event).toBe('run-end');
    expect([run.reported, run.published]).toEqual([[], []]);
  });

  it.each([
    ['7', 7_000],
    ['86400', 60_000],
    [new Date(1_700_000_000_000 + 9_000).toUTCString(), 9_000],
  ])('is not tried again before Retry-After: %s', async (retryAfter, ms) => {
    const { run, next, clock, received } = await posted();
    run.tell(violated);

    (await next()).answer(429, { 'Retry-After': retryAfter });

    expect(await clock.nextDelay()).toBe(ms);
    await clock.advance(ms - 1);
    expect(received).toHaveLength(1);
    await clock.advance(1);
    (await next()).answer(200);
  });

  it.each(['soon', '-5', new Date(0).toUTCString()])('is not held up by a Retry-After of %s', async (retryAfter) => {
    const { run, next, clock } = await posted();
    run.tell(violated);

    (await next()).answer(408, { 'Retry-After': retryAfter });

    expect(await clock.nextDelay()).toBeLessThan(500);
  });

  it('is given up at once after 400, and the next is sent', async () => {
    const { run, next } = await posted();
    run.tell(violated, opened, { type: 'run:end' });

    (await next()).answer(400);
    (await next()).answer(400);
    (await next()).answer(200);
    await Promise.all(run.held);

    expect(run.reported).toHaveLength(1);
    expect(run.reported[0]).toMatchObject({
      code: 'WEBHOOK_FAILED',
      message: expect.stringContaining('it answered 400') as string,
    });
  });

  it('does not go with its signature to where a redirection points', async () => {
    const elsewhere = await receiver();
    const { run, next } = await posted({ secret: 'whsec_1' });
    run.tell(violated, { type: 'run:end' });

    (await next()).answer(307, { Location: elsewhere.url });
    (await next()).answer(200);
    await Promise.all(run.held);

    expect(elsewhere.received).toEqual([]);
    expect(run.reported).toMatchObject([
      { message: expect.stringContaining('give the URL to which it points') as string },
    ]);
  });

  it('is tried again when the receiver does not answer in time', async () => {
    const { run, next, clock } = await posted();
    run.tell(violated);

    const first = await next();
    await clock.advance(timeoutMs);
    await first.gone;
    await clock.advance(await clock.nextDelay());

    expect((await next()).body).toBe(first.body);
  });

  it('is tried again when the connection breaks', async () => {
    const { run, next, clock } = await posted();
    run.tell(violated);

    const first = await next();
    first.reset();
    await clock.advance(await clock.nextDelay());

    expect((await next()).body).toBe(first.body);
  });

  it('does not wait for a fetch that does not look at its signal', async () => {
    const deaf: typeof fetch = () => new Promise(() => undefined);
    const { run, clock } = await posted({ fetch: deaf, retries: 0 });
    run.tell(violated);

    await clock.advance(timeoutMs);

    expect(run.reported).toMatchObject([
      { message: expect.stringContaining('has not answered within 10000 ms') as string },
    ]);
  });

  it('is tried six times where nobody listens, and that is told once for all', async () => {
    const { run, clock, close } = await posted();
    await close();
    run.tell(violated, opened);

    for (let tries = 0; tries < 10; tries++) await clock.advance(await clock.nextDelay());
    await vi.waitFor(() => {
      expect(run.reported).toHaveLength(1);
    });
    run.tell({ type: 'run:end' });
    for (let tries = 0; tries < 5; tries++) await clock.advance(await clock.nextDelay());
    await Promise.all(run.held);

    expect(run.reported).toHaveLength(1);
    expect(run.reported[0]).toMatchObject({
      message: expect.stringMatching(/after 6 attempts it could not be reached \(ECONNREFUSED\)/) as string,
    });
  });
});

describe('the messages of a run', () => {
  it('wait in a queue of 64, and what has no room is counted; the end of the run has room', async () => {
    const { run, next, received } = await posted();
    for (let count = 0; count < 70; count++) run.tell(opened);
    run.tell({ type: 'run:end' });
    for (let count = 0; count < 66; count++) (await next()).answer(200);
    await Promise.all(run.held);

    expect(received.map(({ message }) => message.seq)).toEqual([...Array.from({ length: 65 }, (_, at) => at + 1), 71]);
    expect(run.published).toEqual([{ type: 'dropped', what: 'messages of "webhook"', count: 5 }]);
  });

  it('hold up the end of the run for 30 s at most, and what was not delivered is told', async () => {
    const { run, next, clock } = await posted({ secret: 'whsec_1' });
    run.tell(violated, opened, { type: 'run:end' });
    (await next()).answer(500);
    await clock.nextDelay();

    await clock.advance(atEndMs);
    await Promise.all(run.held);

    expect(run.published).toEqual([{ type: 'dropped', what: 'messages of "webhook"', count: 3 }]);
    expect(run.reported).toMatchObject([{ code: 'WEBHOOK_FAILED' }]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('are given up where the disk never takes them', async () => {
    const { run, clock, received } = await posted({}, { folder: '/runs/run' });
    run.tell(violated, { type: 'run:end' });

    await clock.advance(atEndMs);
    await Promise.all(run.held);

    expect(received).toEqual([]);
    expect(run.published).toEqual([{ type: 'dropped', what: 'messages of "webhook"', count: 2 }]);
  });

  it('end with their callback: the request that runs is broken off', async () => {
    const { run, next, clock, subscription } = await posted();
    run.tell(violated, opened);
    const { gone } = await next();

    subscription.unsubscribe();

    await gone;
    expect(run.published).toEqual([{ type: 'dropped', what: 'messages of "webhook"', count: 2 }]);
    expect([clock.pendingTimers, run.isHeard]).toEqual([0, false]);
  });

  it('are not sent again after a resumption', async () => {
    const history = [runEvent({ type: 'evaluation:requested', ...subject }), runEvent(violated), runEvent(opened)];
    const { run, next, received } = await posted({}, { history });
    run.tell({ type: 'evaluation:end', ...subject, status: 'violated', violation }, { type: 'run:end' });

    (await next()).answer(200);
    await Promise.all(run.held);

    expect(received.map(({ message }) => message.event)).toEqual(['run-end']);
  });
});

describe('what is secret', () => {
  it('is told neither in the configuration nor in an error', async () => {
    const { run, next, callback, origin, clock } = await posted({
      secret: 'whsec_1',
      headers: { authorization: 'Bearer b34rer' },
    });
    expect(callback.config).toEqual({ origin, on: ['violation', 'breaker', 'run-end'], signed: true });
    run.tell(violated, opened, violated);

    (await next()).answer(401);
    (await next()).answer(302, { location: 'http://127.0.0.1/T0P-S3CRET' });
    await vi.waitFor(() => {
      expect(run.reported).toHaveLength(2);
    });
    await clock.advance(timeoutMs);

    const told = run.reported.map((error) => [String(error), (error as Error).stack, (error as Error).cause]);
    expect(JSON.stringify([told, callback.config])).not.toMatch(/S3CRET|h1dden|whsec|b34rer/);
    expect(String(run.reported[0])).toContain(origin);
  });

  it('is not told by what a fetch of the user fails with', async () => {
    const failing: typeof fetch = (input) => Promise.reject(new Error(`cannot post to ${(input as URL).href}`));
    const { run } = await posted({ fetch: failing, retries: 0 });
    run.tell(violated);

    await vi.waitFor(() => {
      expect(run.reported).toHaveLength(1);
    });

    expect(String(run.reported[0])).not.toMatch(/S3CRET|h1dden/);
  });

  it('goes as Basic where the URL has a user', async () => {
    const server = await receiver();
    const run = new FakeRun();
    const callback = webhook({ url: server.url.replace('//', '//wall:p%40ss@') });
    run.connect(callback);
    run.tell(violated);

    const { headers } = await server.next();

    expect(headers.authorization).toBe(`Basic ${Buffer.from('wall:p@ss').toString('base64')}`);
    expect(callback.config).toMatchObject({ origin: server.origin });
  });

  it.each<[string, object, string]>([
    ['no URL', { url: 'S3CRET' }, '"url" must be an http: or https: URL, but a string that is no URL came'],
    ['another protocol', { url: 'ftp://host/S3CRET' }, '"url" must be an http: or https: URL, but one of ftp: came'],
    ['nothing', {}, '"url" must be an http: or https: URL, but something of the type undefined came'],
    ['an empty secret', { secret: '' }, '"secret" must be a string that is not empty, but an empty one came'],
    [
      'a secret that is a number',
      { secret: 53_0000 },
      '"secret" must be a string that is not empty, but something of the type number',
    ],
    [
      'a header that cannot be',
      { headers: { 'X-A': 'S3CRET\nX-B: 1' } },
      '"headers" must be an object of strings, but that of "X-A" cannot be sent',
    ],
    ['headers in a list', { headers: ['S3CRET'] }, '"headers" must be an object of strings'],
    ['an event that is none', { on: ['violations'] }, '"on[0]" must be one of "violation", "breaker", "run-end"'],
    ['no event', { on: [] }, "\"on\" must be a list of 'violation', 'breaker', 'run-end'"],
    ['a time in words', { timeoutMs: '10s' }, '"timeoutMs" must be a number of milliseconds above 0, but "10s" came'],
    ['half a retry', { retries: 0.5 }, '"retries" must be a whole number from 0 to 20'],
    ['a slip', { secrets: 'x' }, 'did you mean "secret"?'],
  ])('is not in the sentence about a mistake: %s', (_, options, sentence) => {
    const url = 'url' in options || _ === 'nothing' ? {} : { url: 'https://host/S3CRET' };
    const make = () => webhook({ ...url, ...options } as never);

    expect(make).toThrow(sentence);
    expect(make).not.toThrow(/S3CRET|530000/);
  });
});
