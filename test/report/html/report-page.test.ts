import { describe, expect, it } from 'vitest';
import { reportPage } from '../../../src/report/html/report-page.ts';
import { MadeUpRun, memoryViolation } from '../made-up-run.ts';
import { reported } from '../reported.ts';

const hostile = '</script><script>alert(1)</script>"\'<img src=x onerror=alert(1)>';

/** A run in which everything that somebody else chose is hostile. */
function hostileRun(): MadeUpRun {
  const subject = { name: hostile, epoch: 1, step: 10 };
  const run = new MadeUpRun(hostile).start(hostile, 1, { [hostile]: hostile });
  run.tell({
    type: 'epoch:end',
    epoch: 1,
    metrics: { [hostile]: 1 },
    step: 10,
    checkpoint: { path: hostile, hash: hostile },
  });
  run.requested(hostile, subject).started(hostile, subject).sample(hostile, 300, subject);
  const violation = { ...memoryViolation(hostile, run.at), rule: hostile, unit: hostile, message: hostile };
  run.tell({ type: 'sla:violation', violation }).ended(hostile, { status: 'violated', violation }, subject);
  run.requested('two', subject).ended('two', { status: 'completed', result: { [hostile]: 1 } }, subject);
  run
    .requested('three', subject)
    .ended('three', { status: 'failed', error: { code: hostile, kind: hostile, message: hostile } }, subject);
  run.tell({ type: 'breaker:transition', name: hostile, from: hostile, to: hostile, reason: hostile });
  run.tell({ type: 'callback:error', callback: hostile, error: { message: hostile } });
  run.tell({ type: 'dropped', what: hostile, count: 1 });
  run.tell({ type: 'sla:unmeasured', rule: hostile, why: hostile });
  run.tell({ type: 'sla:unenforceable', rule: hostile, why: hostile });
  const overhead = { callbacksMs: { [hostile]: 1 }, totalMs: 1, trainingMs: 1, percent: 100 };
  return run.end(1, 'stopped', { reason: hostile, overhead });
}

describe('reportPage', () => {
  it('shows whatever a record holds as text', () => {
    const page = reportPage(reported(hostileRun()));

    expect(page).not.toContain('<script>alert');
    expect(page).not.toContain('<img');
    expect(page.match(/<script/g)).toHaveLength(3); // the data, uPlot, and ours
    expect(page).toContain('&lt;/script&gt;&lt;script&gt;alert(1)');
  });

  it('loads nothing, and lets only its own scripts run', () => {
    const page = reportPage(reported(new MadeUpRun().start('r', 1).epoch(1, { loss: 1 }).end(1)));

    expect(page).toMatch(/default-src &#39;none&#39;/);
    expect(page).not.toMatch(/<(?:link|script|img|iframe)[^>]+(?:href|src)="(?!data:)/);
    expect(page).not.toMatch(/@import|url\((?!'#)/);
  });

  it('has a title, one heading of the first rank, and captions for its tables', () => {
    const run = new MadeUpRun().start('minishogi', 1).epoch(1, { loss: 1 });
    run.requested('e').started('e').ended('e', { status: 'completed', result: 1 });

    const page = reportPage(reported(run.end(1)));

    expect(page).toContain('<title>minishogi: completed</title>');
    expect(page).toContain('<small>20 ms of the training’s thread</small>');
    expect(page.match(/<h1/g)).toHaveLength(1);
    expect(page.match(/<caption/g)).toHaveLength(page.match(/<table/g)!.length);
  });

  it('tells a run of which nothing but its beginning is known', () => {
    const page = reportPage(reported(new MadeUpRun().start('nothing yet', 5)));

    expect(page).toContain('no end in the record');
    expect(page).toContain('None was asked for.');
    expect(page).not.toContain('data-chart="0"');
  });

  it('says of the overhead of a resumed run of which part it is', () => {
    const run = new MadeUpRun().start('r', 1).epoch(1, { loss: 1 }, { checkpoint: true });
    run.tell({ type: 'run:resume', fromSeq: run.seq, fromEpoch: 1 }).end(1);

    const page = reportPage(reported(run));

    expect(page).toContain('<small>20 ms of the training’s thread since the last resumption</small>');
    expect(page).toContain('thread since the last resumption: 20 ms of 10 s, 0.2 %. What it was before is not in the');
  });

  it('says what was left out of a long run', () => {
    const run = new MadeUpRun().start('long', 3000);
    for (let epoch = 1; epoch <= 3000; epoch++) run.epoch(epoch, { loss: 1 / epoch }, { seconds: 1 });

    const page = reportPage(reported(run));

    expect(page).toMatch(/\d+ of 3000 values are drawn/);
    expect(page).toMatch(/\d+ of 3000 summaries are drawn/);
    expect(page.length).toBeLessThan(400_000);
  });

  it('draws no line for what was the same all along, and says so', () => {
    const run = new MadeUpRun().start('r', 2);
    run.epoch(1, { loss: 1, games: 400 }).epoch(2, { loss: 0.5, games: 400 });

    const page = reportPage(reported(run));

    expect(page).toMatch(/The same all along: <bdi[^>]*>games<\/bdi> 400\./);
    expect(page.match(/<span class="title"><bdi/g)).toHaveLength(1);
  });

  it('writes a configuration that JSON has no words for', () => {
    const page = reportPage(reported(new MadeUpRun().start('r', 1, { seed: 12n, rate: NaN, names: new Set(['a']) })));

    expect(page).toContain('&quot;seed&quot;: &quot;12&quot;');
    expect(page).toContain('&quot;rate&quot;: &quot;NaN&quot;');
  });
});
