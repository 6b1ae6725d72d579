import { once } from 'node:events';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';

/** What OTLP over HTTP looks like, as far as it is read here. */
interface Sent {
  readonly resourceSpans?: readonly {
    readonly scopeSpans: readonly {
      readonly spans: readonly {
        readonly name: string;
        readonly traceId: string;
        readonly status: { readonly message?: string };
      }[];
    }[];
  }[];
  readonly resourceMetrics?: readonly {
    readonly scopeMetrics: readonly { readonly metrics: readonly { readonly name: string }[] }[];
  }[];
}

/** Takes spans and metrics on this machine, in the place of a collector. */
export async function startCollector() {
  const spans: { readonly name: string; readonly traceId: string; readonly error: string }[] = [];
  const metrics = new Set<string>();
  const server = createServer((request, response) => {
    void json(request).then((body) => {
      const { resourceSpans = [], resourceMetrics = [] } = body as Sent;
      for (const { name, traceId, status } of resourceSpans
        .flatMap(({ scopeSpans }) => scopeSpans)
        .flatMap((scope) => scope.spans))
        spans.push({ name, traceId, error: status.message ?? '' });
      for (const { name } of resourceMetrics
        .flatMap(({ scopeMetrics }) => scopeMetrics)
        .flatMap((scope) => scope.metrics))
        metrics.add(name);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const close = async (): Promise<void> => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, spans, metrics, close };
}
