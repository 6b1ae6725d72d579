import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { siblingEntry } from '../../src/executors/sibling-url.ts';
import { Terminal } from '../observability/terminal.ts';
import { missing } from './needs.ts';

const host = [process.execPath, fileURLToPath(siblingEntry('./hosts/drawn', import.meta.url))];

/** Runs a program, without what would tell it that nobody looks on. */
function started([command = '', ...args]: readonly string[]) {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, CI: '', NO_COLOR: '', TERM: 'xterm' },
  });
  const said = { stdout: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.stdout += text;
  });
  return { child, ended: once(child, 'close').then(([code]) => ({ code: code as number | null, ...said })) };
}

describe('progressBar in a process of its own', () => {
  it.skipIf(missing('script')).each([40, 80, 200])('draws on a real terminal of %i columns', async (columns) => {
    const quoted = host.map((word) => `'${word}'`).join(' ');

    const { code, stdout } = await started([
      'script',
      '--quiet',
      '--return',
      '--command',
      `stty cols ${columns} rows 24; ${quoted}`,
      '/dev/null',
    ]).ended;

    const terminal = new Terminal(columns);
    // eslint-disable-next-line no-control-regex -- how a picture begins
    for (const frame of stdout.split(/(?=\u001b\[\?2026h)/)) terminal.write(frame);
    const pictures = terminal.frames.slice(0, -1);
    expect(code).toBe(0);
    expect(pictures.some((picture) => /^▶ five-games.* [1-4]\/5 .*ETA \d:\d\d$/m.test(picture))).toBe(true);
    // A training, the evaluation that runs and how others have ended: a line too long would make it more.
    expect(Math.max(...pictures.slice(0, -1).map((picture) => picture.split('\n').length))).toBeLessThanOrEqual(3);
    expect(terminal.screen.join('')).toMatch(
      /^drawn: run \S+ completed; 4 epochs, 160 steps; .*\{"status":"completed","epochs":4,"errors":\[\]\}$/,
    );
    expect(terminal.isCursorHidden).toBe(false);
  });

  it('costs the run nothing but a word where its stream was closed by who reads it', async () => {
    const { child, ended } = started(host);
    child.stderr.destroy();

    const { code, stdout } = await ended;

    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      status: 'completed',
      epochs: 4,
      errors: [{ callback: 'progressBar', error: { code: 'PROGRESS_STREAM' } }],
    });
    expect(stdout).toContain('EPIPE');
  });
});
