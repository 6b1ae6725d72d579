import { describe, expect, it } from 'vitest';
import { CallNotPermittedError } from '../../src/breaker/index.ts';
import { PitwallError } from '../../src/errors/index.ts';

describe('CallNotPermittedError', () => {
  it('tells the breaker and when to try again', () => {
    const error = new CallNotPermittedError('vs-random', 1234.5);

    expect(error).toBeInstanceOf(PitwallError);
    expect(error).toMatchObject({
      name: 'CallNotPermittedError',
      code: 'CALL_NOT_PERMITTED',
      breaker: 'vs-random',
      retryAfterMs: 1234.5,
      message: 'The breaker "vs-random" is open: try again in 1235 ms.',
    });
  });

  it('says so when it cannot be told when', () => {
    expect(new CallNotPermittedError('vs-random', null).message).toBe(
      'The breaker "vs-random" admits no call until it changes its state.',
    );
  });

  it('has no frames, and leaves the stacks of other errors as they were', () => {
    const before = Error.stackTraceLimit;
    Error.stackTraceLimit = 7;

    const { stack } = new CallNotPermittedError('vs-random', null);
    const after = Error.stackTraceLimit;
    Error.stackTraceLimit = before;

    expect(stack).not.toContain('\n');
    expect(after).toBe(7);
  });

  it('can be made where the limit of frames cannot be set', () => {
    const before = Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit')!;
    Object.defineProperty(Error, 'stackTraceLimit', { ...before, writable: false });
    try {
      expect(new CallNotPermittedError('vs-random', null).code).toBe('CALL_NOT_PERMITTED');
    } finally {
      Object.defineProperty(Error, 'stackTraceLimit', before);
    }
  });
});
