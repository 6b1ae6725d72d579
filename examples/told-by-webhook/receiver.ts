import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { verifyWebhook, type WebhookMessage } from 'pitwall';

/** Listens on this machine, and hands on what somebody has sent who knows the secret, each message once. */
export async function startReceiver(secret: string, onMessage: (message: WebhookMessage) => void) {
  const seen = new Set<string>();
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const signature = request.headers['x-pitwall-signature'];
      if (!verifyWebhook({ body, signature, secret })) {
        response.writeHead(401).end();
        return;
      }
      const message = JSON.parse(body) as WebhookMessage;
      if (!seen.has(message.id)) onMessage(message);
      seen.add(message.id);
      response.writeHead(204).end();
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const close = async (): Promise<void> => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/pitwall`, close };
}
