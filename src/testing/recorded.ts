import type { Observable } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import type { TestMessage } from './marble-difference.ts';

/**
 * Subscribes to a stream in a marble test's time and records what it emits; the list fills as that time passes.
 *
 * @param subscription when it is subscribed to and left, as `'--^---!'`
 */
export function recorded(
  source$: Observable<unknown>,
  scheduler: TestScheduler,
  subscription: string,
): readonly TestMessage[] {
  const { subscribedFrame, unsubscribedFrame } = TestScheduler.parseMarblesAsSubscriptions(subscription, true);
  const beginFrame = Number.isFinite(subscribedFrame) ? subscribedFrame : 0; // as RxJS has it, without a `^`
  const messages: TestMessage[] = [];
  const record = (notification: TestMessage['notification']): void => {
    messages.push({ frame: scheduler.frame, notification });
  };
  scheduler.schedule(() => {
    const subscribed = source$.subscribe({
      next: (value) => {
        record({ kind: 'N', value });
      },
      error: (error: unknown) => {
        record({ kind: 'E', error });
      },
      complete: () => {
        record({ kind: 'C' });
      },
    });
    if (unsubscribedFrame === Infinity) return;
    scheduler.schedule(() => {
      subscribed.unsubscribe();
    }, unsubscribedFrame - beginFrame);
  }, beginFrame);
  return messages;
}
