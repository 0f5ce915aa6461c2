import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, request as forwardRequest, type RequestOptions } from 'node:https';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import type { KubeConfigFile } from '../testbed/access.ts';
import {
  createAuthority,
  issueServerCertificate,
  type KeyCertificate,
} from '../testbed/certificates.ts';
import { freePort } from '../testbed/ports.ts';
import { type ProxiedRequest, readRequest } from './request.ts';

/** Answers in the API server's place, or leaves the request without an answer. */
export type Substitute = (outgoing: ServerResponse) => void;

/** Passes on, in a way of its own, the body of an answer whose head was passed on. */
export type Relay = (answer: IncomingMessage, outgoing: ServerResponse) => void;

/** What becomes of a request or of its answer: its connection is closed or reset; undefined: it passes. */
type Verdict<T> = 'cut' | 'reset' | T | undefined;

/** Looks at what passes through; a hook that waits holds it back. */
export interface Interceptor {
  /** Before the request is forwarded. */
  readonly onRequest?: (
    request: ProxiedRequest,
  ) => Verdict<Substitute> | Promise<Verdict<Substitute>>;
  /** Once the API server has carried it out, before any of the answer is passed on. */
  readonly onAnswer?: (
    request: ProxiedRequest,
    status: number,
  ) => Verdict<Relay> | Promise<Verdict<Relay>>;
}

/** A proxy in front of an API server that ends TLS, so that faults can be made between the two. */
export interface FaultProxy {
  /** The target's credentials, to be used by way of the proxy. */
  readonly kubeConfig: KubeConfigFile;
  /** Asks `interceptor` about everything from now on, until the returned function is called. */
  intercept(interceptor: Interceptor): () => void;
  /** Cuts the connections of the matching requests under way; returns how many. */
  cut(matches: (request: ProxiedRequest) => boolean): number;
  /** How many of the matching requests are under way, watches among them. */
  underWay(matches: (request: ProxiedRequest) => boolean): number;
  /** Presents another server certificate from now on, to everybody: all connections are cut. */
  present(identity: KeyCertificate): void;
  /** How many connections are open. */
  connections(): number;
  stop(): Promise<void>;
}

export interface FaultProxyOptions {
  /** What each answer's `Date` header says, given the time that it would say; the same by default. */
  readonly serverTime?: (date: number) => number;
}

/** Starts a proxy for the current context of a kubeconfig on a free port of 127.0.0.1. */
export async function startFaultProxy(
  target: KubeConfig,
  { serverTime = (date) => date }: FaultProxyOptions = {},
): Promise<FaultProxy> {
  const server = target.getCurrentCluster()?.server;
  if (server === undefined) throw new Error('the kubeconfig has no current cluster');
  const credentials: RequestOptions = {};
  await target.applyToHTTPSOptions(credentials);
  const { ca, cert, key } = credentials;
  const agent = new Agent({ keepAlive: true, ...(cert && { cert }), ...(key && { key }), ca });

  const interceptors = new Set<Interceptor>();
  const underWay = new Map<ProxiedRequest, () => void>();
  const sockets = new Map<number | undefined, Socket>();

  async function verdictOf<T>(
    ask: (interceptor: Interceptor) => Verdict<T> | Promise<Verdict<T>>,
  ): Promise<Verdict<T>> {
    for (const interceptor of interceptors) {
      const verdict = await ask(interceptor);
      if (verdict !== undefined) return verdict;
    }
    return undefined;
  }

  function end(outgoing: ServerResponse, verdict: unknown): void {
    // A TLS socket closes in order: only the one beneath can be reset.
    if (verdict === 'reset') sockets.get(outgoing.socket?.remotePort)?.resetAndDestroy();
    else outgoing.destroy();
  }

  async function pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const request = await readRequest(incoming);
    underWay.set(request, () => outgoing.destroy());
    outgoing.once('close', () => underWay.delete(request));
    const before = await verdictOf<Substitute>(({ onRequest }) => onRequest?.(request));
    if (before === 'cut' || before === 'reset' || outgoing.closed) {
      end(outgoing, before);
      return;
    }
    if (before !== undefined) {
      outgoing.setHeader('date', httpDate(serverTime(Date.now())));
      before(outgoing);
      return;
    }
    const { method, headers, url = '' } = incoming;
    const forwarded = forwardRequest(new URL(url, server), { method, headers, agent });
    outgoing.once('close', () => forwarded.destroy());
    forwarded.end(request.body);
    const answer = await answerTo(forwarded);
    const status = answer.statusCode ?? 0;
    const after = await verdictOf<Relay>(({ onAnswer }) => onAnswer?.(request, status));
    if (after === 'cut' || after === 'reset') {
      end(outgoing, after);
      return;
    }
    outgoing.writeHead(status, withServerTime(answer.rawHeaders, serverTime));
    // The head of a watch's answer comes long before its first event.
    outgoing.flushHeaders();
    answer.on('error', () => outgoing.destroy());
    if (after === undefined) answer.pipe(outgoing);
    else after(answer, outgoing);
  }

  const authority = createAuthority();
  const { certificate, key: serverKey } = issueServerCertificate(authority, ['127.0.0.1']);
  const proxy = createServer({ cert: certificate, key: serverKey }, (incoming, outgoing) => {
    pass(incoming, outgoing).catch(() => outgoing.destroy());
  });
  proxy.on('connection', (socket: Socket) => {
    const { remotePort } = socket;
    sockets.set(remotePort, socket);
    socket.once('close', () => sockets.delete(remotePort));
  });
  const port = await freePort();
  proxy.listen(port, '127.0.0.1');
  await once(proxy, 'listening');
  const directory = mkdtempSync(join(tmpdir(), 'keyturn-proxy-'));

  return {
    kubeConfig: kubeConfigFile(target, authority.certificate, port, join(directory, 'kubeconfig')),
    intercept(interceptor) {
      interceptors.add(interceptor);
      return () => interceptors.delete(interceptor);
    },
    cut(matches) {
      const matching = [...underWay].filter(([request]) => matches(request));
      for (const [, destroy] of matching) destroy();
      return matching.length;
    },
    underWay: (matches) => underWay.keys().filter(matches).toArray().length,
    present({ certificate: cert, key }) {
      proxy.setSecureContext({ cert, key });
      for (const socket of sockets.values()) socket.destroy();
    },
    connections: () => sockets.size,
    async stop() {
      const closed = once(proxy, 'close');
      proxy.close();
      proxy.closeAllConnections();
      await closed;
      agent.destroy();
      rmSync(directory, { recursive: true });
    },
  };
}

/** Headers as names and values in turn. */
function withServerTime(
  rawHeaders: readonly string[],
  serverTime: (date: number) => number,
): string[] {
  return rawHeaders.map((text, index) =>
    index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === 'date'
      ? httpDate(serverTime(Date.parse(text)))
      : text,
  );
}

function httpDate(time: number): string {
  return new Date(time).toUTCString();
}

function answerTo(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve).on('error', reject);
  });
}

function kubeConfigFile(
  target: KubeConfig,
  caCertificate: string,
  port: number,
  path: string,
): KubeConfigFile {
  const user = target.getCurrentUser();
  if (user === null) throw new Error('the kubeconfig has no current user');
  const kubeConfig = new KubeConfig();
  const caData = Buffer.from(caCertificate).toString('base64');
  kubeConfig.loadFromClusterAndUser(
    { name: 'fault-proxy', server: `https://127.0.0.1:${port}`, caData, skipTLSVerify: false },
    user,
  );
  writeFileSync(path, kubeConfig.exportConfig(), { mode: 0o600 });
  return { kubeConfig, path };
}
