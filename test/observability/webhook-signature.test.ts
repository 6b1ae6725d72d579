import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { verifyWebhook } from '../../src/index.ts';

const secret = 'whsec_test';
const body = '{"event":"run-end","text":"zu Ende: 終"}';
const seconds = 1_700_000_000;
const now = seconds * 1000;
// printf '%s' '1700000000.{"event":"run-end","text":"zu Ende: 終"}' | openssl dgst -sha256 -hmac whsec_test
const digest = '85d10598bcfb182b6c255273bed6b61f4765082cd5bb1041bcd16f17ea815e28';
const signature = `t=${seconds},v1=${digest}`;

const verified = (options: object) => verifyWebhook({ body, signature, secret, now, ...options });

describe('verifyWebhook', () => {
  it('knows a message by a signature that was made elsewhere', () => {
    expect(verified({})).toBe(true);
    expect(verified({ body: Buffer.from(body) })).toBe(true);
    expect(verified({ signature: signature.toUpperCase().replace('T=', 't=').replace('V1=', 'v1=') })).toBe(true);
  });

  it('takes one of several signatures, as while a secret is changed', () => {
    expect(verified({ signature: `t=${seconds},v1=${'0'.repeat(64)},v1=${digest},v0=x` })).toBe(true);
  });

  it.each<[string, object]>([
    ['another body', { body: `${body} ` }],
    ['another secret', { secret: 'whsec_other' }],
    ['another time in it', { signature: `t=${seconds + 1},v1=${digest}` }],
    ['no time', { signature: `v1=${digest}` }],
    ['no signature in it', { signature: `t=${seconds}` }],
    ['half of one', { signature: `t=${seconds},v1=${digest.slice(0, 32)}` }],
    ['more than one is long', { signature: `t=${seconds},v1=${digest}00` }],
    ['another scheme', { signature: `t=${seconds},v0=${digest}` }],
    ['no header', { signature: undefined }],
    ['an empty one', { signature: '' }],
    ['a list of them', { signature: [signature] }],
    ['an endless one', { signature: `${signature}${',v1=0'.repeat(10_000)}` }],
    ['a time that is none', { signature: `t=NaN,v1=${digest}` }],
  ])('refuses %s', (_, options) => {
    expect(verified(options)).toBe(false);
  });

  it.each([
    [300_000, true],
    [300_001, false],
    [-300_000, true],
    [-300_001, false],
  ])('with the usual tolerance takes a message of %i ms ago: %s', (ageMs, isTaken) => {
    expect(verified({ now: now + ageMs })).toBe(isTaken);
  });

  it('takes the tolerance that it is given, and the time of now', () => {
    expect(verified({ toleranceMs: 0 })).toBe(true);
    expect(verified({ toleranceMs: 0, now: now + 1 })).toBe(false);
    expect(verified({ toleranceMs: 365 * 86_400_000 * 100, now: undefined })).toBe(true);
    expect(verified({ now: undefined })).toBe(false);
    const t = Math.floor(Date.now() / 1000);
    const fresh = createHmac('sha256', secret).update(`${t}.${body}`).digest('hex');
    expect(verified({ signature: `t=${t},v1=${fresh}`, now: undefined })).toBe(true);
  });

  it.each<[string, object, string]>([
    ['no secret', { secret: undefined }, '"secret" must be a string that is not empty'],
    ['an empty one', { secret: '' }, 'but an empty one came'],
    [
      'a body that was parsed',
      { body: JSON.parse(body) as object },
      '"body" must be the raw body, a string or bytes, but an object came',
    ],
    ['a tolerance below 0', { toleranceMs: -1 }, '"toleranceMs" must be milliseconds from 0 on, but -1 came'],
  ])('says in a sentence that it needs more than %s', (_, options, sentence) => {
    expect(() => verified(options)).toThrow(sentence);
  });
});
