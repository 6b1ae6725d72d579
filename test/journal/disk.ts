import type { JournalFile } from '../../src/journal/index.ts';

/** A disk in memory: what was written, what of it would survive a power failure, and failures on demand. */
export class Disk {
  content = Buffer.alloc(0);
  synced = Buffer.alloc(0);
  writes = 0;
  syncs = 0;
  opens = 0;
  closed = false;
  /** Thrown by the operation of that name while it is set. */
  readonly failing: Partial<Record<'open' | 'write' | 'datasync' | 'truncate', Error>> = {};
  /** Bytes that a write takes before `failing.write` is thrown. */
  takesBeforeFailing = 0;
  /** At most this many bytes a write. */
  takes = Infinity;
  /** While set, nothing answers. */
  stuck: Promise<void> | undefined;

  readonly open = async (): Promise<JournalFile> => {
    this.opens++;
    await this.#answer('open');
    return {
      bytes: this.content.length,
      write: async (bytes) => {
        this.writes++;
        await this.stuck;
        const taken = bytes.subarray(0, this.failing.write === undefined ? this.takes : this.takesBeforeFailing);
        this.content = Buffer.concat([this.content, taken]);
        if (this.failing.write !== undefined) throw this.failing.write;
        return taken.length;
      },
      datasync: async () => {
        this.syncs++;
        const content = this.content;
        await this.#answer('datasync');
        this.synced = content;
      },
      truncate: async (bytes) => {
        await this.#answer('truncate');
        this.content = this.content.subarray(0, bytes);
      },
      close: async () => {
        await this.stuck;
        this.closed = true;
      },
    };
  };

  async #answer(operation: 'open' | 'datasync' | 'truncate'): Promise<void> {
    await this.stuck;
    const failure = this.failing[operation];
    if (failure !== undefined) throw failure;
  }

  /** The `seq` of each line that is safe. */
  get safe(): number[] {
    return seqsOf(this.synced);
  }
}

export function seqsOf(content: Buffer): number[] {
  const lines = content.toString().split('\n').slice(0, -1);
  return lines.map((line) => (JSON.parse(line) as { seq: number }).seq);
}
