import { afterAll, describe, expect, it } from 'vitest';
import { ObedientHost } from './hosts/obedient-host.ts';
import { isStopped } from './hosts/situations.ts';
import { missing } from './needs.ts';

afterAll(ObedientHost.killAll);

/** Warm evaluators of one kind: those of different kinds share no process. */
const kind = (name: string, more: object = {}): object => ({ warm: true, env: { KIND: name, ...more } });
const neverHeld = { PITWALL_TEST_HOLD: '/nowhere' };

describe.skipIf(missing('setpriv', 'timeout'))('an evaluator that serves nobody', () => {
  it('makes room for one that is wanted, and only as many as must', async () => {
    const host = await ObedientHost.start();
    host.tell({ do: 'bound', maxProcesses: 3 });
    for (const each of ['a', 'b', 'c', 'd']) {
      host.run(each, { options: kind(each) });
      expect(await host.ended(each)).toMatchObject({ result: { weights: 0 } });
    }

    for (const each of ['b', 'c', 'd']) {
      host.run(`${each} again`, { options: kind(each) });
      expect(await host.ended(`${each} again`)).toMatchObject({ result: { weights: 0 } });
    }

    expect(host.evaluators()).toHaveLength(4);
    await host.ends();
  });

  it('is loaded anew in place of one that has served enough', async () => {
    const host = await ObedientHost.start();

    host.run('first', { options: { warm: true, recycleAfter: 1 } });
    expect(await host.ended('first')).toMatchObject({ result: { weights: 0 } });

    await isStopped(await host.phase('loaded', 2));
    await host.ends();
  });

  it('is given to the next evaluation while it still loads, and nobody else waits for it', async () => {
    const host = await ObedientHost.start();
    host.tell({ do: 'bound', maxProcesses: 2 });
    const limits = { evaluationTimeMs: 2000 };
    host.run('before', { options: kind('held'), input: { does: 'spin' }, limits });
    await host.phase('working');
    host.holdsLoading();
    expect(await host.ended('before')).toMatchObject({ kind: 'violation' });
    const spare = await host.phase('loading', 2);

    host.run('next', { options: kind('held'), limits });
    host.run('other', { options: kind('other', neverHeld) });
    expect(await host.ended('other')).toMatchObject({ result: { weights: 0 } });
    host.loads();

    expect(await host.started('next')).toBe(spare);
    expect(await host.ended('next')).toMatchObject({ result: { weights: 0 } });
    await host.ends();
  });

  it('and that hangs as it loads costs the next evaluation its time to start, and nobody else', async () => {
    const host = await ObedientHost.start();
    const limits = { evaluationTimeMs: 2000, startTimeMs: 3000 };
    host.run('before', { options: kind('held'), input: { does: 'spin' }, limits });
    await host.phase('working');
    host.holdsLoading();
    expect(await host.ended('before')).toMatchObject({ kind: 'violation' });
    await host.phase('loading', 2);

    host.run('next', { options: kind('held'), limits });
    expect(await host.ended('next')).toMatchObject({ violation: { rule: 'startTimeMs' }, alive: [] });
    host.loads();

    host.run('after', { options: kind('held'), limits: { evaluationTimeMs: 60_000 } });
    expect(await host.ended('after')).toMatchObject({ result: { weights: 0 } });
    await host.ends();
  });
});
