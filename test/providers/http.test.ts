import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import {
  createHttpClient,
  type HttpClient,
  type HttpObservation,
} from '../../src/providers/http.ts';
import { ProviderError } from '../../src/providers/provider-error.ts';
import { createAuthority, issueServerCertificate } from '../testbed/certificates.ts';
import { freePort } from '../testbed/ports.ts';
import { startWebServer } from './web-server.ts';

interface Options {
  readonly insecure?: boolean;
  readonly caBundle?: string;
  readonly requestTimeoutMs?: number;
  readonly requestsPerSecond?: number;
  readonly observe?: (observation: HttpObservation) => void;
}

function client(options: Options = {}): HttpClient {
  const config = {
    insecure: options.insecure ?? true,
    caBundle: options.caBundle,
    requestTimeoutMs: options.requestTimeoutMs ?? 20_000,
    requestsPerSecond: options.requestsPerSecond ?? 1000,
  };
  const http = createHttpClient(config, options.observe);
  onTestFinished(() => http.close());
  return http;
}

function get(http: HttpClient, url: string, signal = AbortSignal.timeout(30_000)) {
  return http.request({ method: 'GET', url, signal });
}

/** Resolves to the error that a request ends with. */
async function failureOf(request: Promise<unknown>): Promise<ProviderError> {
  const error = await request.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ProviderError)) throw new Error('not a ProviderError', { cause: error });
  expect(error.reason).toBe('ProviderUnavailable');
  return error;
}

test('sends method, query, headers and body, and hands back the answer', async () => {
  const server = await startWebServer((_request, response) => {
    response.writeHead(418, { 'x-answer': 'yes' }).end('täxt');
  });
  const answer = await client().request({
    method: 'POST',
    url: `${server.url}/path?a=b`,
    headers: { 'content-type': 'text/plain' },
    body: 'bödy',
    signal: AbortSignal.timeout(30_000),
  });
  expect(answer).toMatchObject({ status: 418, body: 'täxt', headers: { 'x-answer': 'yes' } });
  expect(server.received).toMatchObject([
    {
      method: 'POST',
      path: '/path?a=b',
      body: 'bödy',
      headers: { 'content-type': 'text/plain', 'user-agent': 'keyturn' },
    },
  ]);
});

test('follows no redirect', async () => {
  const server = await startWebServer((_request, response) => {
    response.writeHead(302, { location: '/elsewhere' }).end();
  });
  expect((await get(client(), server.url)).status).toBe(302);
  expect(server.received).toHaveLength(1);
});

test('sends nothing without TLS, whoever names the address, unless that is allowed', async () => {
  const server = await startWebServer((_request, response) => response.end());
  await expect(get(client({ insecure: false }), `${server.url}/token`)).rejects.toMatchObject({
    reason: 'ProviderRejected',
    message: expect.stringContaining('https://'),
  });
  expect(server.received).toEqual([]);
  expect((await get(client({ insecure: true }), server.url)).status).toBe(200);
});

test('takes an answer of 1 MiB, and no more', async () => {
  const server = await startWebServer(({ path }, response) => {
    response.end('x'.repeat(1024 * 1024 + (path === '/more' ? 1 : 0)));
  });
  const http = client();
  expect((await get(http, server.url)).body).toHaveLength(1024 * 1024);
  const error = await failureOf(get(http, `${server.url}/more`));
  expect(error).toMatchObject({ message: 'the answer is too long', ambiguous: true });
});

test('an answer that never begins, or never ends, has the same limit', async () => {
  const server = await startWebServer(({ path }, response) => {
    if (path === '/drip') {
      response.write('x');
      const dripping = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(dripping));
    }
  });
  const http = client({ requestTimeoutMs: 300 });
  for (const path of ['/silent', '/drip']) {
    const error = await failureOf(get(http, server.url + path));
    expect(error).toMatchObject({ message: 'no complete answer in 300 ms', ambiguous: true });
  }
});

test('tells how each request ended, but for those that were given up', async () => {
  const abort = new AbortController();
  const server = await startWebServer(({ path }, response) => {
    if (path === '/teapot') response.writeHead(418).end();
    if (path === '/given-up') abort.abort();
  });
  const observed: HttpObservation[] = [];
  const http = client({ requestTimeoutMs: 300, observe: (each) => observed.push(each) });
  await get(http, `${server.url}/teapot`);
  await failureOf(get(http, `${server.url}/given-up`, abort.signal));
  await failureOf(get(http, `${server.url}/silent`));
  expect(observed.map(({ status }) => status)).toEqual([418, 'error']);
  expect(observed[1]?.seconds).toBeGreaterThan(0.29);
});

test('a refused connection is not ambiguous', async () => {
  const error = await failureOf(get(client(), `http://127.0.0.1:${await freePort()}/secret-path`));
  expect(error).toMatchObject({ message: 'the connection was refused', ambiguous: false });
});

test('a connection that is lost before the answer is ambiguous', async () => {
  const server = await startWebServer((_request, response) => response.destroy());
  const error = await failureOf(get(client(), server.url));
  expect(error).toMatchObject({ message: 'the connection was lost', ambiguous: true });
});

test('a connection that never comes about is not ambiguous', async () => {
  // It accepts connections, but never answers the TLS handshake.
  const server = createServer((socket) => socket.on('error', () => undefined).resume());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const error = await failureOf(
    get(client({ requestTimeoutMs: 300 }), `https://127.0.0.1:${port}`),
  );
  expect(error.ambiguous).toBe(false);
});

test("trusts the bundle's authorities, and those alone", async () => {
  const authority = createAuthority();
  const { certificate, key } = issueServerCertificate(authority, ['127.0.0.1']);
  const server = await startWebServer((_request, response) => response.end('private'), {
    cert: certificate,
    key,
  });
  const trusting = client({ caBundle: authority.certificate });
  expect((await get(trusting, server.url)).body).toBe('private');

  for (const http of [client(), client({ caBundle: createAuthority().certificate })]) {
    const error = await failureOf(get(http, server.url));
    expect(error.message).toMatch(/^the server's certificate was not accepted \([A-Z_]+\)$/);
    expect(error.ambiguous).toBe(false);
  }
  expect(server.received).toHaveLength(1);
});

test('a bundle that is no PEM fails the request, not the process', async () => {
  const http = client({ caBundle: '-----BEGIN CERTIFICATE-----\nnonsense\n' });
  expect((await failureOf(get(http, 'https://127.0.0.1:1'))).ambiguous).toBe(false);
});

test('a URL that cannot be read is not quoted', async () => {
  const error = await failureOf(get(client(), 'http://user:secret@:nowhere'));
  expect(error.message).toBe('the URL is not valid');
});

test('aborted before it is sent, nothing is sent', async () => {
  const server = await startWebServer((_request, response) => response.end());
  const error = await failureOf(get(client(), server.url, AbortSignal.abort()));
  expect(error.ambiguous).toBe(false);
  expect(server.received).toHaveLength(0);
});

test('aborted in its turn, but before it is sent, nothing is sent', async () => {
  const server = await startWebServer((_request, response) => response.end());
  const abort = new AbortController();
  const http = client();
  const request = failureOf(get(http, server.url, abort.signal));
  abort.abort();
  expect((await request).ambiguous).toBe(false);
  await get(http, `${server.url}/next`);
  expect(server.received.map(({ path }) => path)).toEqual(['/next']);
});

test('given up while connecting, it is not sent when the connection comes about', async () => {
  const authority = createAuthority();
  const { certificate: cert, key } = issueServerCertificate(authority, ['127.0.0.1']);
  const server = await startWebServer((_request, response) => response.end(), { cert, key });
  // Between the two, what the client says first is held back.
  const held: (() => void)[] = [];
  const gate = createServer((socket) => {
    const onward = connect(Number(new URL(server.url).port), '127.0.0.1');
    for (const [from, to] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      from.on('error', () => to.destroy()).on('close', () => to.destroy());
    }
    held.push(() => void socket.pipe(onward).pipe(socket));
  });
  gate.listen(0, '127.0.0.1');
  await once(gate, 'listening');
  onTestFinished(() => void gate.close());
  const address = gate.address();
  const url = `https://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;

  const abort = new AbortController();
  const http = client({ caBundle: authority.certificate });
  const request = failureOf(get(http, url, abort.signal));
  await vi.waitFor(() => expect(held).toHaveLength(1));
  abort.abort();
  expect((await request).ambiguous).toBe(false);
  const next = get(http, `${url}/next`);
  await vi.waitFor(() => expect(held).toHaveLength(2));
  for (const release of held) release();
  await next;
  await http.close();
  expect(server.received.map(({ path }) => path)).toEqual(['/next']);
});

test('aborted after it was sent, it is ambiguous', async () => {
  const abort = new AbortController();
  const server = await startWebServer(() => abort.abort());
  const error = await failureOf(get(client(), server.url, abort.signal));
  expect(error).toMatchObject({ message: 'the request was given up', ambiguous: true });
});

test('runs at most 8 requests at once, in order', async () => {
  const held: (() => void)[] = [];
  const server = await startWebServer(({ path }, response) => {
    held.push(() => response.end(path));
  });
  const http = client();
  const requests = Array.from({ length: 10 }, (_, index) => get(http, `${server.url}/${index}`));
  await vi.waitFor(() => expect(held).toHaveLength(8));
  held.shift()?.();
  await vi.waitFor(() => expect(held).toHaveLength(8));
  expect(server.received[8]?.path).toBe('/8');
  for (const release of held) release();
  await vi.waitFor(() => expect(server.received).toHaveLength(10));
  held.at(-1)?.();
  const answers = await Promise.all(requests);
  expect(answers.map(({ body }) => body)).toEqual(requests.map((_, index) => `/${index}`));
});

test('sends no faster than the rate after a burst of one second', async () => {
  const server = await startWebServer((_request, response) => response.end());
  const http = client({ requestsPerSecond: 20 });
  const started = performance.now();
  await Promise.all(Array.from({ length: 30 }, () => get(http, server.url)));
  const last = server.received.at(-1)?.at ?? 0;
  expect(last - started).toBeGreaterThanOrEqual(500);
});

test('what waits for its turn has its whole time limit still before it', async () => {
  const server = await startWebServer((_request, response) => response.end('done'));
  const http = client({ requestsPerSecond: 1, requestTimeoutMs: 800 });
  const answers = await Promise.all([get(http, server.url), get(http, server.url)]);
  expect(answers.map(({ body }) => body)).toEqual(['done', 'done']);
});

test('aborted while it waits for its turn, it leaves the queue', async () => {
  const server = await startWebServer((_request, response) => response.end());
  const http = client({ requestsPerSecond: 1 });
  const abort = new AbortController();
  await get(http, server.url);
  const waiting = failureOf(get(http, `${server.url}/aborted`, abort.signal));
  const next = get(http, `${server.url}/next`);
  abort.abort();
  expect((await waiting).ambiguous).toBe(false);
  await next;
  expect(server.received.map(({ path }) => path)).toEqual(['/', '/next']);
});

test('closing refuses what waits and lets finish what is under way', async () => {
  let release: (() => void) | undefined;
  const server = await startWebServer((_request, response) => {
    release = () => response.end('finished');
  });
  const http = client({ requestsPerSecond: 1 });
  const underWay = get(http, server.url);
  await vi.waitFor(() => expect(release).toBeDefined());
  const waiting = failureOf(get(http, server.url));
  const closed = http.close();
  expect(await waiting).toMatchObject({ ambiguous: false });
  expect(await Promise.race([closed.then(() => 'closed'), delay(50, 'open')])).toBe('open');
  release?.();
  expect((await underWay).body).toBe('finished');
  await closed;
  expect(await failureOf(get(http, server.url))).toMatchObject({ ambiguous: false });
});
