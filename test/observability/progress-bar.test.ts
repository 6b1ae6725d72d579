import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fakeTrainer, runEvent, type RunEventSketch } from '../../src/testing/index.ts';
import { progressBar } from '../../src/index.ts';
import { FakeRun } from './run.ts';
import { Terminal } from './terminal.ts';

beforeEach(() => {
  for (const name of ['CI', 'NO_COLOR', 'TERM']) vi.stubEnv(name, '');
});
afterEach(() => {
  vi.unstubAllEnvs();
});

/** A run that is drawn, once what draws is loaded and the first picture is there. */
async function drawn(
  options: ConstructorParameters<typeof FakeRun>[0] & { readonly columns?: number; readonly name?: string } = {},
) {
  const terminal = new Terminal(options.columns);
  const run = new FakeRun({ epochs: 30, ...options });
  const bar = progressBar({ stream: terminal });
  const subscription = run.connect(bar);
  await vi.waitFor(() => {
    expect(terminal.frames.length).toBeGreaterThan(0);
  });
  return { terminal, run, bar, subscription };
}

/** An epoch of so many steps, which takes so long. */
async function epoch(run: FakeRun, number: number, { steps = 20, ms = 10_000 } = {}): Promise<void> {
  run.tell({ type: 'epoch:start', epoch: number });
  for (let step = 1; step <= steps; step++) {
    await run.clock.advance(ms / steps);
    run.step();
  }
  run.tell({ type: 'epoch:end', epoch: number, metrics: { loss: 0.5 } });
}

const vsRandom = { evaluationId: 'vs-1', name: 'vs-random', epoch: 2, step: 40 };

describe('progressBar on a terminal', () => {
  it('shows epochs, steps, speed, and when the training will be done', async () => {
    const { run, terminal } = await drawn({ columns: 100 });
    for (const number of [1, 2, 3]) await epoch(run, number);

    run.tell({ type: 'epoch:start', epoch: 4 });
    for (let step = 1; step <= 5; step++) {
      await run.clock.advance(500);
      run.step();
    }
    await run.clock.advance(200);

    // 26 epochs and three quarters of one are left, of 10 s each.
    expect(terminal.screen).toEqual([
      expect.stringMatching(
        /^minishogi {2}epoch {2}4\/30 {2}[█▏▎▍▌▋▊▉░]+ {3}10% {2}step 5 of ~20 {2}2\.\d\d steps\/s {2}ETA 4:28$/,
      ),
    ]);
  });

  it('shows each evaluation that runs with its items, and how those before it have ended', async () => {
    const { run, terminal } = await drawn();
    run.tell(
      { type: 'evaluation:end', status: 'violated' },
      { type: 'evaluation:start', ...vsRandom },
      { type: 'evaluation:start', ...vsRandom, evaluationId: 'other', name: 'other' },
    );
    await run.clock.advance(6_000);
    run.tell({ type: 'evaluation:progress', ...vsRandom, done: 12, total: 20, note: 'game 12' });
    await run.clock.advance(200);

    expect(terminal.screen.slice(1)).toEqual([
      '▶ vs-random  epoch 2  ████████████░░░░░░░░  12/20  0:06  ETA 0:04  game 12',
      '▶ other  epoch 2  0:06',
      '  evaluations: 1 violated',
    ]);
    run.tell({ type: 'evaluation:end', ...vsRandom, status: 'completed' });
    await run.clock.advance(200);
    expect(terminal.screen.slice(1)).toEqual(['▶ other  epoch 2  0:06', '  evaluations: 1 violated, 1 completed']);
  });

  it.each<[string, RunEventSketch]>([
    ['nothing is done yet', { type: 'evaluation:progress', ...vsRandom, done: 0, total: 20 }],
    ['more is done than there is', { type: 'evaluation:progress', ...vsRandom, done: 21, total: 20 }],
    ['what is done is no number', { type: 'evaluation:progress', ...vsRandom, done: NaN, total: 20 }],
  ])('tells an unknown time as such: %s', async (_, progress) => {
    const { run, terminal } = await drawn();
    run.tell({ type: 'epoch:start', epoch: 1 }, { type: 'evaluation:start', ...vsRandom }, progress);
    await run.clock.advance(60_000);

    expect(terminal.screen[0]).toMatch(/ 0% .*\? steps\/s {2}ETA \?$/);
    expect(terminal.screen[1]).toMatch(/1:00 {2}ETA \?$/);
    expect(terminal.screen[1]).not.toContain('NaN');
  });

  it('tells no time of an epoch, or of an item, that takes longer than those before it', async () => {
    const { run, terminal } = await drawn({ epochs: 2 });
    await epoch(run, 1);
    run.tell({ type: 'epoch:start', epoch: 2 }, { type: 'evaluation:start', ...vsRandom });
    await run.clock.advance(1_000);
    run.tell({ type: 'evaluation:progress', ...vsRandom, done: 19, total: 20 });
    await run.clock.advance(8_800);
    expect(terminal.screen[0]).toMatch(/ETA 0:01$/);

    await run.clock.advance(400);

    expect(terminal.screen.map((line) => line.endsWith('ETA ?'))).toEqual([true, true]);
  });

  it('follows a speed that changes, and tells slow steps by their time', async () => {
    const { run, terminal } = await drawn({ columns: 100 });
    run.tell({ type: 'epoch:start', epoch: 1 });
    const steps = async (count: number, ms: number): Promise<void> => {
      for (let step = 0; step < count; step++) {
        await run.clock.advance(ms);
        run.step();
      }
      await run.clock.advance(200);
    };

    await steps(500, 10);
    expect(terminal.screen[0]).toMatch(/ 9\d\.\d steps\/s/);
    await steps(3, 30_000);
    expect(terminal.screen[0]).toMatch(/ 30(\.\d)? s\/step/);
  });

  it('is drawn five times a second, and never by a step', async () => {
    const { run, terminal } = await drawn();
    run.tell({ type: 'epoch:start', epoch: 1 });
    const before = terminal.frames.length;

    for (let step = 0; step < 1_000; step++) run.step();
    expect(terminal.frames).toHaveLength(before);
    for (let step = 0; step < 1_000; step++) {
      run.step();
      await run.clock.advance(1);
    }

    expect(terminal.frames.length - before).toBe(5);
  });

  it.each([20, 40, 60, 80, 200])('keeps every line within %i columns', async (columns) => {
    const name = 'ein Training, dessen Name nicht aufhören will, 対局の学習';
    const { run, terminal } = await drawn({ columns, runName: name });
    await epoch(run, 1);
    run.tell(
      { type: 'evaluation:start', ...vsRandom, name },
      {
        type: 'evaluation:progress',
        ...vsRandom,
        name,
        done: 1.23456789,
        total: 1e9,
        note: `局面\n\u001b[2J${'x'.repeat(300)}`,
      },
    );
    await run.clock.advance(200);

    // A line too long would be two on the screen.
    expect(terminal.screen).toHaveLength(2);
    expect(terminal.screen[0]).toMatch(/epoch {2}2\/30/);
    if (columns >= 40) expect(terminal.screen[0]).toMatch(/[░█].* ETA 4:50$/);
    expect(terminal.screen[1]).toMatch(/^▶ ein/);
  });

  it('takes the width as it is at each picture', async () => {
    const { run, terminal } = await drawn({ columns: 200 });
    await run.clock.advance(200);
    expect(terminal.screen[0]?.length).toBeGreaterThan(80);

    terminal.columns = 60;
    await run.clock.advance(200);

    expect(terminal.screen[0]?.length).toBeLessThanOrEqual(60);
    expect(terminal.screen[0]).toMatch(/ETA \?$/);
  });

  it('does with a terminal that does not know its size', async () => {
    const { terminal } = await drawn({ columns: 0 });

    expect(terminal.text).toMatch(/epoch/);
  });

  it('counts the evaluations that have no room', async () => {
    const { run, terminal } = await drawn();
    for (let id = 1; id <= 12; id++) run.tell({ type: 'evaluation:start', ...vsRandom, evaluationId: `e-${id}` });
    run.tell({ type: 'evaluation:end', ...vsRandom, evaluationId: 'e-12', status: 'failed' });
    terminal.rows = 8;
    await run.clock.advance(200);

    expect(terminal.screen).toEqual([
      expect.stringMatching(/^minishogi {2}epoch/),
      ...Array.from({ length: 4 }, () => expect.stringMatching(/^▶ vs-random/) as string),
      '  and 7 more',
      '  evaluations: 1 failed',
    ]);
  });

  it.each([
    ['', true],
    ['1', false],
  ])('with NO_COLOR=%s has colours: %s', async (value, hasColours) => {
    vi.stubEnv('NO_COLOR', value);
    const { terminal } = await drawn();

    // eslint-disable-next-line no-control-regex -- the colours of a terminal
    expect(/\u001b\[\d+m/.test(terminal.text)).toBe(hasColours);
  });

  it('leaves one last line at the end, and nothing that waits or listens', async () => {
    const { run, terminal } = await drawn();
    await epoch(run, 1);
    run.tell({ type: 'training:end', epochs: 1, steps: 20 });
    await run.clock.advance(200);
    expect(terminal.screen[0]).toMatch(/training ended$/);

    run.tell({ type: 'run:end', status: 'stopped', reason: 'ten epochs are enough', epochs: 1, steps: 20 });
    run.end();

    // The line is longer than the terminal is wide.
    expect(terminal.screen.join('')).toBe(
      'minishogi: run run stopped (ten epochs are enough); 1 epoch, 20 steps; evaluations: 0 requested',
    );
    expect(run.clock.pendingTimers).toBe(0);
    expect(run.isHeard).toBe(false);
    await vi.waitFor(() => {
      expect(terminal.listenerCount('error')).toBe(0);
    });
  });

  it('never hides the cursor, so that nobody has to show it again', async () => {
    const { run, terminal } = await drawn();
    await epoch(run, 1);

    expect(terminal.text).not.toContain('\u001b[?25l');
  });

  it('leaves its last picture where it is unregistered, and the terminal to what comes after', async () => {
    const { run, terminal, subscription } = await drawn();
    run.tell({ type: 'epoch:start', epoch: 1 });

    subscription.unsubscribe();
    terminal.write('after\n');

    expect(terminal.screen).toEqual([expect.stringMatching(/epoch {2}1\/30/), 'after']);
    expect(run.clock.pendingTimers).toBe(0);
  });

  it('prints lines above the picture', async () => {
    const { run, terminal, bar } = await drawn();
    await run.clock.advance(200);

    bar.print('first');
    bar.print('second');
    await run.clock.advance(200);

    expect(terminal.screen).toEqual(['first', 'second', expect.stringMatching(/epoch/)]);

    run.tell({ type: 'run:end' });
    bar.print('third');
    expect(terminal.screen.at(-1)).toBe('third');
  });
});

describe('progressBar of a run that was resumed', () => {
  const history = [
    runEvent({ type: 'epoch:start', epoch: 1, at: 0 }),
    runEvent({ type: 'epoch:end', epoch: 1, at: 5_000 }),
    runEvent({ type: 'epoch:start', epoch: 2, at: 5_000 }),
    runEvent({ type: 'epoch:end', epoch: 2, at: 9_000 }),
  ];

  it('counts the epochs before as done, and their time for nothing', async () => {
    const { run, terminal } = await drawn({ epochs: 4, history, epoch: 2 });
    await run.clock.advance(200);
    expect(terminal.screen[0]).toMatch(/epoch 3\/4 .* 50% .* ETA \?$/);

    await epoch(run, 3, { ms: 60_000 });
    await run.clock.advance(200);

    expect(terminal.screen[0]).toMatch(/epoch 4\/4 .* 75% .* ETA 1:00$/);
  });

  it('takes the rest of an epoch that is entered again for no whole one', async () => {
    const { run, terminal } = await drawn({
      epochs: 5,
      history: [...history, runEvent({ type: 'epoch:start', epoch: 3 }), runEvent({ type: 'checkpoint', epoch: 3 })],
      epoch: 3,
    });
    await epoch(run, 3, { ms: 100, steps: 1 });
    await run.clock.advance(200);
    expect(terminal.screen[0]).toMatch(/epoch 4\/5 .* 60% .* ETA \?$/);

    await epoch(run, 4, { ms: 10_000 });
    await run.clock.advance(200);
    expect(terminal.screen[0]).toMatch(/epoch 5\/5 .* 80% .* ETA 0:10$/);
  });

  it('begins in the middle where it is registered late', async () => {
    const { run, terminal } = await drawn({ epochs: 4, epoch: 3 });
    run.step();
    run.tell({ type: 'epoch:end', epoch: 3 });
    await run.clock.advance(200);

    expect(terminal.screen[0]).toMatch(/epoch 4\/4 .* 75% .* ETA \?$/);
  });
});

/** What is no terminal, and keeps what is written. */
function file(write?: Writable['_write']) {
  const written: string[] = [];
  const stream = new Writable({
    decodeStrings: false,
    highWaterMark: 200,
    write:
      write ??
      ((chunk: string, _, done) => {
        if (chunk !== '') written.push(chunk);
        done();
      }),
  });
  return { stream, written };
}

describe('progressBar where nothing can be drawn', () => {
  it.each([
    ['a file', {}, {}],
    ['CI with a terminal', { isTTY: true }, { CI: 'true' }],
    ['a terminal that takes no orders', { isTTY: true }, { TERM: 'dumb' }],
  ])(
    'writes a line at the end of each epoch and evaluation, and redraws nothing: %s',
    async (_, traits, environment) => {
      for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
      const { stream, written } = file();
      const run = new FakeRun({ epochs: 2 });
      const bar = progressBar({ stream: Object.assign(stream, traits) });
      run.connect(bar);

      await epoch(run, 1);
      run.tell({ type: 'evaluation:start', ...vsRandom }, { type: 'evaluation:progress', ...vsRandom, done: 1 });
      bar.print('a line of mine');
      run.tell({
        type: 'evaluation:end',
        ...vsRandom,
        status: 'completed',
        result: { winRate: 0.5, note: '\u001b[31mred' },
      });
      run.tell({ type: 'epoch:start', epoch: 2 }, { type: 'epoch:end', epoch: 2, interrupted: true });
      run.tell({ type: 'run:end', epochs: 1, steps: 20, status: 'stopped' });
      run.end();

      expect(written).toEqual([
        'minishogi: epoch 1 ended: loss 0.5 (1/2, 20 steps in 10 s, ETA 0:10)\n',
        'a line of mine\n',
        'minishogi: vs-random of epoch 2 completed in 0 ms: winRate 0.5, note red\n',
        expect.stringMatching(/^minishogi: epoch 2 interrupted \(1\/2\b/),
        'minishogi: run run stopped; 1 epoch, 20 steps; evaluations: 0 requested\n',
      ]);
      expect(run.clock.pendingTimers).toBe(0);
    },
  );

  it('drops lines that a stuck stream cannot take, and counts them', async () => {
    const { stream } = file(() => undefined);
    const run = new FakeRun();
    run.connect(progressBar({ stream }));

    for (let number = 1; number <= 10; number++) await epoch(run, number, { steps: 1 });
    run.tell({ type: 'run:end' });

    expect(stream.writableLength).toBeLessThan(500);
    expect(run.published).toEqual([{ type: 'dropped', what: 'lines of "progressBar"', count: 6 }]);
  });
});

describe('a stream that fails', () => {
  const broken = new Error('write EPIPE');

  it.each<[string, Writable['_write']]>([
    ['throws', () => { throw broken; }], // prettier-ignore
    ['fails later, as a pipe that is closed does', (_chunk, _encoding, done) => setImmediate(done, broken)],
  ])('costs the bar and nothing else where it %s', async (_, write) => {
    const { register, run, trainer } = fakeTrainer(5);
    const { stream } = file(write);
    register(progressBar({ stream }));
    let seen = 0;
    trainer.register({ name: 'other', onEpochEnd: () => seen++ });

    const { outcome, events } = await run();

    const errors = events.filter((event) => event.type === 'callback:error');
    expect([outcome.status, seen, errors.length]).toEqual(['completed', 5, 1]);
    expect(errors[0]).toMatchObject({ callback: 'progressBar', error: { code: 'PROGRESS_STREAM' } });
    expect(errors[0]?.error.message).toContain('EPIPE');
  });

  it('ends the pictures of a terminal that is gone', async () => {
    const { run, terminal } = await drawn();

    terminal.destroy(broken);
    await vi.waitFor(() => {
      expect(run.failed).toHaveLength(1);
    });

    expect(run.isHeard).toBe(false);
    expect(run.clock.pendingTimers).toBe(0);
  });
});

describe('the options of progressBar', () => {
  it.each([
    [
      'a name for a stream',
      { stream: 'stderr' },
      'The options of progressBar: "stream" must be a stream that can be written to',
    ],
    [
      'no stream',
      { stream: {} },
      'must be a stream that can be written to, such as process.stdout, but an object came',
    ],
    ['no name', { name: '' }, '"name" must be a name, a string that is not empty'],
    ['a slip', { steam: process.stdout }, 'did you mean "stream"?'],
  ])('%s is one sentence', (_, options, sentence) => {
    expect(() => progressBar(options as never)).toThrow(sentence);
  });

  it('tells nothing of itself but its name, so that a run may be resumed in another place', () => {
    const bar = progressBar({ name: 'mine' });

    expect([bar.name, bar.config]).toEqual(['mine', undefined]);
  });
});
