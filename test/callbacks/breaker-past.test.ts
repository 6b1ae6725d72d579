import { expect, it } from 'vitest';
import { breakerPastOf } from '../../src/callbacks/breaker-past.ts';
import { runEvent } from '../../src/testing/index.ts';

it('an evaluation that was lost has told its breaker nothing, whatever that counts', () => {
  const of = { evaluationId: 'vs-2-1', name: 'vs', epoch: 2, step: 6 } as const;
  const error = { kind: 'cancelled', message: 'The process of the run was gone.' };
  const end = (code: string) =>
    runEvent({ type: 'evaluation:end', ...of, seq: 3, status: 'cancelled', error: { ...error, code } });
  const start = runEvent({ type: 'evaluation:start', ...of, seq: 2 });

  expect(breakerPastOf([start, end('HOST_LOST')], 'vs', new Set(['vs'])).calls).toEqual([]);
  expect(breakerPastOf([start, end('CANCELLED')], 'vs', new Set(['vs'])).calls).toHaveLength(1);
});

it('nor has one that came to nothing because the run was stopped', () => {
  const of = { evaluationId: 'vs-2-1', name: 'vs', epoch: 2, step: 6, stopped: true } as const;
  const error = { kind: 'cancelled', code: 'CANCELLED', message: 'The evaluation was cancelled: Ctrl-C' };
  const start = runEvent({ type: 'evaluation:start', ...of, seq: 2 });
  const end = runEvent({ type: 'evaluation:end', ...of, seq: 3, status: 'cancelled', error });

  expect(breakerPastOf([start, end], 'vs', new Set(['vs'])).calls).toEqual([]);
});
