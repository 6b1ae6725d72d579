// Posts what somebody should hear of to a URL: violations, a breaker that opens, the end of the run.
// The receiver is a server on this machine, which takes only what is signed with the secret that both know.
// Read docs/how-to/be-told-by-a-webhook.md next: what is sent, when it is tried again, and what becomes of the rest.
import { Trainer, evaluation, inlineExecutor, webhook } from 'pitwall';
import { startReceiver } from './receiver.ts';

const secret = 'whsec_of-your-own';
const heard: string[] = [];
const { url, close } = await startReceiver(secret, ({ event, text }) => {
  heard.push(event);
  console.log(text);
});

const trainer = new Trainer<{ loss: number }>({ name: 'told', epochs: 3 });
trainer.register(webhook({ url, secret }));
trainer.register(
  evaluation({
    name: 'hangs',
    every: 1,
    overlap: 'queue',
    executor: inlineExecutor(async (_input, { signal }) => {
      await new Promise((resolve) => {
        signal.addEventListener('abort', resolve);
      });
      throw new Error('aborted');
    }),
    sla: { evaluationTimeMs: 50 },
    breaker: { name: 'hangs', minimumNumberOfCalls: 2, slidingWindow: { type: 'count', size: 2 } },
  }),
);

await trainer.fit((epoch) => Promise.resolve({ loss: 1 / epoch.epoch }));
await close();
console.log(`heard of: ${heard.join(', ')}`);
