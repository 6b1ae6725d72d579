import { endWith, ignoreElements, take, takeUntil, VirtualTimeScheduler } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { schedulerOf } from '../../src/clock/index.ts';
import { ConfigurationError } from '../../src/errors/index.ts';
import { guardedFromRecord } from '../../src/replay/index.ts';
import { maxItemTime, maxMemory, maxTime } from '../../src/sla/index.ts';
import { VirtualClock } from '../../src/testing/index.ts';
import { heardIn, recordOf } from './records.ts';

const quiet = [
  { atMs: 0, item: 'a' },
  { atMs: 200, sample: 300 },
  { atMs: 400, sample: 500, progress: { done: 1, total: 2 } },
  { atMs: 500, item: 1 },
  { atMs: 900, result: 1 },
];

describe('guardedFromRecord', () => {
  it('tells an evaluation again as its safeguards saw it, from its start to its answer', async () => {
    const events = await recordOf({ script: quiet, executor: { startMs: 50, goneMs: 30 } });
    const scheduler = new VirtualTimeScheduler();
    const guarded = guardedFromRecord(events, 'vs-1-1', scheduler);

    const [started, samples, progress, items, impact, run] = heardIn<unknown>(scheduler, [
      guarded.started$,
      guarded.samples$,
      guarded.progress$,
      guarded.items$,
      guarded.impact$,
      guarded.run$,
    ]);

    expect(guarded).toMatchObject({ id: 'vs-1-1', name: 'vs' });
    expect(started).toEqual({ told: [[0, undefined]], completedMs: 0 });
    expect(samples).toMatchObject({
      told: [
        [200, { memoryMb: 300, cpuPercent: null }],
        [400, { memoryMb: 500 }],
      ],
      completedMs: 900,
    });
    expect(progress).toEqual({ told: [[400, { done: 1, total: 2 }]], completedMs: 900 });
    // When an item began is no part of a record, only how many there were.
    expect(items).toEqual({ told: [[900, { done: 1, running: null }]], completedMs: 900 });
    expect(impact).toEqual({ told: [[0, null]], completedMs: 900 });
    expect(run?.told.map(([ms, event]) => [ms, (event as { type: string }).type])).toEqual([
      [0, 'evaluation:start'],
      [200, 'evaluation:sample'],
      [400, 'evaluation:sample'],
      [400, 'evaluation:progress'],
      [900, 'sla:unmeasured'],
    ]);
  });

  it('ends with the answer, not when its last process was gone, and tells by then what was told at the end', async () => {
    const events = (await recordOf({ script: quiet })).map((event) => {
      const isLast = event.type === 'evaluation:sample' && event.memoryMb === 500;
      return event.type === 'evaluation:end' || isLast ? { ...event, at: event.at + 700 } : event;
    });
    const scheduler = new VirtualTimeScheduler();

    const [samples] = heardIn(scheduler, [guardedFromRecord(events, 'vs-1-1', scheduler).samples$]);

    expect(samples).toMatchObject({
      told: [
        [200, { memoryMb: 300 }],
        [900, { memoryMb: 500 }],
      ],
      completedMs: 900,
    });
  });

  it('lets the safeguards that ended it end it again, at their own moment', async () => {
    const script = [
      { atMs: 0, item: 'a' },
      { atMs: 100, item: 'slow' },
      { atMs: 300, sample: 900 },
    ];
    const kept = { epochs: 1, script } as const;
    const byItem = await recordOf({ ...kept, evaluation: { sla: { itemTimeMs: 250 } } });
    const byMemory = await recordOf({ ...kept, evaluation: { sla: { memoryMb: 800 } } });
    const byTime = await recordOf({ ...kept, evaluation: { sla: { evaluationTimeMs: 120 } } });
    const told = [
      [byItem, maxItemTime(250)],
      [byItem, maxItemTime(180)],
      [byItem, maxItemTime(251)],
      [byMemory, maxMemory(800)],
      [byMemory, maxMemory(900)],
      [byTime, maxTime(120)],
      [byTime, maxTime(121)],
    ] as const;

    const moments = told.map(([events, safeguard]) => {
      const scheduler = new VirtualTimeScheduler();
      const guarded = guardedFromRecord(events, 'vs-1-1', scheduler);
      // As a guard does: what its evaluation has ended is over.
      const ended$ = guarded.impact$.pipe(ignoreElements(), endWith(true));
      const [heard] = heardIn(scheduler, [safeguard(guarded).pipe(takeUntil(ended$))]);
      return heard?.told.map(([ms]) => ms);
    });

    expect(moments).toEqual([[350], [280], [], [300], [], [120], []]);
  });

  it('names the item that broke a limit, and knows it for as long as it is known to have run', async () => {
    const script = [
      { atMs: 0, item: 'long' },
      { atMs: 900, item: 1 },
      { atMs: 1000, result: 1 },
    ];
    const events = await recordOf({ script, evaluation: { sla: { itemTimeMs: { limit: 300, action: 'warn' } } } });
    const scheduler = new VirtualTimeScheduler();

    const [items] = heardIn(scheduler, [guardedFromRecord(events, 'vs-1-1', scheduler).items$]);

    expect(items?.told).toEqual([
      [0, { done: 0, running: { name: 'long', forMs: 0 } }],
      [300, { done: 0, running: null }],
      [1000, { done: 1, running: null }],
    ]);
  });

  it('is hot: who comes later hears what comes then, and started$ at once', async () => {
    const events = await recordOf({ script: quiet });
    const clock = new VirtualClock();
    const guarded = guardedFromRecord(events, 'vs-1-1', schedulerOf(clock));
    const heard: unknown[] = [];
    const first = guarded.samples$.pipe(take(1)).subscribe(({ memoryMb }) => heard.push(['first', memoryMb]));
    await clock.advance(300);

    const started = guarded.started$.subscribe(() => heard.push('started'));
    const second = guarded.samples$.subscribe(({ memoryMb }) => heard.push(['second', memoryMb]));
    await clock.advance(700);

    expect(heard).toEqual([['first', 300], 'started', ['second', 500]]);
    expect([first.closed, started.closed, second.closed, clock.pendingTimers]).toEqual([true, true, true, 0]);
  });

  it('does not tell what came while nobody listened, leaves no timer, and ends when it ended', async () => {
    const events = await recordOf({ script: quiet });
    const clock = new VirtualClock();
    const guarded = guardedFromRecord(events, 'vs-1-1', schedulerOf(clock));
    const first = guarded.samples$.subscribe();
    await clock.advance(10);
    first.unsubscribe();
    expect(clock.pendingTimers).toBe(0);
    await clock.advance(300);

    const heard: unknown[] = [];
    const second = guarded.samples$.subscribe({
      next: ({ memoryMb }) => heard.push(memoryMb),
      complete: () => heard.push(`ended at ${clock.now()}`),
    });
    await clock.advance(700);

    expect(heard).toEqual([500, 'ended at 900']);
    expect([second.closed, guarded.samples$.subscribe().closed]).toEqual([true, true]);
  });

  it('tells a moment once also to who listens again at that very moment', async () => {
    const events = await recordOf({ script: quiet });
    const scheduler = new VirtualTimeScheduler();
    const guarded = guardedFromRecord(events, 'vs-1-1', scheduler);
    const heard: unknown[] = [];
    const again = (): void => {
      const subscription = guarded.samples$.pipe(take(1)).subscribe({
        next: ({ memoryMb }) => heard.push(memoryMb),
        complete: () => {
          if (heard.length < 10 && scheduler.now() < 900) again();
        },
      });
      expect(subscription).toBeDefined();
    };

    again();
    scheduler.flush();

    expect(heard).toEqual([300, 500]);
  });

  it('never starts what never began, and ends where the record ends', async () => {
    const events = await recordOf({ script: quiet, epochMs: 1000, epochs: 2 });
    const request = events.findIndex(({ type }) => type === 'evaluation:requested');
    const start = events.findIndex(({ type }) => type === 'evaluation:start');
    const cutAfter = (index: number, atMs: number) => [
      ...events.slice(0, index + 1),
      { ...events[index], type: 'epoch:start' as const, epoch: 2, at: (events[index]?.at ?? 0) + atMs } as never,
    ];

    const heard = [cutAfter(request, 40), cutAfter(start, 70)].map((record) => {
      const scheduler = new VirtualTimeScheduler();
      const { started$, samples$ } = guardedFromRecord(record, 'vs-1-1', scheduler);
      return heardIn<unknown>(scheduler, [started$, samples$]);
    });

    expect(heard).toEqual([
      [
        { told: [], completedMs: 40 },
        { told: [], completedMs: 40 },
      ],
      [
        { told: [[0, undefined]], completedMs: 0 },
        { told: [], completedMs: 70 },
      ],
    ]);
  });

  it('refuses an id that the record does not have, and names those that it has', async () => {
    const events = await recordOf({ script: quiet });
    const scheduler = new VirtualTimeScheduler();

    expect(() => guardedFromRecord(events, 'vs-2', scheduler)).toThrow(ConfigurationError);
    expect(() => guardedFromRecord(events, 'vs-2', scheduler)).toThrow(
      'The record has no evaluation "vs-2": it has vs-1-1.',
    );
    expect(() => guardedFromRecord([], 'vs-2', scheduler)).toThrow('none was requested in it');
  });
});
