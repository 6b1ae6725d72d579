/** What a transport has to have. A winston transport has it. */
export interface TransportLike {
  /** Default: that of its logger. */
  readonly level?: string | undefined;
  readonly silent?: boolean | undefined;
  readonly name?: unknown;
  /** Takes one line, and calls `done` when it can take the next. A promise that it gives back, and that is rejected, is that line's loss. */
  _write(info: object, encoding: 'utf8', done: (error?: Error | null) => void): unknown;
  end(): unknown;
  emit(event: string, ...told: unknown[]): unknown;
  on(event: 'error', listener: (error: unknown) => void): unknown;
  once(event: 'finish', listener: () => void): unknown;
}

/** A transport, or a function that makes one for each run. */
export type TransportSource = TransportLike | (() => TransportLike);

export function isTransport(value: unknown): value is TransportLike {
  const { _write, end, emit, on } = (value ?? {}) as Partial<TransportLike>;
  return [_write, end, emit, on].every((method) => typeof method === 'function');
}

/** A name for people: what winston calls it, or what its maker called its class. */
export function nameOfTransport({ name, constructor }: TransportLike): string {
  return typeof name === 'string' && name !== '' ? name : constructor.name;
}
