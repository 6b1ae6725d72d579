import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { siblingEntry } from '../../src/executors/sibling-url.ts';
import { demoRun, expectOneWholeRun, reportOf } from './demo-run.ts';
import { eventsOf } from './recorded-run.ts';

const fromSource = [fileURLToPath(siblingEntry('../../src/cli/main', import.meta.url))];

describe('pitwall demo', () => {
  it('learns the same from the same seed, and something else from another', async () => {
    const lossesOf = async (seed: number): Promise<unknown> => {
      const report = reportOf(
        await demoRun(fromSource, '--epochs', '1', '--no-rogue', '--json', '--seed', String(seed)).ended,
      );
      expect(report).toMatchObject({ status: 'completed', seed, epochs: 1, violations: [] });
      return report.losses;
    };

    const first = await lossesOf(7);

    expect(first).toMatchObject([{ epoch: 1, loss: expect.any(Number) as number }]);
    expect(await lossesOf(7)).toEqual(first);
    expect(await lossesOf(8)).not.toEqual(first);
  });

  it('ends cleanly at one Ctrl-C, with a whole journal and nothing left alive', async () => {
    const demo = demoRun(fromSource, '--epochs', '50');
    // By then the rogue of the first epoch is at work beside the second.
    await demo.printed(/vs-random +epoch 1/);
    expect(demo.alive().length).toBeGreaterThan(1);

    process.kill(-demo.child.pid!, 'SIGINT');

    const { code, stdout, stderr } = await demo.ended;
    expect({ code, stderr }).toEqual({ code: 130, stderr: '' });
    expect(stdout).toMatch(/stopped \(interrupted\)/);
    const events = await demo.journal();
    expect(expectOneWholeRun(events)).toMatchObject({ status: 'stopped', reason: 'interrupted' });
    expect(eventsOf(events, 'epoch:end').at(-1)).toMatchObject({ interrupted: true });
    // Its supervisor ends when it hears that the demo has.
    await vi.waitFor(() => {
      expect(demo.alive()).toEqual([]);
    }, 20_000);
  });
});
