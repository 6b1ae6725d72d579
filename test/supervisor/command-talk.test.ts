import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CommandTalk } from '../../src/supervisor/command-talk.ts';
import { commandMessageSchema, filesOf, type StartOrder } from '../../src/wire/index.ts';
import { messageReader } from '../../src/supervisor/talk.ts';

function talking() {
  const folder = mkdtempSync(join(tmpdir(), 'pitwall-talk-'));
  const clock = { nowMs: 1000 };
  const order = { folder, program: { kind: 'command', argv: ['evaluate'] } } as unknown as StartOrder;
  const talk = new CommandTalk(order, { say: () => undefined, signal: () => undefined }, () => clock.nowMs);
  const { partial } = filesOf(folder);
  const kept = (): unknown => (existsSync(partial) ? JSON.parse(readFileSync(partial, 'utf8')) : undefined);
  const partials = (...values: readonly unknown[]): void => {
    for (const value of values) talk.hear({ type: 'partial', value });
  };
  return { talk, clock, kept, partials };
}

describe('the items of a command', () => {
  it('are timed from their last beginning, and one that is begun anew hides no older one', () => {
    const { talk, clock } = talking();

    talk.hear({ type: 'item', name: 'A' });
    clock.nowMs += 10;
    talk.hear({ type: 'item', name: 'B' });
    clock.nowMs += 10;
    talk.hear({ type: 'item', name: 'A' });

    expect(talk.letters().running).toEqual({ name: 'B', startedMs: 1010 });
    talk.hear({ type: 'item-end', name: 'B' });
    expect(talk.letters().running).toEqual({ name: 'A', startedMs: 1020 });
  });
});

describe('the partial results of a command', () => {
  it('are kept at once where they are few', () => {
    const { talk, clock, kept, partials } = talking();

    partials(1);
    expect(kept()).toBe(1);
    clock.nowMs += 100;
    partials(2);

    expect(kept()).toBe(2);
    expect(talk.letters()).toMatchObject({ partialCount: 2, droppedPartials: 0 });
  });

  it('are kept ten times a second of a flood, the latest each time, and the others counted', () => {
    const { talk, clock, kept, partials } = talking();

    partials(1, 2, 3, 4);
    expect(kept()).toBe(1);
    clock.nowMs += 99;
    talk.letters();
    expect(kept()).toBe(1);
    clock.nowMs += 1;

    expect(talk.letters()).toMatchObject({ partialCount: 2, droppedPartials: 2 });
    expect(kept()).toBe(4);
  });

  it.each<[string, (talk: CommandTalk) => void]>([
    [
      'it is finished',
      (talk) => {
        talk.finish();
      },
    ],
    [
      'its program has exited',
      (talk) => {
        talk.exited({ code: 1, signal: null });
      },
    ],
  ])('are kept to the last when %s', (_, end) => {
    const { talk, kept, partials } = talking();
    partials(1, 2, { won: 3 });

    end(talk);

    expect(kept()).toEqual({ won: 3 });
    expect(talk.letters()).toMatchObject({ partialCount: 2, droppedPartials: 1 });
  });

  it('that find no room are counted, and what was kept stays', () => {
    const { talk, clock, kept, partials } = talking();
    partials(1);
    clock.nowMs += 100;

    partials(10n); // no JSON can be made of it

    expect(kept()).toBe(1);
    expect(talk.letters()).toMatchObject({ partialCount: 1, droppedPartials: 1 });
  });
});

describe('a command', () => {
  it('is missing when its gate says so', () => {
    expect(talking().talk.hear({ type: 'missing' })).toMatchObject({ kind: 'failed', code: 'EVALUATOR_NOT_FOUND' });
  });

  it('cannot say itself that it is missing', () => {
    const { talk } = talking();

    expect(talk.hear({ type: 'ready' })).toEqual({ kind: 'ready' });
    expect(talk.hear({ type: 'missing' })).toBeUndefined();
  });
});

describe('a frame', () => {
  it.each([
    null,
    1,
    'item',
    [],
    {},
    { type: 'nonsense' },
    { type: ['item'] },
    { type: 'item' },
    { type: 'item', name: 1 },
  ])('%j means nothing', (frame) => {
    expect(messageReader(commandMessageSchema)(frame)).toBeUndefined();
  });

  it('of an unknown type is not looked at any closer', () => {
    let looks = 0;
    const read = messageReader({
      options: [{ shape: { type: { value: 'item' } } }],
      safeParse: (frame) => ({ success: true, data: ++looks && frame }),
    });

    expect([read({ type: 'nonsense' }), read({ type: 'item' }), looks]).toEqual([undefined, { type: 'item' }, 1]);
  });
});
