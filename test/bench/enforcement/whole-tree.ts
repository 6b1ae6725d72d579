import { processExecutor } from 'pitwall';
import { readBoard } from '../board.ts';
import { atMost, tailText, type Circumstances, type Measurement, type Row } from '../measurement.ts';
import { isAlive, processesSaying } from '../processes.ts';
import { spreadOf } from '../statistics.ts';
import { evaluator, hostileInput } from './hostile-input.ts';
import { settled, violated } from './pitwall-candidates.ts';

/** From the deadline until nothing of the evaluation is left, by its own word and by our own look. */
export const wholeTree: Measurement = {
  title: 'A deadline, until the whole tree is gone',
  how: 'An evaluator that holds so much memory and spins, with a child and another in a session of its own; the training is idle. Told is `goneAt - deadlineAt` of the violation; when it is told, we look for ourselves whether any process of it is alive.',
  measure: async (circumstances) => {
    const { quick } = circumstances;
    return {
      rows: [
        ...(await kills(circumstances, { mb: 1, holds: 'below 100 MB', count: quick ? 10 : 50, targetMs: 15 })),
        ...(await kills(circumstances, { mb: 1024, holds: '1 GB', count: quick ? 2 : 5 })),
      ],
    };
  },
};

interface Kills {
  readonly mb: number;
  readonly holds: string;
  readonly count: number;
  readonly targetMs?: number;
}

async function kills(circumstances: Circumstances, { mb, holds, count, targetMs }: Kills): Promise<Row[]> {
  const executor = processExecutor(evaluator('hostile'));
  await settled();
  const goneMs: number[] = [];
  let alive = 0;
  for (let kill = 0; kill < count; kill++) {
    const input = hostileInput('holds memory, with children', circumstances, mb);
    const evaluationTimeMs = 250 + mb * 1.2;
    const { violation } = await violated(executor, input, { evaluationTimeMs });
    alive += processesSaying(circumstances.token).length + (isAlive(readBoard(input.board).pid) ? 1 : 0);
    goneMs.push((violation.goneAt ?? NaN) - (violation.deadlineAt ?? NaN));
  }
  const what = `deadline to the whole tree gone, ${holds} resident`;
  const target = targetMs === undefined ? {} : { target: atMost(targetMs, ' ms', spreadOf(goneMs).p99, 'p99') };
  return [
    { what, who: 'pitwall, process', figure: tailText(goneMs, 'ms'), ...target },
    { what: `alive when it was told, ${holds}`, who: 'our own look', figure: `${alive} processes` },
  ];
}
