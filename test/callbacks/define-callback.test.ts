import { of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { defineCallback, hooks, stop } from '../../src/callbacks/index.ts';

describe('defineCallback', () => {
  it.each([
    [undefined, 'undefined came'],
    ['', '"" came'],
    ['   ', '"   " came'],
    [7, '7 came'],
  ])('says in one sentence that %j is no name', (name, came) => {
    expect(() => defineCallback(name as string, () => undefined)).toThrow(
      new RegExp(`A callback must have a name, a string that is not empty, but ${came}`),
    );
  });

  it('says in one sentence that a function is missing', () => {
    expect(() => defineCallback('plateau', {} as never)).toThrow(
      'defineCallback("plateau", …) must get a function of the run as its second argument, but an object came.',
    );
  });

  // The callback was not critical, and its error did not fail the run.
  it.each([
    [
      { critcal: true },
      'The options of the callback "plateau" have an unknown key "critcal": did you mean "critical"?',
    ],
    [{ critical: 'yes' }, 'The options of the callback "plateau": "critical" must be true or false, but "yes" came'],
    [true, 'The options of the callback "plateau" must be an object, but true came'],
  ])('refuses the options %j, as hooks does', (options, sentence) => {
    expect(() => defineCallback('plateau', () => undefined, options as never)).toThrow(sentence);
    expect(() => hooks('plateau', { onRunEnd: () => undefined }, options as never)).toThrow(sentence);
  });

  it('calls the function with the run, and gives back what it gives', () => {
    const directives$ = of(stop('enough'));
    const runs: unknown[] = [];
    const callback = defineCallback('plateau', (run) => {
      runs.push(run);
      return directives$;
    });

    const run = { runId: 'r' } as never;
    expect(callback.connect(run, {} as never)).toBe(directives$);
    expect(runs).toEqual([run]);
    expect(callback.critical).toBeUndefined();
    expect(defineCallback('x', () => undefined, { critical: true }).critical).toBe(true);
  });
});
