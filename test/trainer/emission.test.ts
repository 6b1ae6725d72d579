import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../src/events/index.ts';
import { VirtualClock } from '../../src/testing/index.ts';
import { Emission } from '../../src/trainer/emission.ts';

function setUp(deliver: (event: RunEvent, emission: Emission) => void = () => undefined) {
  const clock = new VirtualClock();
  const delivered: RunEvent[] = [];
  let idles = 0;
  const emission: Emission = new Emission({
    runId: 'r',
    lastSeq: 0,
    clock,
    deliver: (event) => {
      delivered.push(event);
      deliver(event, emission);
    },
    onIdle: () => {
      idles++;
    },
  });
  const names = () => delivered.map((event) => (event.type === 'custom' ? event.name : event.type));
  return { emission, clock, delivered, names, idles: () => idles };
}
const custom = (name: string) => ({ type: 'custom', name, value: 0 }) as const;

describe('Emission', () => {
  it('gives seq at the publication, and delivers what is published meanwhile after it', () => {
    const { emission, delivered, names } = setUp((event, queue) => {
      if (event.type !== 'custom' || event.name !== 'a') return;
      queue.publish(custom('a1'));
      queue.step(1, 1, 5, undefined);
      queue.publish(custom('a2'));
    });
    emission.open(custom('first'));
    emission.publish(custom('a'));
    emission.publish(custom('b'));
    expect(names()).toEqual(['first', 'a', 'a1', 'step', 'a2', 'b']);
    expect(delivered.map((event) => (event.type === 'step' ? undefined : event.seq))).toEqual([
      1,
      2,
      3,
      undefined,
      4,
      5,
    ]);
  });

  it('keeps what is published before the first event behind it', () => {
    const { emission, names, delivered } = setUp();
    emission.publish(custom('early'));
    expect(names()).toEqual([]);
    emission.open(custom('first'));
    expect(names()).toEqual(['first', 'early']);
    expect(delivered.map((event) => 'seq' in event && event.seq)).toEqual([1, 2]);
  });

  it('runs a task in its turn', () => {
    const order: string[] = [];
    const { emission } = setUp((event, queue) => {
      if (event.type !== 'custom') return;
      order.push(event.name);
      if (event.name !== 'a') return;
      queue.publish(custom('before'));
      queue.inTurn(() => order.push('task'));
      queue.publish(custom('after'));
    });
    emission.open(custom('first'));
    emission.publish(custom('a'));
    emission.inTurn(() => order.push('at once'));
    expect(order).toEqual(['first', 'a', 'before', 'task', 'after', 'at once']);
  });

  it('counts a turn for each drain, and tells when it is idle', () => {
    const turns: number[] = [];
    const { emission, idles } = setUp((event, queue) => {
      turns.push(queue.turn);
      if (event.type === 'custom' && event.name === 'a') queue.publish(custom('b'));
    });
    emission.open(custom('first'));
    emission.publish(custom('a'));
    emission.publish(custom('c'));
    expect(turns[1]).toBe(turns[2]);
    expect(new Set(turns).size).toBe(3);
    expect(idles()).toBe(3);
  });

  it('emits nothing once it is closed', () => {
    const { emission, names } = setUp();
    emission.open(custom('first'));
    emission.close();
    emission.publish(custom('late'));
    emission.step(1, 1, 1, undefined);
    expect(names()).toEqual(['first']);
  });

  it('keeps a task that comes before the first event behind it, in its turn', () => {
    const order: string[] = [];
    const { emission } = setUp((event) => {
      if (event.type === 'custom') order.push(event.name);
    });
    emission.publish(custom('a'));
    emission.inTurn(() => order.push('task'));
    emission.publish(custom('b'));
    emission.open(custom('first'));
    expect(order).toEqual(['first', 'a', 'task', 'b']);
  });
});
