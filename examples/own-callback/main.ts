// Callbacks of one's own: one asks for the end of the training, one for a smaller learning rate, one tells what is safe on disk.
// These are functions of the stream (callbacks.ts); the fourth is a plain object, whose error costs nobody but itself.
// The evaluation is run inline, which is for what is quick or mostly waits.
import { evaluation, inlineExecutor, Trainer } from 'pitwall';
import { announce, decay, plateau } from './callbacks.ts';

const trainer = new Trainer<{ loss: number; learningRate: number }>({ name: 'own-callback', epochs: 20 });

trainer.register(plateau(3));
trainer.register(decay(0.9));
trainer.register(
  announce((sentence) => {
    console.log(sentence);
  }),
);
trainer.register({
  name: 'clumsy',
  onEpochEnd: ({ epoch }) => {
    if (epoch === 2) throw new Error('the webhook is down');
  },
});
trainer.register(
  evaluation({
    name: 'quick',
    every: 3,
    overlap: 'queue',
    executor: inlineExecutor(({ epoch }: { readonly epoch: number }) => ({ score: epoch * 10 })),
  }),
);
trainer.events$.subscribe((event) => {
  if (event.type === 'callback:error') console.log(`${event.callback} failed: ${event.error.message}`);
});

const { status, reason } = await trainer.fit(async (epoch) => {
  const loss = await epoch.step(() => Math.max(0.25, 1 / epoch.epoch));
  return { loss, learningRate: 0.1 * epoch.scaleOf('learningRate') };
});
console.log(`${status}: ${reason ?? 'all epochs are done'}`);
