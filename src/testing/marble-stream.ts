import type { Observable } from 'rxjs';
import type { RunHelpers } from 'rxjs/testing';
import { ConfigurationError, told } from '../errors/index.ts';

/** When a stream of a marble test was subscribed to and left, in frames of 1 ms. */
export type SubscriptionLogs = Parameters<RunHelpers['expectSubscriptions']>[0];

/** A hot stream of a marble test, which knows who subscribed to it when: give it to `expectSubscriptions`. */
export interface MarbleStream<T> extends Observable<T> {
  readonly subscriptions: SubscriptionLogs;
}

/** Reads one marble: its character, the frame at which it comes, and how many came before it. */
export type ReadMarble<T> = (marble: string, frame: number, index: number) => T;

/** A hot stream whose marbles are read one by one, so that equal characters may stand for different values. */
export function marbleStream<T>(hot: RunHelpers['hot'], marbles: string, read: ReadMarble<T>): MarbleStream<T> {
  const stream$ = hot(marbles);
  let index = 0;
  const messages = stream$.messages.map((message) => {
    const { frame, notification } = message;
    if (notification.kind !== 'N') return message;
    return { frame, notification: { ...notification, value: read(notification.value as string, frame, index++) } };
  });
  return Object.assign(stream$ as unknown as MarbleStream<T>, { messages });
}

/**
 * What a marble stands for: its value in the test, or without one what `usual` makes of it.
 *
 * @param expected completes "give it one": what a value may be
 * @throws {ConfigurationError} for a marble that stands for nothing.
 */
export function valueOf<V>(
  marble: string,
  values: Readonly<Record<string, V>>,
  usual: (marble: string) => V | undefined,
  expected: string,
): V {
  const value = Object.hasOwn(values, marble) ? values[marble] : usual(marble);
  if (value !== undefined) return value;
  const key = /^[a-z]$/i.test(marble) ? marble : told(marble);
  throw new ConfigurationError(`The marble ${told(marble)} has no value: give it one, { ${key}: ${expected} }.`);
}

/** A digit is its number, and nothing else is one. */
export function digit(marble: string): number | undefined {
  return /^\d$/.test(marble) ? Number(marble) : undefined;
}
