import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { WebhookMessage } from '../../src/index.ts';

/** One request, which waits for its answer. */
export interface Received {
  readonly path: string;
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly message: WebhookMessage;
  answer(status: number, headers?: Readonly<Record<string, string>>): void;
  /** Breaks the connection. */
  reset(): void;
  /** Resolves when the connection is gone. */
  readonly gone: Promise<void>;
}

/** A real server on loopback that answers when the test says so. */
export async function receiver() {
  const received: Received[] = [];
  const waiting: ((request: Received) => void)[] = [];
  let taken = 0;
  const server = createServer((request, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const present: Received = {
        path: request.url ?? '',
        method: request.method ?? '',
        headers: request.headers,
        body,
        message: JSON.parse(body) as WebhookMessage,
        answer: (status, headers = {}) => response.writeHead(status, headers).end('ok'),
        reset: () => request.socket.destroy(),
        gone: new Promise((resolve) => response.on('close', resolve)),
      };
      received.push(present);
      waiting[received.length - 1]?.(present);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(close);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hooks/T0P-S3CRET?token=h1dden`,
    origin: `http://127.0.0.1:${port}`,
    received,
    close,
    /** The next request that the test has not seen, when it has come whole. */
    next: async (): Promise<Received> => {
      const at = taken++;
      return received[at] ?? (await new Promise((resolve) => (waiting[at] = resolve)));
    },
  };
}
