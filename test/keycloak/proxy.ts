import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';

export interface PassingRequest {
  readonly method: string;
  /** Below the server's base URL, with the query. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
}

/**
 * The connection is cut: before Keycloak sees the request, or after it was carried out; or
 * something happens before the request goes on.
 */
export type Fault = 'cut-before' | 'cut-after' | (() => Promise<unknown>);

/** A proxy in front of Keycloak that loses requests and answers, or holds them up. */
export interface KeycloakProxy {
  readonly url: string;
  readonly passed: readonly PassingRequest[];
  /** What happens to the next request that matches; once. */
  disturbNext(matches: (request: PassingRequest) => boolean, fault: Fault): void;
  stop(): Promise<void>;
}

/** Starts a proxy on a free port of 127.0.0.1. */
export async function startKeycloakProxy(target: string): Promise<KeycloakProxy> {
  const passed: PassingRequest[] = [];
  const faults: { matches: (request: PassingRequest) => boolean; fault: Fault }[] = [];

  const server = createServer(async (incoming, outgoing) => {
    const { method = '', url: path = '', headers } = incoming;
    const request = { method, path, headers };
    const body = await buffer(incoming);
    const index = faults.findIndex(({ matches }) => matches(request));
    const [planned] = index < 0 ? [] : faults.splice(index, 1);
    if (planned?.fault === 'cut-before') return outgoing.destroy();
    if (typeof planned?.fault === 'function') await planned.fault();
    passed.push(request);
    const answer = await fetch(target + path, {
      method,
      headers: forwarded(headers),
      body: body.length === 0 ? null : new Uint8Array(body),
    });
    const text = await answer.text();
    if (planned?.fault === 'cut-after') return outgoing.destroy();
    const type = answer.headers.get('content-type');
    return outgoing
      .writeHead(answer.status, type === null ? {} : { 'content-type': type })
      .end(text);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on a port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    passed,
    disturbNext(matches, fault) {
      faults.push({ matches, fault });
    },
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function forwarded(headers: IncomingMessage['headers']): Headers {
  const kept = new Headers();
  for (const name of ['authorization', 'content-type', 'accept', 'x-request-id']) {
    const value = headers[name];
    if (typeof value === 'string') kept.set(name, value);
  }
  return kept;
}
