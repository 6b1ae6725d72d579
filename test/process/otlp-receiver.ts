import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A span as it came over the wire; times are wall-clock milliseconds. */
export interface ReceivedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string | undefined;
  readonly linkIds: readonly string[];
  readonly from: number;
  readonly until: number;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** A value of a metric as it came: of a histogram how many it has. */
export interface ReceivedPoint {
  readonly name: string;
  readonly unit: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly value: number;
}

type Json = Record<string, unknown>;

/** A receiver of OTLP over HTTP on this machine, which can be stopped, or be made to accept and never answer. */
export class OtlpReceiver {
  readonly spans: ReceivedSpan[] = [];
  /** By name and attributes, the last that came. */
  readonly points = new Map<string, ReceivedPoint>();
  readonly #server = createServer((request, response) => {
    void this.#take(request, response);
  });
  readonly #waiting = new Set<() => void>();
  #isStuck = false;
  #unanswered = 0;

  /** @returns where it listens. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Resolves when what has come is enough. */
  until(isEnough: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!isEnough()) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** How many requests have come that get no answer. */
  get unanswered(): number {
    return this.#unanswered;
  }

  /** From here on it takes requests, and never answers. */
  stick(): void {
    this.#isStuck = true;
  }

  /** From here on nobody listens. */
  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => {
        resolve();
      });
      this.#server.closeAllConnections();
    });
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (this.#isStuck) this.#unanswered++;
    else {
      this.#read(JSON.parse(Buffer.concat(chunks).toString()) as Json);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    }
    for (const look of this.#waiting) look();
  }

  #read(body: Json): void {
    for (const span of listsIn(body, 'resourceSpans', 'scopeSpans', 'spans')) this.spans.push(spanOf(span));
    for (const metric of listsIn(body, 'resourceMetrics', 'scopeMetrics', 'metrics'))
      for (const point of pointsOf(metric)) this.points.set(`${point.name} ${JSON.stringify(point.attributes)}`, point);
  }
}

function listsIn(body: Json, ...path: readonly string[]): Json[] {
  return path.reduce<Json[]>((found, key) => found.flatMap((each) => (each[key] as Json[] | undefined) ?? []), [body]);
}

function spanOf(span: Json): ReceivedSpan {
  return {
    name: String(span.name),
    traceId: String(span.traceId),
    spanId: String(span.spanId),
    parentId: span.parentSpanId as string | undefined,
    linkIds: listsIn(span, 'links').map(({ spanId }) => String(spanId)),
    from: millisecondsOf(span.startTimeUnixNano),
    until: millisecondsOf(span.endTimeUnixNano),
    attributes: attributesOf(span),
  };
}

/** Of nanoseconds, which are too many for a double to be exact. */
function millisecondsOf(nanoseconds: unknown): number {
  return Number(BigInt(nanoseconds as string) / 1_000_000n);
}

function pointsOf(metric: Json): ReceivedPoint[] {
  return ['sum', 'gauge', 'histogram'].flatMap((kind) =>
    listsIn((metric[kind] as Json | undefined) ?? {}, 'dataPoints').map((point) => ({
      name: String(metric.name),
      unit: String(metric.unit),
      attributes: attributesOf(point),
      value: Number(point.asInt ?? point.asDouble ?? point.count),
    })),
  );
}

function attributesOf(holder: Json): Record<string, unknown> {
  return Object.fromEntries(
    listsIn(holder, 'attributes').map(({ key, value }) => {
      const [kind, told] = Object.entries(value as Json)[0] ?? [];
      return [String(key), kind === 'intValue' ? Number(told) : told];
    }),
  );
}
