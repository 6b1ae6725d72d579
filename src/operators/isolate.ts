import { catchError, EMPTY, type MonoTypeOperatorFunction } from 'rxjs';
import { functionGiven } from './function-given.ts';

/**
 * Turns an error into completion, after telling it: one failure inside then ends nothing outside.
 *
 *     source$    --a--#
 *     isolate()  --a--|     (and `onError` was called)
 *
 * Belongs _inside_ a flattening operator; around the whole stream it would end it. Never errors: what `onError` throws is
 * dropped, since it is the last who could have told.
 *
 * @throws {ConfigurationError} when `onError` is no function.
 *
 * @example
 * trigger$.pipe(mergeMap((point) => evaluate(point).pipe(isolate((error) => log.warn(error)))));
 */
export function isolate<T>(onError: (error: unknown) => void): MonoTypeOperatorFunction<T> {
  functionGiven(onError, 'isolate(onError) takes a function of the error', 'isolate((error) => log.warn(error))');
  return catchError((error: unknown) => {
    try {
      onError(error);
    } catch {
      // Nobody is left to tell.
    }
    return EMPTY;
  });
}
