import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { text } from 'node:stream/consumers';
import type { Clock } from './clock.ts';
import type { Fault, Faults } from './faults.ts';
import { unexpected } from './problem.ts';

export interface ReceivedRequest {
  readonly server: 'api' | 'auth';
  readonly method: string;
  /** The path with its query, as it was sent. */
  readonly target: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Undefined: an empty body. */
  readonly json?: unknown;
}

/** What a test may look at: no credentials, and bodies of the management API alone. */
export interface RecordedRequest {
  readonly server: 'api' | 'auth';
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
  /** Epoch milliseconds of the simulator's clock. */
  readonly at: number;
  /** What was answered; undefined where the connection was cut or the answer is still to come. */
  status: number | undefined;
}

export interface HostOptions {
  readonly name: 'api' | 'auth';
  readonly tls: { readonly certificate: string; readonly key: string } | undefined;
  readonly clock: Clock;
  readonly faults: Faults;
  readonly record: (request: RecordedRequest) => void;
  readonly handle: (request: ReceivedRequest) => Reply;
}

/** A listener on a free port of 127.0.0.1. */
export interface Host {
  readonly url: string;
  stop(): Promise<void>;
}

const CREDENTIAL_HEADERS = new Set(['authorization', 'cookie', 'proxy-authorization']);

/** Starts a listener that records, lets faults strike, and answers what `handle` says. */
export async function startHost(options: HostOptions): Promise<Host> {
  const { tls } = options;
  const onRequest = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    serve(options, incoming, outgoing).catch(() => outgoing.destroy());
  };
  const server: Server =
    tls === undefined
      ? createServer(onRequest)
      : createSecureServer({ cert: tls.certificate, key: tls.key }, onRequest);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on a port');
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${address.port}`,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function serve(
  { name, clock, faults, record, handle }: HostOptions,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const { method = '', url: target = '', headers } = incoming;
  const body = await text(incoming);
  const url = new URL(target, 'http://127.0.0.1');
  const request: ReceivedRequest = { server: name, method, target, url, headers, body };
  const recorded: RecordedRequest = {
    server: name,
    method,
    path: target,
    headers: withoutCredentials(headers),
    body: name === 'api' ? body : '',
    at: clock.now(),
    status: undefined,
  };
  record(recorded);

  const fault = faults.take(request);
  if (fault?.kind === 'hold' && fault.when === 'before') await fault.until;
  const usual = fault !== undefined && suppresses(fault) ? undefined : handle(request);
  if (fault?.kind === 'hold' && fault.when === 'after') await fault.until;
  if (fault?.kind === 'drop') {
    outgoing.destroy();
    return;
  }
  const reply = fault?.kind === 'answer' ? faultReply(fault) : (usual ?? unexpectedReply(500));
  recorded.status = reply.status;
  send(outgoing, reply);
}

/** Whether a fault keeps the request from being carried out. */
function suppresses(fault: Fault): boolean {
  return fault.when === 'before' && fault.kind !== 'hold';
}

function faultReply(fault: Extract<Fault, { kind: 'answer' }>): Reply & { raw?: string } {
  const { status, headers = {}, body } = fault;
  if (body !== undefined) return { status, headers, raw: body };
  return status < 300 ? { status, headers } : { ...unexpectedReply(status), headers };
}

function unexpectedReply(status: number): Reply {
  return unexpected(status).toReply('innerError');
}

function send(outgoing: ServerResponse, reply: Reply & { readonly raw?: string }): void {
  const body = reply.raw ?? (reply.json === undefined ? '' : JSON.stringify(reply.json));
  outgoing.writeHead(reply.status, {
    ...(body === '' ? {} : { 'Content-Type': 'application/hal+json;charset=UTF-8' }),
    ...reply.headers,
  });
  outgoing.end(body);
}

function withoutCredentials(headers: IncomingHttpHeaders): Readonly<Record<string, unknown>> {
  const shown = Object.entries(headers).filter(([name]) => !CREDENTIAL_HEADERS.has(name));
  return Object.fromEntries(shown);
}
