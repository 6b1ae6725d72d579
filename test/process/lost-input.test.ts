import { describe, expect, it } from 'vitest';
import { processExecutor } from '../../src/executors/index.ts';
import { evaluator } from './evaluators/index.ts';
import { execute, told } from './execute.ts';
import { missing } from './needs.ts';

const roomy = { startTimeMs: 60_000, evaluationTimeMs: 60_000 };

describe.skipIf(missing('setpriv'))('an input that somebody removes while the evaluator is loaded', () => {
  it.each([{ warm: false }, { warm: true }, { env: { LEAVES_A_LINK: 'yes' } }])(
    'is the end of its evaluation, and said to be: %o',
    async (options) => {
      const { error, telemetry, alive } = await execute(processExecutor(evaluator('removes-inputs'), options), {
        name: 'held-out',
        limits: roomy,
      });

      expect(error).toMatchObject({ kind: 'rejected', code: 'INPUT_NOT_READABLE' });
      expect(error?.message).toMatch(
        /^The input of "held-out" was removed before its evaluator had read it: leave \S+ to Pitwall/,
      );
      expect(told(telemetry, 'started')).toEqual([]);
      expect(alive).toEqual([]);
    },
  );
});
