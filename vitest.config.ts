import { defineConfig } from 'vitest/config';

const source = { resolve: { conditions: ['pitwall:source'] }, ssr: { resolve: { conditions: ['pitwall:source'] } } };

export default defineConfig({
  test: {
    projects: [
      // Virtual time only: no child process is started here.
      {
        ...source,
        test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: ['test/process/**', 'test/dist/**'] },
      },
      // Real processes, started from source.
      {
        ...source,
        test: {
          name: 'process',
          include: ['test/process/**/*.test.ts'],
          pool: 'forks',
          execArgv: ['--import', 'tsx', '-C', 'pitwall:source'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // Two at a time leave the lowest priority nothing of a small machine, and what is to flood does not come to it.
          maxWorkers: 1,
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
