import { mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { siblingEntry } from '../../src/executors/sibling-url.ts';
import { encodeLine } from '../../src/journal/line.ts';
import { started, type Ran } from '../dist/programs.ts';
import { recordOf } from '../replay/records.ts';

const main = fileURLToPath(siblingEntry('../../src/cli/main', import.meta.url));

describe.concurrent('pitwall replay', () => {
  let folder = '';
  const replay = (...args: readonly string[]): Promise<Ran> =>
    started(process.execPath, [main, 'replay', ...args], folder).ended;
  const write = (name: string, content: unknown): Promise<void> =>
    writeFile(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pitwall-replay-'));
    await recordOf({
      epochs: 30,
      script: ({ input }) => {
        const { epoch } = input as { readonly epoch: number };
        if (epoch % 10 === 0) return [{ atMs: 0, item: 'game 1' }];
        return [
          { atMs: 0, sample: 200 },
          { atMs: 100, sample: 300 + epoch },
          { atMs: 1600 + epoch, result: 1 },
        ];
      },
      evaluation: { sla: { itemTimeMs: 3000 } },
      journal: join(folder, '.pitwall'),
      runId: 'night-1',
    });
    await write('tight.json', { memoryMb: 320 });
    await write('wide.json', { itemTimeMs: 10_000, memoryMb: 2000 });
    await write('breaker.json', {
      minimumNumberOfCalls: 2,
      failureRateThreshold: 40,
      slidingWindow: { type: 'count', size: 5 },
    });
    await write('impact.json', { trainingImpactPercent: 1 });
    await write('bad.json', '{ memoryMb: 1 }');
    await write('list.json', [1]);
    await write('slip.json', { memoryMB: 1 });
    await write('unit.json', { itemTimeMs: '30s' });
    for (const [name, content] of [
      ['foreign', 'a diary\nof somebody else\n'],
      ['stub', '{"seq":1,'],
    ] as const) {
      await mkdir(join(folder, name));
      await write(`${name}/events.jsonl`, content);
    }
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('says what tighter limits would have stopped and when, and what the breaker would have done', async () => {
    const { code, stdout, stderr } = await replay('night-1', '--sla', 'tight.json', '--breaker', 'breaker.json');

    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toMatch(/^Run "fake" in \.pitwall\/night-1: 5 min 3 s, \d+ events, completed\./);
    expect(stdout).toMatch(/memoryMb +320 MB +abort\n/);
    expect(stdout).toMatch(/evaluationTimeMs +30 min +abort +\(default\)/);
    expect(stdout).toMatch(/vs +30 +18 +9 +3 +0 +\d+/);
    expect(stdout).toMatch(/epoch 21 +after 100 ms +memoryMb: a sample of 321 MB \(limit 320 MB\)/);
    expect(stdout).toMatch(/epoch 10 +its old itemTimeMs \(3 s\) ended it after 3 s/);
    expect(stdout).toMatch(/epoch 23 .* closed -> open: 2 of \d calls failed/);
    expect(stdout).toMatch(/It would refuse \d+ requests of vs: epochs /);
    expect(stdout).toContain('A verdict is as fine as the 54 samples: one every 100 ms (median)');
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('ends with 0 when nothing would be stopped, unknown ones beside', async () => {
    const { code, stdout } = await replay(join('.pitwall', 'night-1'), '--sla', 'wide.json');

    expect(code).toBe(0);
    expect(stdout).toContain('Nothing would be stopped.');
    expect(stdout).toMatch(/vs +30 +27 +0 +3 +0 +0/);
  });

  it('writes one JSON object', async () => {
    const { code, stdout, stderr } = await replay('night-1', '--sla', 'tight.json', '--json', '--suggest');

    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    const report = JSON.parse(stdout) as { evaluations: { epoch: number }[] };
    expect(report).toMatchObject({
      run: 'night-1',
      sla: { memoryMb: { limit: 320, action: 'abort' } },
      breaker: 'as recorded',
      suggestions: [{ evaluation: 'vs', completed: 27, notCompleted: 3 }],
    });
    expect(report.evaluations).toHaveLength(30);
    expect(report.evaluations[20]).toMatchObject({
      evaluationId: 'vs-21-21',
      recorded: 'completed',
      verdict: 'stopped',
      rule: 'memoryMb',
      afterMs: 100,
      refused: false,
    });
  });

  it('says that what evaluations cost the training cannot be judged again', async () => {
    const { stdout } = await replay('night-1', '--sla', 'impact.json');

    expect(stdout).toMatch(/trainingImpactPercent +1 ?% +throttle/);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('trainingImpactPercent is not judged again');
  });

  it('suggests limits, says what they rest on, and stops nothing', async () => {
    const { code, stdout } = await replay('night-1', '--suggest');

    expect(code).toBe(0);
    expect(stdout).toContain('vs: 27 completed evaluations');
    expect(stdout).toMatch(/evaluationTimeMs +2\.5 s +p99 1\.63 s, largest 1\.63 s, of 27 evaluations/);
    expect(stdout).toContain('as JSON: {"evaluationTimeMs":2500,"memoryMb":500}');
    expect(stdout).toContain('3 more did not complete');
    expect(stdout).not.toContain('stopped');
    expect(stdout).not.toContain('What this rests on');
  });

  it('reads a journal whose last line is torn, and says so', async () => {
    const events = await recordOf({
      epochs: 2,
      script: [
        { atMs: 100, sample: 300 },
        { atMs: 200, result: 1 },
      ],
    });
    const lines = events.map((event) => encodeLine(event));
    await mkdir(join(folder, 'torn'));
    const file = join(folder, 'torn', 'events.jsonl');
    await writeFile(file, lines.slice(0, 11).join(''));
    await truncate(file, (await readFile(file)).length - 5);

    const { code, stdout, stderr } = await replay('torn', '--sla', 'wide.json');

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.replace(/\s+/g, ' ')).toContain('is torn, as it has no newline at its end');
    expect(stdout).toContain('no end in the record');
  });

  it.each([
    [
      'no run of that name',
      ['night-2', '--sla', 'wide.json'],
      'There is no run "night-2", neither as a folder nor as .pitwall/night-2: did you mean "night-1"?',
    ],
    [
      'no runs at all',
      ['night-2', '--suggest', '--journal', 'elsewhere'],
      'There is no run "night-2", neither as a folder nor as elsewhere/night-2, and elsewhere holds no runs: give a run\'s folder',
    ],
    ['a folder above the runs', ['.pitwall', '--suggest'], 'holds no events.jsonl, but the folders of runs: night-1'],
    ['nothing to judge by', ['night-1'], 'give --sla FILE, --breaker FILE or --suggest'],
    ['a file that is not there', ['night-1', '--sla', 'none.json'], 'The SLA in none.json cannot be read: ENOENT'],
    ['a file that is not JSON', ['night-1', '--sla', 'bad.json'], 'The SLA in bad.json must be JSON, but'],
    ['a list', ['night-1', '--sla', 'list.json'], 'The SLA in list.json must be an object, but an array of 1 came.'],
    ['an unknown rule', ['night-1', '--sla', 'slip.json'], 'unknown key "memoryMB": did you mean "memoryMb"?'],
    [
      'a unit in a number',
      ['night-1', '--sla', 'unit.json'],
      '"itemTimeMs" must be a number above 0 (milliseconds), but "30s" came: give a plain number in the unit that the key names',
    ],
    [
      'an unknown option of the breaker',
      ['night-1', '--breaker', 'slip.json'],
      'In slip.json: The circuit breaker has an unknown key "memoryMB"',
    ],
    [
      'an unknown evaluation',
      ['night-1', '--suggest', '--evaluation', 'vz'],
      'The run has no evaluation "vz": did you mean "vs"?',
    ],
    [
      'a journal that is not one',
      ['foreign', '--suggest'],
      'Line 1 of foreign/events.jsonl is not what was written there',
    ],
    [
      'a journal of one torn line',
      ['stub', '--suggest'],
      'The journal in stub must hold the events of a run, but it holds none',
    ],
  ])('says in one sentence that there is %s', async (_, args, sentence) => {
    const { code, stdout, stderr } = await replay(...args);

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(sentence);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  // With 1, a script would have taken the slip for a verdict.
  it.each([
    ['an option that there is not', ['night-1', '--slo', 'wide.json'], "unknown option '--slo'"],
    ['an option without its file', ['night-1', '--sla'], "option '--sla <file>' argument missing"],
    ['no run', ['--sla', 'wide.json'], "missing required argument 'run'"],
    ['one run too many', ['night-1', 'night-2', '--suggest'], 'too many arguments'],
  ])('ends with 2 for %s', async (_, args, sentence) => {
    const { code, stdout, stderr } = await replay(...args);

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(sentence);
  });

  it('says in its help what it takes and how it ends', async () => {
    const { code, stdout } = await replay('--help');

    expect(code).toBe(0);
    expect(stdout).toContain('Exit codes: 0 nothing would be stopped, 1 something would be');
    for (const option of ['--sla', '--breaker', '--suggest', '--json', '--journal', '--evaluation'])
      expect(stdout).toContain(option);
  });
});
