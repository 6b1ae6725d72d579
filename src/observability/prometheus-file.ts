import { randomUUID } from 'node:crypto';
import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { readlink, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Registry } from 'prom-client';
import { systemClock, type Clock } from '../clock/index.ts';
import { ConfigurationError, reasonOf } from '../errors/index.ts';

/** Whatever a collector of the registry waits for, the end of a run waits no longer. */
const inTimeMs = 5_000;

/**
 * Keeps a file of a registry's metrics, for those who read files instead of asking: node_exporter's textfile collector, say. It is
 * whole at every moment. Writes never pile up: what changes while one is under way is in the next. Where a link is there, the file that
 * it names is kept.
 */
export class PrometheusFile {
  readonly #path: string;
  readonly #registry: Registry;
  readonly #onError: (error: unknown) => void;
  readonly #clock: Clock;
  #writing: Promise<void> | undefined;
  #isStale = false;

  constructor(path: string, registry: Registry, onError: (error: unknown) => void, clock: Clock = systemClock) {
    this.#path = path;
    this.#registry = registry;
    this.#onError = onError;
    this.#clock = clock;
  }

  /** @throws {ConfigurationError} where no file can be made there, or something else would be replaced. */
  static requireWritable(path: string): void {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isDirectory() === true)
      throw new ConfigurationError(
        `prometheusMetrics(): "textfile" must be the path of a file, but ${path} is a folder: name a file in it.`,
      );
    if (found?.isFile() === false)
      throw new ConfigurationError(
        `prometheusMetrics(): "textfile" must be the path of a file, but ${path} is a device, a pipe or a socket, which it would replace: name a file.`,
      );
    const folder = dirname(found === undefined ? path : realpathSync(path));
    try {
      accessSync(folder, constants.W_OK);
    } catch (cause) {
      throw new ConfigurationError(
        `prometheusMetrics(): "textfile" must be in a folder that can be written, but ${folder} cannot (${reasonOf(cause)}).`,
        { cause },
      );
    }
  }

  /** Has it written. @returns resolves when the metrics of now are in the file, or could not be written; never rejects. */
  refresh(): Promise<void> {
    this.#isStale = true;
    this.#writing ??= this.#write().finally(() => (this.#writing = undefined));
    return this.#writing;
  }

  /** The same, and resolves without it when that takes five seconds. */
  refreshInTime(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.setTimeout(resolve, inTimeMs);
      void this.refresh().then(() => {
        cancel();
        resolve();
      });
    });
  }

  async #write(): Promise<void> {
    while (this.#isStale) {
      this.#isStale = false;
      const path = await targetOf(this.#path);
      // Other runs, threads too, may keep the same file.
      const fresh = `${path}.${randomUUID()}.tmp`;
      try {
        await writeFile(fresh, await this.#registry.metrics());
        await rename(fresh, path);
      } catch (error) {
        await rm(fresh, { force: true }).catch(() => undefined);
        this.#onError(error);
      }
    }
  }
}

/** What is there after all links, or will be. */
async function targetOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const next = await readlink(path).catch(() => undefined);
    return next === undefined ? path : resolve(dirname(path), next);
  }
}
