import { afterEach, describe, expect, it, vi } from 'vitest';
import { SupervisorLink, type Heard } from '../../src/executors/supervisor-link.ts';
import { EvaluationError } from '../../src/sla/index.ts';
import type { StartOrder } from '../../src/wire/index.ts';
import { FakeSupervisor } from './fake-supervisor.ts';

/** A link whose spawns come to be as they are listed: a supervisor, or an error. */
function linked(...spawns: readonly (FakeSupervisor | Error)[]) {
  const left = [...spawns];
  const link = new SupervisorLink(() => {
    const next = left.shift();
    if (next === undefined) throw new Error('one spawn too many');
    if (next instanceof Error) throw next;
    return next.child;
  });
  const heard: Heard[] = [];
  const start = (id: string): void => {
    link.start({ id } as StartOrder, (each) => heard.push(each));
  };
  return { link, heard, start, left };
}

const noProcess = () => new Error('spawn EAGAIN');

describe('a supervisor that cannot be spawned', () => {
  it('is no error of its preparation, fails the evaluation that needs it, and is tried again by the next', () => {
    const supervisor = new FakeSupervisor();
    const { link, start } = linked(noProcess(), noProcess(), supervisor);

    link.prepare();
    const started = (): void => {
      start('first');
    };
    expect(started).toThrow(EvaluationError);
    start('second');

    expect(supervisor.orders).toEqual([{ id: 'second' }]);
  });

  it('is told in one sentence', () => {
    const { start } = linked(noProcess());

    expect(() => {
      start('first');
    }).toThrow(
      expect.objectContaining({
        kind: 'rejected',
        code: 'EVALUATION_NOT_STARTED',
        message: expect.stringMatching(/could not be started, .* spawn EAGAIN\. Let fewer processes run/) as string,
      }) as Error,
    );
  });

  it('in place of a lost one throws nothing: its evaluations are told, and the next one spawns again', () => {
    const [first, third] = [new FakeSupervisor(), new FakeSupervisor()];
    const { heard, start } = linked(first, noProcess(), third);
    start('orphan');

    expect(() => {
      first.dies();
    }).not.toThrow();
    expect(heard).toEqual([{ type: 'lost', how: 'SIGKILL, and no other could be started: spawn EAGAIN' }]);
    start('next');
    expect(third.orders).toEqual([{ id: 'next' }]);
  });
});

describe('a supervisor that is lost', () => {
  it('is replaced, and its evaluations are told when the new one has ended what it left', () => {
    const [first, second] = [new FakeSupervisor(), new FakeSupervisor()];
    const { heard, start } = linked(first, second);
    start('orphan');

    first.dies();
    expect(heard).toEqual([]);
    second.tell({ type: 'hello' });

    expect(heard).toEqual([{ type: 'lost', how: 'SIGKILL' }]);
  });

  it('and whose successor is lost too, has its evaluations told at once, each once', () => {
    const [first, second, third] = [new FakeSupervisor(), new FakeSupervisor(), new FakeSupervisor()];
    const { heard, start, left } = linked(first, second, third);
    start('orphan');

    first.dies();
    second.dies();
    expect(heard).toEqual([{ type: 'lost', how: 'SIGKILL' }]);
    second.tell({ type: 'hello' });

    expect(heard).toHaveLength(1);
    start('next');
    expect({ orders: third.orders, left }).toEqual({ orders: [{ id: 'next' }], left: [] });
  });

  it('has ended its warm evaluators with it: what is discarded is gone', () => {
    const first = new FakeSupervisor();
    const { link } = linked(first);
    link.prepare();
    first.dies();
    let gone = 0;

    link.discard('warm', () => gone++);

    expect(gone).toBe(1);
  });

  it('while it discards tells that the process is gone', () => {
    const [first, second] = [new FakeSupervisor(), new FakeSupervisor()];
    const { link } = linked(first, second);
    link.prepare();
    first.connected = false;
    let gone = 0;

    link.discard('warm', () => gone++);
    expect(gone).toBe(0);
    first.dies();
    second.tell({ type: 'hello' });

    expect(gone).toBe(1);
  });
});

describe('a supervisor that does not answer', () => {
  afterEach(() => vi.useRealTimers());

  it.each([
    ['for 2.8 s is killed', true, 2799, 2800 + 401],
    ['as it starts is given 30 s: on a busy machine that takes its time', false, 29_999, 30_000 + 401],
  ])('%s', (_, saysHello, keptMs, killedMs) => {
    vi.useFakeTimers();
    const supervisor = new FakeSupervisor();
    const { start } = linked(supervisor);
    start('first');
    if (saysHello) supervisor.tell({ type: 'hello' });

    vi.advanceTimersByTime(keptMs);
    expect(supervisor.kills).toBe(0);
    vi.advanceTimersByTime(killedMs - keptMs);

    expect(supervisor.kills).toBe(1);
  });
});
