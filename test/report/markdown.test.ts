import { describe, expect, it } from 'vitest';
import { reportMarkdown } from '../../src/report/markdown.ts';
import { MadeUpRun, memoryViolation } from './made-up-run.ts';
import { reported } from './reported.ts';

describe('reportMarkdown', () => {
  it('tells how the run ended, its evaluations, its last figures and what broke', () => {
    const run = new MadeUpRun('run-1').start('minishogi', 2).epoch(1, { loss: 1 }).epoch(2, { loss: 0.5 });
    run
      .requested('one')
      .started('one')
      .ended('one', { status: 'completed', result: { winRate: 0.75 } });
    run.requested('two', { epoch: 2 }).started('two', { epoch: 2 });
    const violation = memoryViolation('two', run.at);
    run.tell({ type: 'sla:violation', violation }).ended('two', { status: 'violated', violation }, { epoch: 2 });
    run.tell({ type: 'breaker:transition', name: 'vs-random', from: 'closed', to: 'open', reason: '1 of 2 failed' });

    const text = reportMarkdown(reported(run.end(2)));

    expect(text).toContain('## ✓ `minishogi` completed');
    expect(text).toContain('| Epochs | 2 of 2 |');
    expect(text).toContain('| Evaluations | 2: 1 completed, 1 violated |');
    expect(text).toContain('| Pitwall’s own time | 0.2% of the training’s thread |');
    expect(text).toContain('| `vs-random` | 2 | 1 | 1 | 0 | 0 | 0 | 0 | 3 s | 210.5 MB |');
    expect(text).toContain('| `loss` | 0.5 | 2 |');
    expect(text).toContain('| `vs-random` `winRate` | 0.75 | 1 |');
    expect(text).toContain(
      '- `vs-random` of epoch 2: `memoryMb: 512 MB resident, the limit is 500 MB, in item "game 3".`',
    );
    expect(text).toContain('- `vs-random`: `closed` → `open` after 20 s: `1 of 2 failed`');
  });

  // The last process may have done nothing but the drain.
  it('says of the overhead of a resumed run of which part it is', () => {
    const run = new MadeUpRun().start('r', 1).epoch(1, { loss: 1 }, { checkpoint: true });
    run.tell({ type: 'run:resume', fromSeq: run.seq, fromEpoch: 1 }).end(1);

    expect(reportMarkdown(reported(run))).toContain(
      '| Pitwall’s own time | 0.2% of the training’s thread since the last resumption |',
    );
  });

  it('keeps what others wrote in code: no HTML, no mention, no cell or row of its own', () => {
    const hostile = '@team <img src=x> `` | a\nb';

    const text = reportMarkdown(reported(new MadeUpRun().start(hostile, 1).epoch(1, { [hostile]: 1 })));

    expect(text).toContain('``` @team <img src=x> `` \\| a b ```'.replace('``` ', '```').replace(' ```', '```'));
    expect(text.split('\n').filter((line) => line.startsWith('b'))).toEqual([]);
  });

  it('is short, however long the run was', () => {
    const run = new MadeUpRun().start('long', 1);
    for (let number = 1; number <= 500; number++) {
      const subject = { name: `e${number}` };
      run.requested(`e${number}`, subject).ended(`e${number}`, { status: 'completed', result: number }, subject);
    }

    const text = reportMarkdown(reported(run));

    expect(text.split('\n').length).toBeLessThan(100);
    expect(text).toContain('and 480 more');
  });
});
