import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { siblingEntry } from '../../src/executors/sibling-url.ts';
import { evaluation } from '../../src/index.ts';
import { encodeLine } from '../../src/journal/line.ts';
import { atEpochs } from '../../src/operators/index.ts';
import type { RunReport } from '../../src/report/run-report.ts';
import { ran, type Ran } from '../dist/programs.ts';
import { MadeUpRun } from '../report/made-up-run.ts';
import { openBrowser, type Browser } from './browser.ts';
import { evaluator } from './evaluators/index.ts';
import { missing } from './needs.ts';
import { eventsOf, named, recordedRun, type RecordedRun } from './recorded-run.ts';

const main = fileURLToPath(siblingEntry('../../src/cli/main', import.meta.url));
const hostile = '</script><img src=x onerror=alert(1)>"\' שלום';

let folder = '';
let run: RecordedRun;
const pitwall = (...args: readonly string[]): Ran => ran(process.execPath, [main, ...args], folder);
const write = async (id: string, content: string): Promise<void> => {
  await mkdir(join(folder, '.pitwall', id), { recursive: true });
  await writeFile(join(folder, '.pitwall', id, 'events.jsonl'), content);
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pitwall-report-'));
  const roomy = { startTimeMs: 60_000, evaluationTimeMs: 60_000, itemTimeMs: 60_000 };
  run = await recordedRun({
    name: hostile,
    runId: 'real-1',
    journal: join(folder, '.pitwall'),
    callbacks: [
      evaluation({
        name: named('echoes'),
        every: 1,
        overlap: 'queue',
        module: evaluator('echo'),
        input: ({ epoch }) => ({ [hostile]: epoch / 4 }),
        sla: roomy,
      }),
      evaluation({
        name: named('eats'),
        when: atEpochs([1]),
        module: evaluator('eats-buffers'),
        input: () => ({}),
        sla: { ...roomy, memoryMb: 150 },
      }),
    ],
  });
  const torn = new MadeUpRun('torn').start('torn', 3).epoch(1, { loss: 0.25 }).epoch(2, { loss: 0.125 });
  await write(
    'torn',
    torn.events
      .map((event) => encodeLine(event))
      .join('')
      .slice(0, -20),
  );
  await write('foreign', 'a diary\nof somebody else\n');
  await mkdir(join(folder, '.pitwall', 'no-run'));
  await writeFile(join(folder, '.pitwall', 'torn', 'notes.txt'), '');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('pitwall runs', () => {
  it('lists what the folder holds: a torn journal is told with what it has, a foreign one with what is wrong', () => {
    const { code, stdout, stderr } = pitwall('runs');

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Run +Began \(UTC\) +Epochs +Status +Name\n/);
    expect(stdout).toMatch(/\nreal-1 +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +2\/2 +completed +<\/script>/);
    expect(stdout).toMatch(/\n {4}3 evaluations: 2 completed, 1 violated\n/);
    expect(stdout).toMatch(/\ntorn .* 1\/3 +no end in the record +torn\n {4}0 evaluations; loss 0.25\n/);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('(25) is torn, as it has no newline at its end');
    expect(stdout).toMatch(/\nforeign\n {4}Line 1 of \.pitwall\/foreign\/events\.jsonl is not what was written/);
    expect(stdout).not.toContain('no-run');
  });

  it('says of a run with a lock that it may be running', async () => {
    await writeFile(join(folder, '.pitwall', 'torn', 'lock'), '');

    const { stdout } = pitwall('runs', '--json');

    await rm(join(folder, '.pitwall', 'torn', 'lock'));
    const { runs } = JSON.parse(stdout) as { runs: { id: string }[] };
    expect(runs.find(({ id }) => id === 'torn')).toMatchObject({ status: 'no-end', mayBeRunning: true });
    expect(runs.find(({ id }) => id === 'real-1')).toMatchObject({
      status: 'completed',
      mayBeRunning: false,
      epochsDone: 2,
      evaluations: { requested: 3, completed: 2, violated: 1 },
    });
    expect(runs.find(({ id }) => id === 'foreign')).toHaveProperty('problem');
  });

  it.each([
    ['a named folder without any', '.', ['--journal', 'no-runs'], 'no-runs'],
    ['the default folder, before the first run', 'no-runs', [], '.pitwall'],
  ])('says in one sentence that there are none in %s', async (_, where, args, named) => {
    await mkdir(join(folder, 'no-runs'), { recursive: true });

    const { code, stdout } = ran(process.execPath, [main, 'runs', ...args], join(folder, where));

    expect(code).toBe(0);
    expect(stdout).toBe(
      `There are no runs in ${named}: a training with a journal leaves one there, or give --journal.\n`,
    );
  });

  it.each([
    ['is not there', 'elsewhere', 'there is no such folder'],
    ['is a file', join('.pitwall', 'foreign', 'events.jsonl'), 'it is a file'],
  ])('a named folder that %s is a mistake', (_, journal, why) => {
    expect(pitwall('runs', '--journal', journal)).toEqual({
      code: 2,
      stdout: '',
      stderr: `pitwall: The runs in ${journal} cannot be listed, as ${why}: give --journal with the folder that holds them.\n`,
    });
  });
});

describe('pitwall report', () => {
  it('prints one JSON object, whose values are the journal’s', () => {
    const { code, stdout, stderr } = pitwall('report', 'real-1', '--json');

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const report = JSON.parse(stdout) as RunReport;
    const ends = eventsOf(run.journal, 'evaluation:end');
    const eaten = ends.find(({ status }) => status === 'violated');
    expect(report.run).toMatchObject({ id: 'real-1', name: hostile, status: 'completed', steps: run.outcome.steps });
    expect(report.evaluations.counts).toEqual({ ...run.outcome.evaluations, unfinished: 0 });
    expect(report.results).toMatchObject([{ name: hostile, epochs: [1, 2], values: [0.25, 0.5] }]);
    expect(report.violations.shown.map(({ violation }) => violation)).toEqual([eaten!.violation]);
    expect(report.overhead).toEqual(run.outcome.overhead);
    expect(report.steps.of).toBe(eventsOf(run.journal, 'step:summary').length);
  });

  it('prints Markdown', () => {
    const { code, stdout } = pitwall('report', join('.pitwall', 'real-1'), '--md');

    expect(code).toBe(0);
    expect(stdout).toMatch(/^## ✓ `<\/script>/);
    expect(stdout).toContain('| Evaluations | 3: 2 completed, 1 violated |');
  });

  it('reports the run that was written last as "latest"', async () => {
    await write(
      'newest',
      new MadeUpRun('newest')
        .start('newest', 1)
        .events.map((event) => encodeLine(event))
        .join(''),
    );

    const { stdout } = pitwall('report', 'latest', '--json');

    await rm(join(folder, '.pitwall', 'newest'), { recursive: true });
    expect(JSON.parse(stdout)).toMatchObject({ run: { id: 'newest' } });
  });

  it.each([
    ['as a path', join('.pitwall', 'torn', 'events.jsonl')],
    ['below the folder of the runs', join('torn', 'events.jsonl')],
  ])('takes the journal for its run, told %s', (_, path) => {
    expect(pitwall('report', path)).toEqual({ code: 0, stdout: '.pitwall/torn/report.html\n', stderr: '' });
  });

  it.each([
    [
      'no run of that name',
      ['real-2'],
      'There is no run "real-2", neither as a folder nor as .pitwall/real-2: did you',
    ],
    ['no latest run', ['latest', '--journal', 'elsewhere'], 'There is no latest run, as elsewhere holds no runs'],
    ['a foreign journal', ['foreign'], 'Line 1 of .pitwall/foreign/events.jsonl is not what was written there'],
    [
      'a file where a folder is wanted',
      [join('.pitwall', 'torn', 'notes.txt')],
      '.pitwall/torn/notes.txt is a file, and a run is told by its folder: give .pitwall/torn.',
    ],
    ['two forms', ['real-1', '--json', '--md'], 'A report is printed in one form: give --json or --md, not both.'],
    ['a file for what writes none', ['real-1', '--json', '--out', 'x.html'], '--out names the file of the page'],
    [
      'a page that cannot be written',
      ['torn', '--out', 'no/where.html'],
      'The page cannot be written to no/where.html',
    ],
  ])('says in one sentence that there is %s', (_, args, sentence) => {
    const { code, stdout, stderr } = pitwall('report', ...args);

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(sentence);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});

describe.skipIf(missing('chromium'))('the page, in a browser', () => {
  let browser: Browser;
  let url = '';
  beforeAll(async () => {
    const { code, stdout } = pitwall('report', 'real-1');
    expect({ code, stdout }).toEqual({ code: 0, stdout: '.pitwall/real-1/report.html\n' });
    url = pathToFileURL(join(folder, '.pitwall', 'real-1', 'report.html')).href;
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  const textOf = (selector: string): Promise<string> =>
    browser.evaluate(`document.querySelector(${JSON.stringify(selector)}).innerText`);

  it('shows the journal’s values, hostile names as text, and draws each curve', async () => {
    const { errors, requests } = await browser.open(url, { width: 800 });

    expect({ errors, requests }).toEqual({ errors: [], requests: [] });
    expect(await textOf('h1')).toBe(hostile);
    expect(await browser.evaluate('document.images.length')).toBe(0);
    const facts = (await textOf('.facts')).replaceAll(/\s+/g, ' ');
    expect(facts).toContain('Epochs 2 of 2');
    expect(facts).toContain(`Steps ${run.outcome.steps.toLocaleString('en')}`);
    expect(facts).toContain('Evaluations 3 2 completed, 1 violated');
    const violation = eventsOf(run.journal, 'sla:violation')[0]!.violation;
    expect(await textOf('.violation')).toContain(violation.message);
    expect(await textOf('#evaluations + * tbody')).toContain(named('echoes'));

    const curves = await browser.evaluate<{ title: string; reading: string; inked: number }[]>(`
      [...document.querySelectorAll('.chart')].map((chart) => {
        const canvas = chart.querySelector('canvas');
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        return {
          title: chart.querySelector('.title').innerText,
          reading: chart.querySelector('.reading').innerText,
          inked: data.filter((alpha, place) => place % 4 === 3 && alpha > 0).length,
        };
      })`);
    expect(curves[0]).toMatchObject({ title: `${named('echoes')} · ${hostile}`, reading: '0.5 · epoch 2' });
    for (const { inked } of curves) expect(inked).toBeGreaterThan(500);
    expect(await browser.evaluate('document.querySelectorAll("rect.bar.completed").length')).toBe(3); // two, and the sign
    expect(await browser.evaluate('document.querySelectorAll("rect.bar.violated").length')).toBe(2);
  });

  it.each([380, 800, 1600])('fits into %i px in light and dark, and looks different in each', async (width) => {
    const grounds: string[] = [];
    for (const isDark of [false, true]) {
      const { errors } = await browser.open(url, { width, isDark });
      expect(errors).toEqual([]);
      // Opened, too: what is folded away is as wide.
      await browser.evaluate('document.querySelectorAll("details").forEach((each) => (each.open = true))');
      expect(await browser.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      grounds.push(await browser.evaluate('getComputedStyle(document.body).backgroundColor'));
    }
    expect(new Set(grounds).size).toBe(2);
  });

  it('follows when the window gets narrower', async () => {
    await browser.open(url, { width: 1600 });

    await browser.resize(380);

    expect(await browser.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(380);
    expect(
      await browser.evaluate('Math.max(...[...document.querySelectorAll(".uplot")].map((plot) => plot.offsetWidth))'),
    ).toBeLessThanOrEqual(380);
  });

  it('tells in its words what the script cannot draw where scripts do not run', async () => {
    const page = await readFile(fileURLToPath(url), 'utf8');

    expect(page).toContain('<noscript>');
    expect(page).toMatch(/<td class="number">0\.25<\/td>/);
  });
});
