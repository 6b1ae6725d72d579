import { describe, expect, it } from 'vitest';
import { reasonOf, stackOf, thrownWords } from '../../src/errors/index.ts';

const revoked = (): unknown => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};
const strange = (fields: object): unknown =>
  Object.defineProperties(new Error('no'), Object.getOwnPropertyDescriptors(fields));

describe('what was thrown', () => {
  it.each<[string, unknown, string, string]>([
    ['an Error', new TypeError('no'), 'TypeError: no', 'no'],
    ['a text', 'no', '"no" was thrown', '"no"'],
    ['an Error whose name is a symbol', strange({ name: Symbol('x') }), 'Symbol(x): no', 'no'],
    ['an Error whose message is an array', strange({ message: [1, 2] }), 'Error: 1,2', '1,2'],
    [
      'an Error that throws when it is read',
      strange({
        get message() {
          throw new Error('again');
        },
      }),
      'something that cannot be told was thrown',
      'something that cannot be told',
    ],
    ['a revoked proxy', revoked(), 'something that cannot be told was thrown', 'something that cannot be told'],
  ])('is told, and never thrown again: %s', (_, error, words, reason) => {
    expect(thrownWords(error)).toBe(words);
    expect(reasonOf(error)).toBe(reason);
  });

  it.each<[string, unknown]>([
    ['frames', strange({ stack: [] })],
    ['a number', strange({ stack: 3 })],
    ['no Error', { stack: 'Error' }],
    ['a revoked proxy', revoked()],
  ])('has no stack where that is %s', (_, error) => {
    expect(stackOf(error, 10)).toBeUndefined();
  });

  it('has a stack of bounded length', () => {
    expect(stackOf(new Error('no'), 9)).toBe('Error: no');
  });
});
