import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { isAlive, readProc } from '../../../src/probes/index.ts';
import { straysOf, strayToken } from '../strays.ts';
import type { ObedientHost } from './obedient-host.ts';
import type { Surroundings } from './run-host.ts';

/** A moment in an evaluation's life at which something of ours may fail. */
export interface Situation {
  readonly name: string;
  readonly surroundings?: (folder: string) => Surroundings;
  /** Brings it about. @returns the ids of the evaluations that are in flight then. */
  readonly arrange: (host: ObedientHost) => Promise<readonly string[]>;
  /** What the test must do before the host can go on by itself. */
  readonly after?: (host: ObedientHost) => void;
}

export const sleepProgram = '/bin/sleep';

const loading: Situation = {
  name: 'its evaluator loads',
  arrange: async (host) => {
    host.holdsLoading();
    host.run('first');
    await host.phase('loading');
    return ['first'];
  },
  after: (host) => {
    host.loads();
  },
};

const waitingForInput: Situation = {
  name: 'its evaluator waits for a large input',
  surroundings: (folder) => {
    expect(spawnSync('mkfifo', [pipeIn(folder)]).status).toBe(0);
    return { env: { UV_THREADPOOL_SIZE: '1' } };
  },
  arrange: async (host) => {
    host.tell({ do: 'hold the disk', pipe: pipeIn(host.folder) });
    host.run('first', { megabytes: 20 });
    await host.phase('loaded');
    return ['first'];
  },
  after: (host) => {
    closeSync(openSync(pipeIn(host.folder), 'w'));
  },
};

const pipeIn = (folder: string): string => join(folder, 'pipe');

const working: Situation = {
  name: 'its evaluator works, with children of its own',
  arrange: async (host) => {
    host.run('first', { input: { does: 'leave children', sleep: sleepProgram, token: strayToken() } });
    await host.phase('working');
    await host.started('first');
    return ['first'];
  },
};

const ending: Situation = {
  name: 'a large tree is being ended',
  arrange: async (host) => {
    const token = strayToken();
    host.run('first', { input: { does: 'run a program', program: 'sh', args: ['-c', bomb, 'sh', token] }, graceMs: 1 });
    const pid = await host.phase('working');
    await vi.waitFor(() => {
      expect(straysOf(token).length).toBeGreaterThan(60);
    }, 60_000);
    // Its guard cannot reap it: so it is being ended for as long as the supervisor is patient with that.
    process.kill(parentOf(pid), 'SIGSTOP');
    host.tell({ do: 'abort', id: 'first' });
    await vi.waitFor(
      () => {
        expect(isAlive(pid)).toBe(false);
      },
      { timeout: 20_000, interval: 1 },
    );
    return ['first'];
  },
};

/** 64 processes, half of them in sessions of their own, which nobody waits for. */
const bomb = `
  fork() {
    if [ $1 -gt 0 ]; then fork $(($1 - 1)) & fork $(($1 - 1)) & fi
    if [ $(($1 % 2)) -eq 0 ]; then exec setsid sleep "$token"; fi
    exec sleep "$token"
  }
  token=$1
  fork 5`;

function parentOf(pid: number): number {
  const stat = readProc(`/proc/${pid}/stat`) ?? '';
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

const idle: Situation = {
  name: 'a warm evaluator waits, stopped',
  arrange: async (host) => {
    host.run('before', { options: { warm: true } });
    expect(await host.ended('before')).toMatchObject({ result: { weights: 0 } });
    await isStopped(await host.phase('loaded'));
    return [];
  },
};

/** Stopped by a signal, and known to be. */
export async function isStopped(pid: number): Promise<void> {
  await vi.waitFor(
    () => {
      expect(stateOf(pid)).toBe('T');
    },
    { timeout: 20_000, interval: 1 },
  );
}

function stateOf(pid: number): string | undefined {
  const stat = readProc(`/proc/${pid}/stat`) ?? '';
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[0];
}

const loadingSpare: Situation = {
  name: 'a spare is loaded',
  arrange: async (host) => {
    const limits = { evaluationTimeMs: 3000 }; // enough to begin, on a loaded machine too
    host.run('before', { options: { warm: true }, input: { does: 'spin' }, limits });
    await host.phase('working');
    host.holdsLoading();
    expect(await host.ended('before')).toMatchObject({ kind: 'violation' });
    await host.phase('loading', 2);
    return [];
  },
  after: (host) => {
    host.loads();
  },
};

const queue: Situation = {
  name: 'another waits in the queue',
  arrange: async (host) => {
    host.tell({ do: 'bound', maxProcesses: 1 });
    host.run('first', { input: { does: 'spin' } });
    host.run('second');
    await host.phase('working');
    return ['first', 'second'];
  },
};

/** Every phase that something may fail in. */
export const situations: readonly Situation[] = [loading, waitingForInput, working, ending, idle, loadingSpare, queue];

/** Those that nobody but the kernel has to end: of a guard that somebody has stopped it cannot. */
export const situationsOfTheKernel = situations.filter((each) => each !== ending);
