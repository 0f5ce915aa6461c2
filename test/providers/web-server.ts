import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer, type ServerOptions } from 'node:https';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** `performance.now()` at its arrival. */
  readonly at: number;
}

export interface WebServer {
  readonly url: string;
  readonly received: readonly ReceivedRequest[];
}

export type Answer = (
  request: ReceivedRequest,
  response: ServerResponse,
  incoming: IncomingMessage,
) => unknown;

/** Starts an HTTP server on 127.0.0.1, with TLS where it is given a certificate, for one test. */
export async function startWebServer(answer: Answer, tls?: ServerOptions): Promise<WebServer> {
  const received: ReceivedRequest[] = [];
  const handle = async (incoming: IncomingMessage, response: ServerResponse) => {
    const { method = '', url: path = '', headers } = incoming;
    const at = performance.now();
    const request = { method, path, headers, body: await text(incoming), at };
    received.push(request);
    await answer(request, response, incoming);
  };
  const server = tls === undefined ? createServer(handle) : createSecureServer(tls, handle);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on a port');
  const scheme = tls === undefined ? 'http' : 'https';
  return { url: `${scheme}://127.0.0.1:${address.port}`, received };
}
