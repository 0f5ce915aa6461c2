import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import type { TlsOptions } from 'node:tls';
import { KubeConfig } from '@kubernetes/client-node';
import { onTestFinished } from 'vitest';

export interface ReceivedRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  body: string;
}

export type Script = (
  request: ReceivedRequest,
  response: ServerResponse,
  socket: Socket,
) => void | Promise<void>;

export interface ScriptedServer {
  origin: string;
  /** All requests so far. */
  requests: ReceivedRequest[];
  /** How many connections were opened so far. */
  connections(): number;
  /** Points the plain HTTP endpoint's users at it. */
  kubeConfig: KubeConfig;
  server: Server;
}

/** An HTTP endpoint, or with `tls` an HTTPS one, that answers as the test's script says. */
export async function scriptedServer(script: Script, tls?: TlsOptions): Promise<ScriptedServer> {
  const requests: ReceivedRequest[] = [];
  const listener = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(message.url ?? '/', 'http://server');
    const request = {
      method: message.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      headers: message.headers,
      body: await text(message),
    };
    requests.push(request);
    await script(request, response, message.socket);
  };
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  let connections = 0;
  server.on('connection', () => {
    connections += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const origin = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`;
  return { origin, requests, connections: () => connections, kubeConfig: plain(origin), server };
}

function plain(server: string): KubeConfig {
  const config = new KubeConfig();
  // client-node takes plain HTTP only where TLS is not to be verified.
  const cluster = { name: 'scripted', server, skipTLSVerify: true };
  config.loadFromClusterAndUser(cluster, { name: 'user', token: 'a-token' });
  return config;
}

/** Answers with JSON. */
export function answer(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

/** Answers with a Status as the API server does. */
export function answerStatus(
  response: ServerResponse,
  code: number,
  reason: string,
  headers: Record<string, string> = {},
): void {
  answer(response, code, statusBody(code, reason), headers);
}

export function statusBody(code: number, reason: string): Record<string, unknown> {
  const message = `told: ${reason}`;
  return { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message };
}
