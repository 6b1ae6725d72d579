import { finalize, take } from 'rxjs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { RunEvent } from '../../src/events/index.ts';
import { Tools } from '../../src/trainer/tools.ts';

const event = { type: 'run:start' } as RunEvent;

describe('the events for tools', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('complete for each, also where the finalizer of one before it throws, which is reported', () => {
    const reports: (() => void)[] = [];
    vi.spyOn(globalThis, 'setTimeout').mockImplementation(((report: () => void) => reports.push(report)) as never);
    const tools = new Tools();
    const heard: string[] = [];
    const flush = finalize<RunEvent>(() => {
      throw new Error('flush failed');
    });
    tools.events$.pipe(flush).subscribe();
    tools.events$.subscribe({ next: ({ type }) => heard.push(type), complete: () => heard.push('|') });

    tools.next(event);
    tools.complete();

    expect(heard).toEqual(['run:start', '|']);
    expect(reports).toHaveLength(1);
    expect(reports[0]).toThrow('flush failed');
  });

  it('complete at once for who comes after the end, and not again for who has left', () => {
    const tools = new Tools();
    const heard: string[] = [];
    tools.events$.pipe(take(1)).subscribe({ complete: () => heard.push('left') });

    tools.next(event);
    tools.complete();
    tools.events$.subscribe({ complete: () => heard.push('late') });

    expect(heard).toEqual(['left', 'late']);
  });
});
