import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { EventOf } from '../../src/events/index.ts';
import { demoRun, expectOneWholeRun, reportOf } from '../process/demo-run.ts';
import { eventsOf } from '../process/recorded-run.ts';
import { root } from './programs.ts';

it('pitwall demo learns, stops the rogue for its item time and its memory, and its breaker opens and closes', async () => {
  const demo = demoRun([join(root, 'dist', 'cli', 'main.js')], '--json');

  const report = reportOf(await demo.ended);

  const events = await demo.journal();
  const end = expectOneWholeRun(events);
  expect(end).toMatchObject({ status: 'completed', epochs: 10 });
  expect(report).toMatchObject({ status: 'completed', epochs: 10, evaluations: end.evaluations });

  const winRates = eventsOf(events, 'evaluation:end', 'vs-random')
    .filter(({ status }) => status === 'completed')
    .sort((a, b) => a.epoch - b.epoch)
    .map(({ result }) => (result as { winRate: number }).winRate);
  expect(winRates.at(-1)).toBeGreaterThan(0.75);
  expect(winRates.at(-1)).toBeGreaterThanOrEqual(winRates[0]! + 0.1);

  const isOfRogue = ({ violation }: EventOf<'sla:violation'>): boolean => violation.evaluationId.startsWith('rogue');
  const violations = eventsOf(events, 'sla:violation');
  expect(violations.filter(isOfRogue)).toEqual(violations);
  expect(new Set(violations.map(({ violation }) => violation.rule))).toEqual(new Set(['itemTimeMs', 'memoryMb']));
  expect(eventsOf(events, 'evaluation:skipped', 'rogue').map(({ reason }) => reason)).toContain('breaker-open');
  const states = eventsOf(events, 'breaker:transition').map(({ to }) => to);
  expect(states).toEqual(expect.arrayContaining(['open', 'half-open', 'closed']));
  expect(states.at(-1)).toBe('closed');
});
