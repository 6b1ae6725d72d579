import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../src/errors/index.ts';
import { processExecutor, type ProcessExecutorOptions } from '../../src/executors/index.ts';

const module = new URL('./evaluate.js', import.meta.url);

describe('a wrong option of processExecutor is refused in one sentence', () => {
  it.each<[object, RegExp]>([
    [{ concurrency: 0 }, /"concurrency" must be a whole number from 1 on: how many run at once, but 0 came/],
    [{ concurrency: '2' }, /"concurrency" must be a whole number from 1 on: how many run at once, but "2" came/],
    [{ nodeArgs: '--expose-gc' }, /"nodeArgs" must be an array of arguments for Node: .*, but "--expose-gc" came/],
    [{ nodeArgs: ['--expose-gc', ''] }, /"nodeArgs\[1\]" must be an argument for Node, .* not empty .*, but "" came/],
    [{ nodeArgs: ['a\0b'] }, /"nodeArgs\[0\]" must be an argument for Node, .* no NUL, but "a\\u0000b" came/],
    [{ nodeArgs: [7] }, /"nodeArgs\[0\]" must be an argument for Node, .*, but 7 came/],
    [{ env: { 'A=B': 'c' } }, /"env" must be .*names without "=".*, but the key "A=B" came/],
    [{ env: { A: 1 } }, /"env.A" must be a string without NUL, but 1 came/],
    [{ env: { 'A\0': 'c' } }, /"env" must be .*names without "=" and NUL.*, but the key "A\\u0000" came/],
    [{ env: { A: '\0' } }, /"env.A" must be a string without NUL/],
    [{ env: { PITWALL_HOST: 'x' } }, /"env.PITWALL_HOST" must be left out, .*PITWALL_EVALUATION, PITWALL_EXECUTION/],
    [{ env: { PITWALL_SCRATCH: '[]' } }, /"env.PITWALL_SCRATCH" must be left out, because Pitwall sets it itself/],
    [{ warm: 'yes' }, /"warm" must be true or false: whether a loaded evaluator is kept .*, but "yes" came/],
    [{ warm: 2 }, /"warm" must be true or false.*, but 2 came/],
    [{ recycleAfter: 0 }, /"recycleAfter" must be a whole number from 1 on: .*, but 0 came/],
    [{ recycleAfter: Infinity }, /"recycleAfter" must be a whole number from 1 on: .*, but Infinity came/],
    [{ recycleAfter: 3 }, /"recycleAfter" must stand beside "warm", but only 3 came: add warm: true, or leave it out/],
    [{ wram: true }, /"wram".*did you mean "warm"/],
  ])('%j', (options, sentence) => {
    const make = (): unknown => processExecutor(module, options as ProcessExecutorOptions);

    expect(make).toThrow(ConfigurationError);
    expect(make).toThrow(sentence);
    expect(make).not.toThrow(/\n/);
  });

  it.each([
    ['file:///a%2fb.js', 'File URL path must not include encoded / characters'],
    ['file:///a%00b.js', 'no path has a NUL character'],
  ])('a URL that names no path: %s', (url, why) => {
    for (const each of [url, new URL(url)])
      expect(() => processExecutor(each)).toThrow(
        expect.objectContaining({
          code: 'CONFIGURATION',
          message: expect.stringMatching(
            new RegExp(`must be named by a file: URL .*, but "${url}" came: ${why}`),
          ) as string,
        }) as Error,
      );
  });

  it.each([null, 42, Symbol('url')])('no URL: %s', (url) => {
    expect(() => processExecutor(url as never)).toThrow(/must be named by a file: URL of this machine .*, but .* came/);
  });

  it.each(['https://somewhere/evaluate.js', 'evaluate.js', 'file://elsewhere/evaluate.js'])('a URL: %s', (url) => {
    expect(() => processExecutor(url)).toThrow(/must be named by a file: URL of this machine .*, but ".*" came/);
  });
});
