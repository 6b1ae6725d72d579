import { once } from 'node:events';
import { createServer, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { register, type Registry } from 'prom-client';
import { z } from 'zod';
import { ConfigurationError, parseOptions, reasonOf } from '../errors/index.ts';

export interface ServeMetricsOptions {
  /** The TCP port; 0 takes any that is free. */
  readonly port: number;
  /** Who can reach it. Default: `127.0.0.1`, this machine alone. */
  readonly host?: string;
  /** Default: prom-client's own. */
  readonly registry?: Registry;
}

/** A server of metrics. It does not keep the process alive. */
export interface MetricsServer {
  readonly url: string;
  readonly port: number;
  /** Resolves when it listens no more. */
  readonly close: () => Promise<void>;
}

const optionsSchema = z.strictObject({
  port: z.number().int().min(0).max(65_535).describe('a port, a whole number from 0 to 65535'),
  host: z.string().min(1).describe('a host name or an address').default('127.0.0.1'),
  registry: z
    .custom<Registry>((value) => typeof (value as Partial<Registry> | null)?.metrics === 'function')
    .describe('a Registry of prom-client')
    .optional(),
});

/**
 * Answers `GET /metrics` with all metrics of a registry, as Prometheus asks for them.
 *
 * @throws {ConfigurationError} for wrong options, and where it cannot listen there.
 * @example
 * const { url, close } = await serveMetrics({ port: 9464 });
 */
export async function serveMetrics(options: ServeMetricsOptions): Promise<MetricsServer> {
  const { port, host, registry = register } = parseOptions(optionsSchema, options, 'serveMetrics()');
  const server = createServer((request, response) => {
    void answer(request, response, registry);
  });
  server.unref();
  server.on('connection', (socket) => socket.unref());
  try {
    await once(server.listen(port, host), 'listening');
  } catch (cause) {
    throw new ConfigurationError(
      `serveMetrics() must have a port that it can listen on, but port ${port} of ${host} is not one (${reasonOf(cause)}): take another, or 0 for any.`,
      { cause },
    );
  }
  // A connection that cannot be accepted, as where too many files are open, costs a scrape and not the training.
  server.on('error', () => undefined);
  const address = server.address() as AddressInfo;
  return {
    url: `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}/metrics`,
    port: address.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

async function answer({ method, url }: IncomingMessage, response: ServerResponse, registry: Registry): Promise<void> {
  const tell = (status: number, text: string, headers: OutgoingHttpHeaders = {}): void => {
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers });
    response.end(method === 'HEAD' ? undefined : text);
  };
  // Who asks by a proxy names the whole address.
  const path = url?.replace(/^https?:\/\/[^/?]*/i, '').split('?')[0];
  if (path !== '/metrics') tell(404, 'The metrics are at /metrics.\n');
  else if (method !== 'GET' && method !== 'HEAD')
    tell(405, 'The metrics can only be read: GET /metrics.\n', { allow: 'GET, HEAD' });
  else
    try {
      tell(200, await registry.metrics(), { 'content-type': registry.contentType });
    } catch (error) {
      tell(500, `The metrics could not be collected: ${reasonOf(error)}\n`);
    }
}
