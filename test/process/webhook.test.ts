import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { evaluation, inlineExecutor, Trainer, verifyWebhook, webhook, type RunEvent } from '../../src/index.ts';
import { receiver } from '../observability/receiver.ts';

const secret = 'whsec_1';

/** A trainer with a journal, and an evaluation that breaks its SLA in each of two epochs. */
function trainerInAFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'pitwall-webhook-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  const trainer = new Trainer({ name: 'told', epochs: 2, journal: folder });
  trainer.register(
    evaluation({
      name: 'hangs',
      every: 1,
      overlap: 'queue',
      executor: inlineExecutor(
        (_input, { signal }) =>
          new Promise((_, reject) => {
            signal.addEventListener('abort', () => {
              reject(new Error('aborted'));
            });
          }),
      ),
      sla: { evaluationTimeMs: 20 },
      breaker: { name: 'hangs', minimumNumberOfCalls: 2, slidingWindow: { type: 'count', size: 2 } },
    }),
  );
  const events: RunEvent[] = [];
  trainer.events$.subscribe((event) => events.push(event));
  return { trainer, events };
}

describe('a webhook of a real run', () => {
  it('tells what is on disk by then, signed, and the run waits for the last of it', async () => {
    const { trainer, events } = trainerInAFolder();
    const { url, next } = await receiver();
    trainer.register(webhook({ url, secret }));
    const fit = trainer.fit((epoch) => epoch.step(() => ({ loss: 1 })));

    const told = [];
    for (let isOver = false; !isOver;) {
      const request = await next();
      const { message, headers, body } = request;
      const journal = readFileSync(join(trainer.runFolder ?? '', 'events.jsonl'), 'utf8');
      expect(journal).toContain(`"seq":${message.seq},`);
      expect(verifyWebhook({ body, signature: headers['x-pitwall-signature'], secret })).toBe(true);
      told.push(message.event);
      isOver = message.event === 'run-end';
      request.answer(200);
    }

    expect(await fit).toMatchObject({ status: 'completed', evaluations: { violated: 2 } });
    // The breaker hears of a failure before the run does.
    expect(told).toEqual(['violation', 'breaker', 'violation', 'run-end']);
    expect(events.filter(({ type }) => type === 'callback:error' || type === 'dropped')).toEqual([]);
  });

  it('costs the run nothing but a word where nobody listens', async () => {
    const { trainer, events } = trainerInAFolder();
    const { url, close } = await receiver();
    await close();
    trainer.register(webhook({ url, retries: 1 }));

    const outcome = await trainer.fit((epoch) => epoch.step(() => ({ loss: 1 })));

    expect(outcome).toMatchObject({ status: 'completed', epochs: 2 });
    const errors = events.filter((event) => event.type === 'callback:error');
    expect(errors).toMatchObject([{ callback: 'webhook', error: { code: 'WEBHOOK_FAILED' } }]);
  });
});
