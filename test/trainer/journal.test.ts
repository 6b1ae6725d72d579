import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filter, firstValueFrom } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { defineCallback } from '../../src/callbacks/index.ts';
import { systemClock } from '../../src/clock/index.ts';
import { readJournal } from '../../src/journal/index.ts';
import { part, testRun } from './test-run.ts';

let journal: string;
beforeEach(() => {
  journal = mkdtempSync(join(tmpdir(), 'pitwall-trainer-'));
});
afterEach(() => {
  rmSync(journal, { recursive: true });
});

describe('a run with a journal', () => {
  it('has every event but step on disk once fit has resolved, in order', async () => {
    const { trainer, events } = testRun({ journal, runId: 'r', epochs: 2, clock: systemClock });
    let folder: string | undefined;
    trainer.register(part('p', (_, desk) => void (folder = desk.folder)));
    await trainer.fit(async (epoch) => {
      await epoch.step(1);
      return { loss: epoch.epoch };
    });
    expect(trainer.runFolder).toBe(join(journal, 'r'));
    expect(folder).toBe(join(journal, 'r'));
    expect(await readJournal(join(journal, 'r'))).toEqual(events.filter((event) => event.type !== 'step'));
    expect(events[0]).toMatchObject({ config: { journal } });
  });

  it('tells how far it is on disk, to the last event, and then completes', async () => {
    const { trainer, of } = testRun({ journal, clock: systemClock });
    const durable: unknown[] = [];
    trainer.register(
      defineCallback('d', (run) => {
        run.durable$.subscribe({ next: (seq) => durable.push(seq), complete: () => durable.push('complete') });
      }),
    );
    await trainer.fit(() => undefined);
    expect(durable.slice(-2)).toEqual([of('run:end')[0]!.seq, 'complete']);
  });

  it('tells hooks that wait for the disk at run:end', async () => {
    const { trainer } = testRun({ journal, clock: systemClock });
    let promoted = 0;
    trainer.register({
      name: 'promote',
      onRunEnd: ({ seq }, { run }) =>
        new Promise<void>((resolve) => {
          run.durable$.subscribe((durable) => {
            if (durable < seq) return;
            promoted = durable;
            resolve();
          });
        }),
    });
    await trainer.fit(() => undefined);
    expect(promoted).toBeGreaterThan(0);
  });

  it('refuses an id that has a journal already, and can then be begun with another', async () => {
    await testRun({ journal, runId: 'r', clock: systemClock }).trainer.fit(() => undefined);
    await expect(
      testRun({ journal, runId: 'r', clock: systemClock }).trainer.fit(() => undefined),
    ).rejects.toMatchObject({
      code: 'JOURNAL_EXISTS',
    });
  });

  it('goes on without it where the disk fails, and tells that once', async () => {
    const { trainer, of } = testRun({ journal: '/proc/none', clock: systemClock, epochs: 3 });
    const told = firstValueFrom(trainer.events$.pipe(filter((event) => event.type === 'callback:error')));
    const outcome = await trainer.fit(async () => {
      await told;
    });
    expect(outcome.status).toBe('completed');
    expect(of('callback:error')).toHaveLength(1);
    expect(of('callback:error')[0]).toMatchObject({ callback: 'journal' });
  });

  it('lies where runFolder says, also when the process has moved elsewhere', async () => {
    const elsewhere = vi.spyOn(process, 'cwd').mockReturnValue(journal);
    const { trainer, events } = testRun({ journal: 'runs', runId: 'r', clock: systemClock });
    elsewhere.mockRestore();
    await trainer.fit(() => undefined);
    expect(trainer.runFolder).toBe(join(journal, 'runs', 'r'));
    expect(await readJournal(join(journal, 'runs', 'r'))).toEqual(events);
  });

  it('tells how many events were lost at its close', async () => {
    const { trainer, of, types } = testRun({ journal: '/proc/none', clock: systemClock });
    await trainer.fit(() => undefined);
    const journalled = types().indexOf('run:end') + 1;
    expect(of('dropped')).toMatchObject([{ what: 'journal' }]);
    expect(of('dropped')[0]!.count).toBeGreaterThanOrEqual(journalled);
  });
});
