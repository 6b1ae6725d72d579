import { describe, expect, it } from 'vitest';
import { triggerPointOf } from '../../src/operators/index.ts';
import { epochEnd, step } from './run-events.ts';

describe('triggerPointOf', () => {
  it.each([
    ['nothing', undefined, {}],
    ['null', null, {}],
    ['a number', 3, {}],
    ['a point', { epoch: 3, step: 40, metrics: { loss: 1 } }, { epoch: 3, step: 40, metrics: { loss: 1 } }],
    ['a step', step(7, 2, { loss: 1 }), { epoch: 2, step: 7, metrics: { loss: 1 } }],
    [
      'an epoch end',
      epochEnd(3, { checkpoint: { path: 'p', hash: 'h' } }),
      { epoch: 3, metrics: {}, checkpoint: { path: 'p', hash: 'h' } },
    ],
    [
      'a checkpoint in the middle of an epoch',
      { type: 'checkpoint', epoch: 3, step: 40, path: 'p', hash: 'h' },
      { epoch: 3, step: 40, checkpoint: { path: 'p', hash: 'h' } },
    ],
    ['fields that are something else', { epoch: '3', step: -1, metrics: [1], checkpoint: 'p' }, {}],
    ['a truly zero epoch', { epoch: 0, step: 0 }, { epoch: 0, step: 0 }],
  ])('reads %s', (_case, emitted, point) => {
    expect(triggerPointOf(emitted)).toEqual(point);
  });
});
