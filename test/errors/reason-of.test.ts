import { describe, expect, it } from 'vitest';
import { reasonOf } from '../../src/errors/index.ts';

const revoked = Proxy.revocable({}, {});
revoked.revoke();

describe('reasonOf', () => {
  it.each([
    ['an Error', new Error('no space'), 'no space'],
    ['a string', 'no space', '"no space"'],
    ['null', null, 'null'],
    ['an object without a prototype', Object.create(null), 'an object'],
    ['what cannot be asked', revoked.proxy, 'something that cannot be told'],
  ])('tells %s', (_case, thrown, reason) => {
    expect(reasonOf(thrown)).toBe(reason);
  });
});
