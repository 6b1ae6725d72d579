import { concat, ignoreElements, Observable, tap } from 'rxjs';
import type { Callback, Desk, Directive, Run } from '../callbacks/index.ts';
import type { JournalledEvent } from '../events/index.ts';
import { withoutSteps } from '../operators/index.ts';
import { WebhookDelivery } from './webhook-delivery.ts';
import { WebhookMessages } from './webhook-message.ts';
import { webhookSettings, type WebhookOptions, type WebhookSettings } from './webhook-settings.ts';

export type { WebhookEvent, WebhookMessage } from './webhook-message.ts';
export type { WebhookOptions } from './webhook-settings.ts';
export { verifyWebhook, type WebhookVerification } from './webhook-signature.ts';

/**
 * Posts what somebody should hear of to a URL, as JSON: violations, changes of a breaker's state, the end of the run.
 *
 *     events$   -v-e-------b---r|     (v: sla:violation; e: the evaluation's end, by the same one; b: breaker; r: run:end)
 *     posted    ---v-----x---b--r     (x: answered 500, and tried again)
 *
 * Each message is a {@link WebhookMessage}: `id`, `event`, `runId`, the run's `name`, `at`, `seq`, what it is about, and all of that
 * as a sentence in `text`, which Slack shows as it is. A violation is told once, though the evaluation's end tells it again. With a
 * `secret` the header `X-Pitwall-Signature` has a signature, for {@link verifyWebhook}. `Idempotency-Key` has the `id`, so that a
 * receiver may drop what comes twice.
 *
 * A message waits until its event is in the journal on disk (`run.durable$`), so that nobody is told what a crash takes back; without
 * a journal it is sent at once. They are sent in order, one at a time, beside the training, which never waits for them. Where the
 * receiver cannot be reached, does not answer in time, or answers 408, 429 or 5xx, it is tried again, after a time by chance that
 * doubles, and not before what `Retry-After` says (60 s at most). Any other answer is final, and a redirection is not followed.
 *
 * A message that is given up is told as `callback:error`, once for each kind of failure. 64 may wait; what has no room, and what is not
 * delivered 30 s after the run's end, which waits for it so long, is counted by `dropped`. What a resumed run's journal holds is not
 * sent again.
 *
 * Neither the secret nor the headers nor more of the URL than its origin is told in an error or in `run:start`.
 *
 * @throws {ConfigurationError} one sentence about the first mistake in the options.
 *
 * @example
 * trainer.register(webhook({ url: process.env.SLACK_WEBHOOK_URL ?? '', on: ['violation', 'run-end'] }));
 */
export function webhook(options: WebhookOptions): Callback {
  const settings = webhookSettings(options);
  const { name, url, on, secret } = settings;
  return {
    name,
    config: { origin: url.origin, on, signed: secret !== undefined },
    connect: (run, desk) => posting(run, desk, settings),
  };
}

/** Serves one run. Emits nothing. */
function posting(run: Run<never>, desk: Desk, settings: WebhookSettings): Observable<Directive> {
  return new Observable((subscriber) => {
    const messages = new WebhookMessages(run.name, settings.on);
    const delivery = new WebhookDelivery({
      settings,
      clock: run.clock,
      waitsForDisk: desk.folder !== undefined,
      onFailure: (error) => {
        desk.report(error);
      },
      onDropped: (count) => {
        desk.publish({ type: 'dropped', what: `messages of "${settings.name}"`, count });
      },
    });
    const see = (event: JournalledEvent): void => {
      const message = messages.see(event);
      const isLast = event.type === 'run:end';
      if (message !== undefined)
        delivery.send({ id: message.id, seq: message.seq, body: JSON.stringify(message) }, isLast);
      const finished = isLast ? delivery.finish() : undefined;
      if (finished !== undefined) desk.hold(finished);
    };
    subscriber.add(() => {
      delivery.close();
    });
    const error = (cause: unknown): void => {
      subscriber.error(cause);
    };
    const durable = (seq: number): void => {
      delivery.durable(seq);
    };
    subscriber.add(run.durable$.subscribe({ next: durable, error }));
    const past$ = run.history$.pipe(
      tap((event) => {
        messages.see(event);
      }),
      ignoreElements(),
    );
    subscriber.add(concat(past$, run.events$.pipe(withoutSteps())).subscribe({ next: see, error }));
  });
}
