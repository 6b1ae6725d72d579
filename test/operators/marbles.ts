import { TestScheduler, type RunHelpers } from 'rxjs/testing';
import { expect } from 'vitest';

/** A test body in virtual time: `it('…', marbles(({ cold, expectObservable, scheduler }) => { … }))`. */
export function marbles(body: (helpers: RunHelpers & { readonly scheduler: TestScheduler }) => void): () => void {
  return () => {
    const scheduler = new TestScheduler((actual, expected) => {
      expect(actual).toEqual(expected);
    });
    scheduler.run((helpers) => {
      body({ ...helpers, scheduler });
    });
  };
}

/** The `error` of a subscriber in a test that expects none: RxJS reports what it throws, and the run fails. */
export function unexpected(error: unknown): never {
  throw error;
}
