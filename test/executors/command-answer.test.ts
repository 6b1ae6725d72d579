import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCommandPartial, readCommandResult } from '../../src/executors/command-answer.ts';
import { npyHeader } from '../../src/executors/npy.ts';

let root: string;
let folder: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'pitwall-answer-'));
  folder = join(root, 'evaluation');
  mkdirSync(folder);
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

const read = (stdout = '', maxResultMb = 1) => readCommandResult({ folder, stdout, name: 'vs-random', maxResultMb });
const answer = (text: string | Buffer) => {
  writeFileSync(join(folder, 'output.json'), text);
};
const npy = (values: Float32Array, shape = [values.length]) =>
  Buffer.concat([npyHeader('Float32Array', shape), Buffer.from(values.buffer)]);

describe('the answer of a command', () => {
  it.each([
    ['the file for {output}', '{"won": 3}', '{"won": 0}\n', { won: 3 }],
    ['the last line of stdout that is JSON', undefined, 'hello\n{"won": 1}\r\n{"won": 2}\nDone.\n\n', { won: 2 }],
    ['a bare number', undefined, '0.75\n', 0.75],
    ['null', undefined, 'null', null],
    ['JSON with a mark of its encoding', '\uFEFF{"won": 3}\n', '', { won: 3 }],
  ])('is %s', async (_, file, stdout, expected) => {
    if (file !== undefined) answer(file);

    expect(await read(stdout)).toEqual(expected);
  });

  it('has null where Python has written NaN or an infinity, but not inside of text', async () => {
    answer('{"loss": NaN, "NaN": [Infinity, -Infinity, -1], "text": "NaN \\" NaN"}');

    expect(await read()).toEqual({ loss: null, NaN: [null, null, -1], text: 'NaN " NaN' });
    expect(await readCommandResult({ folder: root, stdout: '{"a": NaN}', name: 'x', maxResultMb: 1 })).toEqual({
      a: null,
    });
  });

  it('has arrays, each read once, and of several dimensions with their shape', async () => {
    const weights = Float32Array.of(1, 2, 3, 4);
    mkdirSync(join(folder, 'sub'));
    writeFileSync(join(folder, 'w.npy'), npy(weights));
    writeFileSync(join(folder, 'sub', 'm.npy'), npy(weights, [2, 2]));
    answer(
      `{"a": [{"$npy": "w.npy"}, {"$npy": "w.npy"}], "m": {"$npy": "${folder}/sub/m.npy"}, "x": {"$npy": 1, "y": 2}}`,
    );

    const result = (await read()) as { a: unknown[] };

    expect(result).toEqual({
      a: [weights, weights],
      m: { data: weights, shape: [2, 2] },
      x: { $npy: 1, y: 2 },
    });
    expect(result.a[0]).toBe(result.a[1]);
  });

  it('may be an array itself, and come from stdout', async () => {
    writeFileSync(join(folder, 'w.npy'), npy(Float32Array.of(7)));

    expect(await read('{"$npy": "w.npy"}\n')).toEqual(Float32Array.of(7));
  });

  it('may be nested deeper than the stack', async () => {
    writeFileSync(join(folder, 'w.npy'), npy(Float32Array.of(7)));
    answer(`${'['.repeat(50_000)}{"$npy": "w.npy"}${']'.repeat(50_000)}`);

    let inner = await read();
    while (Array.isArray(inner)) inner = inner[0] as unknown;

    expect(inner).toEqual(Float32Array.of(7));
  });

  it.each([
    ['', 'left no result: no file for {output}, and nothing on its stdout'],
    ['all done\n', 'no line of JSON on its stdout (the last is "all done")'],
    ['x'.repeat(70_000), 'Of stdout the last 64 KB are read'],
    // The end of a longer line, which happens to be JSON.
    [`${' '.repeat(65_535)}1`, 'Of stdout the last 64 KB are read'],
  ])('that is not there is rejected (%#)', async (stdout, reason) => {
    const reading = read(stdout);

    await expect(reading).rejects.toThrow(reason);
    await expect(reading).rejects.toMatchObject({ kind: 'rejected', code: 'RESULT_NOT_FOUND' });
  });

  it.each([
    ["{'won': 3}", 'begins with "{\'won\': 3}", which is no JSON'],
    ['', 'is empty'],
    ['{"a": ', 'begins with "{\\"a\\":", which is no JSON'],
    [`[${'1,'.repeat(50)}]`, '…", which is no JSON'],
    ['{"a": {"$npy": 3}}', '"$npy" must be the path of a .npy file, but 3 came'],
    ['{"a": {"$npy": "none.npy"}}', 'The array "none.npy" in the result of "vs-random" is not there.'],
    ['{"a": {"$npy": "output.json"}}', 'is no .npy file: write it with numpy.save'],
    ['{"a": {"$npy": "/etc/hostname"}}', "lies outside the evaluation's folder"],
    ['{"a": {"$npy": "../secret.npy"}}', "lies outside the evaluation's folder"],
    ['{"a": {"$npy": "link.npy"}}', 'is a link'],
    ['{"a": {"$npy": "out/secret.npy"}}', "lies outside the evaluation's folder"],
    ['{"a": {"$npy": "folder"}}', 'is no plain file'],
    ['{"a": {"$npy": "."}}', "lies outside the evaluation's folder"],
    ['{"a": {"$npy": ""}}', "lies outside the evaluation's folder"],
    ['{"a": {"$npy": "nul\\u0000.npy"}}', 'cannot be opened'],
  ])('such as %j is rejected', async (text, reason) => {
    writeFileSync(join(root, 'secret.npy'), npy(Float32Array.of(1)));
    symlinkSync(join(root, 'secret.npy'), join(folder, 'link.npy'));
    symlinkSync(root, join(folder, 'out'));
    mkdirSync(join(folder, 'folder'));
    answer(text);

    const reading = read('{"won": 3}');

    await expect(reading).rejects.toThrow(reason);
    await expect(reading).rejects.toMatchObject({ kind: 'rejected', code: 'RESULT_INVALID' });
  });

  it('printed as a dictionary of Python is rejected with what stood there', async () => {
    await expect(read("{'won': 3}\n")).rejects.toMatchObject({
      code: 'RESULT_INVALID',
      message: expect.stringContaining('the last line of its stdout is "{\'won\': 3}"') as string,
    });
  });

  it.each([
    [
      'a link',
      () => {
        symlinkSync('/etc/hostname', join(folder, 'output.json'));
      },
      'is a link',
    ],
    [
      'a folder',
      () => {
        mkdirSync(join(folder, 'output.json'));
      },
      'is no plain file',
    ],
  ])('in %s is rejected', async (_, make, reason) => {
    make();

    await expect(read('{"won": 3}')).rejects.toMatchObject({
      code: 'RESULT_INVALID',
      message: expect.stringContaining(reason) as string,
    });
  });

  it('above the limit is rejected before it is read, its arrays counted', async () => {
    answer('');
    truncateSync(join(folder, 'output.json'), 3 * 2 ** 20);
    await expect(read()).rejects.toMatchObject({
      kind: 'rejected',
      code: 'RESULT_TOO_LARGE',
      message: 'The result of "vs-random" is 3.0 MB, the limit is 1 MB: return less, or raise maxResultMb.',
    });

    answer('[{"$npy": "a.npy"}, {"$npy": "b.npy"}]');
    for (const name of ['a.npy', 'b.npy']) {
      writeFileSync(join(folder, name), '');
      truncateSync(join(folder, name), 0.75 * 2 ** 20);
    }
    await expect(read()).rejects.toMatchObject({ code: 'RESULT_TOO_LARGE' });
  });

  it('may name a file of its own folder in two ways', async () => {
    writeFileSync(join(folder, 'w.npy'), npy(Float32Array.of(7)));
    linkSync(join(folder, 'w.npy'), join(folder, 'v.npy'));
    answer('[{"$npy": "v.npy"}, {"$npy": "./w.npy"}]');

    expect(await read()).toEqual([Float32Array.of(7), Float32Array.of(7)]);
  });

  it('counts and reads a file once, in however many ways it is named', async () => {
    const values = new Float32Array(0.6 * 2 ** 18);
    writeFileSync(join(folder, 'w.npy'), npy(values));
    answer(`[{"$npy": "w.npy"}, {"$npy": "./w.npy"}, {"$npy": "${folder}/w.npy"}]`);

    const result = (await read()) as unknown[];

    expect(result).toEqual([values, values, values]);
    expect(new Set(result).size).toBe(1);
  });
});

describe('a partial result of a command', () => {
  it('is read as a result is', async () => {
    writeFileSync(join(folder, 'w.npy'), npy(Float32Array.of(7)));
    writeFileSync(join(folder, 'partial'), '{"won": 3, "w": {"$npy": "w.npy"}}');

    const partial = await readCommandPartial({ folder, stdout: '', name: 'vs-random', maxResultMb: 1 });

    expect(partial).toEqual({ won: 3, w: Float32Array.of(7) });
  });
});
