import { accessSync, constants } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Registry } from 'prom-client';
import { ConfigurationError, reasonOf } from '../errors/index.ts';

/**
 * Keeps a file of a registry's metrics, for those who read files instead of asking: node_exporter's textfile collector, say. It is
 * whole at every moment. Writes never pile up: what changes while one is under way is in the next.
 */
export class PrometheusFile {
  readonly #path: string;
  readonly #registry: Registry;
  readonly #onError: (error: unknown) => void;
  #writing: Promise<void> | undefined;
  #isStale = false;

  /** @throws {ConfigurationError} where no file can be made there. */
  constructor(path: string, registry: Registry, onError: (error: unknown) => void) {
    this.#path = path;
    this.#registry = registry;
    this.#onError = onError;
  }

  static requireWritable(path: string): void {
    try {
      accessSync(dirname(path), constants.W_OK);
    } catch (cause) {
      throw new ConfigurationError(
        `prometheusMetrics(): "textfile" must be in a folder that can be written, but ${dirname(path)} cannot (${reasonOf(cause)}).`,
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

  async #write(): Promise<void> {
    const fresh = `${this.#path}.${process.pid}.tmp`;
    while (this.#isStale) {
      this.#isStale = false;
      try {
        await writeFile(fresh, await this.#registry.metrics());
        await rename(fresh, this.#path);
      } catch (error) {
        await rm(fresh, { force: true }).catch(() => undefined);
        this.#onError(error);
      }
    }
  }
}
