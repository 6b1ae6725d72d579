import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../src/errors/index.ts';
import { processExecutor, type ProcessExecutorOptions } from '../../src/executors/index.ts';

const module = new URL('./evaluate.js', import.meta.url);

describe('a wrong option of processExecutor is refused in one sentence', () => {
  it.each<[object, RegExp]>([
    [{ concurrency: 0 }, /"concurrency" must be a whole number from 1 on: how many run at once, but 0 came/],
    [{ concurrency: '2' }, /"concurrency" must be a whole number from 1 on: how many run at once, but "2" came/],
    [{ nodeArgs: '--expose-gc' }, /"nodeArgs" must be an array of arguments for Node: .*, but "--expose-gc" came/],
    [{ env: { 'A=B': 'c' } }, /"env" must be .*names without "=".*, but the key "A=B" came/],
    [{ env: { A: 1 } }, /"env.A" must be a string without NUL, but 1 came/],
    [{ warm: 'yes' }, /"warm" must be true or false: whether a loaded evaluator is kept .*, but "yes" came/],
    [{ warm: 2 }, /"warm" must be true or false.*, but 2 came/],
    [{ recycleAfter: 0 }, /"recycleAfter" must be a whole number from 1 on: .*, but 0 came/],
    [{ recycleAfter: Infinity }, /"recycleAfter" must be a whole number from 1 on: .*, but Infinity came/],
    [{ wram: true }, /"wram".*did you mean "warm"/],
  ])('%j', (options, sentence) => {
    const make = (): unknown => processExecutor(module, options as ProcessExecutorOptions);

    expect(make).toThrow(ConfigurationError);
    expect(make).toThrow(sentence);
    expect(make).not.toThrow(/\n/);
  });

  it.each(['https://somewhere/evaluate.js', 'evaluate.js', 'file://elsewhere/evaluate.js'])('a URL: %s', (url) => {
    expect(() => processExecutor(url)).toThrow(/must be named by a file: URL of this machine .*, but ".*" came/);
  });
});
