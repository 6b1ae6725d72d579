import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Output } from '../../src/supervisor/output.ts';

const newFolder = (): string => join(mkdtempSync(join(tmpdir(), 'pitwall-output-')), 'evaluation');

async function printed(
  folder: string | undefined,
  { stdout = [], stderr = [] }: { readonly stdout?: readonly string[]; readonly stderr?: readonly string[] },
): Promise<Output> {
  const streams = [new PassThrough(), new PassThrough()] as const;
  const output = new Output(streams);
  output.begin(folder, { keepsStdout: true });
  for (const text of stdout) streams[0].write(text);
  for (const text of stderr) streams[1].write(text);
  for (const stream of streams) stream.end();
  await output.readToEnd();
  await output.end();
  return output;
}

describe('what an evaluator prints', () => {
  it('stands in a file a stream, whole where it is short', async () => {
    const folder = newFolder();
    const output = await printed(folder, { stdout: ['one\n', 'two\n'], stderr: ['oh\n'] });

    expect(readFileSync(join(folder, 'stdout.log'), 'utf8')).toBe('one\ntwo\n');
    expect(readFileSync(join(folder, 'stderr.log'), 'utf8')).toBe('oh\n');
    expect(output.leftOut).toEqual([
      { stream: 'stdout', bytes: 0 },
      { stream: 'stderr', bytes: 0 },
    ]);
  });

  it('makes no file, and no folder, for what prints nothing', async () => {
    const folder = newFolder();
    await printed(folder, {});

    expect(readdirSync(join(folder, '..'))).toEqual([]);
  });

  it('keeps the beginning and the last words of a flood, and counts what is in no file', async () => {
    const folder = newFolder();
    const flood = Array.from(
      { length: 12 },
      (_, index) => `${index}${'.'.repeat(102_000 - 1 - String(index).length)}\n`,
    );
    const output = await printed(folder, { stdout: [...flood, 'the last word\n'] });
    const text = readFileSync(join(folder, 'stdout.log'), 'utf8');

    const total = 12 * 102_000 + 14;
    const leftOut = total - 2 ** 20 - 4096;
    expect(text.startsWith('0...')).toBe(true);
    expect(text.endsWith('the last word\n')).toBe(true);
    expect(text).toContain(`\n… ${leftOut} bytes were left out here …\n`);
    expect(output.leftOut[0]).toEqual({ stream: 'stdout', bytes: leftOut });
  });

  it('without a folder keeps the last 4 KB of both, and counts the rest', async () => {
    const output = await printed(undefined, { stdout: ['a'.repeat(10_000)], stderr: ['the end'] });

    expect(output.lastWords).toHaveLength(4096);
    expect(output.lastWords.endsWith('the end')).toBe(true);
    expect(output.leftOut[0]).toEqual({ stream: 'stdout', bytes: 10_000 - 4096 });
  });

  it('keeps the last 64 KB of stdout for who finds its result there', async () => {
    const output = await printed(undefined, { stdout: ['b'.repeat(70_000), '\n{"ok":1}\n'] });

    expect(output.stdoutTail).toHaveLength(65_536);
    expect(output.stdoutTail.endsWith('\n{"ok":1}\n')).toBe(true);
  });

  it('loses lines and nothing else where the folder cannot be made', async () => {
    const output = await printed('/proc/nowhere', { stdout: ['lost\n'] });

    expect(output.lastWords).toBe('lost\n');
    expect(output.leftOut[0]).toEqual({ stream: 'stdout', bytes: 5 });
  });

  it('is read to its end also where the loop was held up for longer than it has patience', async () => {
    const folder = newFolder();
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const output = new Output([stdout, stderr]);
    output.begin(folder, { keepsStdout: false });

    const read = output.readToEnd();
    setImmediate(() => {
      stdout.end('the last word\n');
      stderr.end();
    });
    const untilMs = performance.now() + 80;
    while (performance.now() < untilMs);
    await read;
    await output.end();

    expect(readFileSync(join(folder, 'stdout.log'), 'utf8')).toBe('the last word\n');
  });

  it('is not waited for where somebody holds the pipes open', async () => {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const output = new Output([stdout, stderr]);
    output.begin(undefined, { keepsStdout: false });
    stdout.write('printed');

    await output.readToEnd();

    expect(output.lastWords).toBe('printed');
  });
});

describe('what a warm evaluator prints', () => {
  /** Output whose process goes on; with a way to let all that was written arrive. */
  function goingOn() {
    const stdout = new PassThrough();
    const output = new Output([stdout, new PassThrough()]);
    const arrive = async (): Promise<void> => {
      for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
    };
    return { stdout, output, arrive };
  }

  it('before its answer is in the log of that evaluation, a flood too', async () => {
    const { stdout, output } = goingOn();
    const folders = [newFolder(), newFolder()];
    const texts = ['a', 'b'].map((letter) => `${letter.repeat(300_000)}\nthe end\n`);

    for (const [index, text] of texts.entries()) {
      output.begin(folders[index], { keepsStdout: false });
      for (let from = 0; from < text.length; from += 60_000) stdout.write(text.slice(from, from + 60_000));
      await output.drain();
      await output.end();

      expect(output.leftOut[0]).toEqual({ stream: 'stdout', bytes: 0 });
    }

    expect(folders.map((folder) => readFileSync(join(folder, 'stdout.log'), 'utf8'))).toEqual(texts);
  });

  it('is drained in bounded time where it goes on printing', async () => {
    const { stdout, output } = goingOn();
    output.begin(undefined, { keepsStdout: false });
    let isDrained = false;
    const flood = (): void => {
      if (!isDrained) stdout.write(Buffer.alloc(60_000), () => setImmediate(flood));
    };
    flood();

    await output.drain();
    isDrained = true;

    expect(output.leftOut[0]?.bytes).toBeGreaterThan(60_000);
  });

  it('after its answer is left out, and in no log of another evaluation', async () => {
    const { stdout, output, arrive } = goingOn();
    const folders = [newFolder(), newFolder()] as const;
    output.begin(folders[0], { keepsStdout: false });
    stdout.write('first\n');
    await output.drain();
    await output.end();

    stdout.write('late\n');
    await arrive();
    await output.end();
    expect(output.leftOut[0]).toEqual({ stream: 'stdout', bytes: 5 });
    output.begin(folders[1], { keepsStdout: false });
    stdout.write('second\n');
    await output.drain();
    await output.end();

    expect(folders.map((folder) => readFileSync(join(folder, 'stdout.log'), 'utf8'))).toEqual(['first\n', 'second\n']);
  });
});
