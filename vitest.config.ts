import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { compiledTests } from './test/process/compiled/compiled-tests.ts';

const source = { resolve: { conditions: ['pitwall:source'] }, ssr: { resolve: { conditions: ['pitwall:source'] } } };

export default defineConfig({
  test: {
    projects: [
      // Virtual time only: no child process is started here.
      {
        ...source,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/process/**', 'test/dist/**'],
          // Most of a file's time would be the loading of what all of them load. One that mocks a module resets it.
          isolate: false,
          maxWorkers: Math.max(2, availableParallelism() - 1),
          testTimeout: 20_000,
        },
      },
      // Real processes, started from source that is compiled once.
      {
        plugins: [compiledTests()],
        test: {
          name: 'process',
          include: ['test/process/**/*.test.ts'],
          globalSetup: ['test/process/compiled/compile.ts'],
          pool: 'forks',
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // Two at a time leave the lowest priority nothing of a small machine, and what is to flood does not come to it.
          maxWorkers: 1,
          // Of those that say of themselves that they may.
          maxConcurrency: 2,
        },
      },
      // The built package as a user gets it.
      {
        test: {
          name: 'dist',
          include: ['test/dist/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          maxWorkers: 1,
        },
      },
    ],
  },
});
