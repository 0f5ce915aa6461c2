import { once } from 'node:events';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ApiError, isTransient, NetworkError } from '../../src/kubernetes/api-error.ts';
import {
  createTransport,
  type ResponseInfo,
  resourceOf,
  type Transport,
  type TransportOptions,
} from '../../src/kubernetes/transport.ts';
import {
  createAuthority,
  issueClientCertificate,
  issueServerCertificate,
} from '../testbed/certificates.ts';
import { ManualClock } from './manual-clock.ts';
import { answer, answerStatus, scriptedServer } from './scripted-server.ts';

function transportFor(options: TransportOptions): Transport {
  const transport = createTransport(options);
  onTestFinished(() => transport.close());
  return transport;
}

/** What a promise was rejected with. */
async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it did not fail');
}

const soon = { timeout: 30_000 };

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'transport-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Replaces a file in one step, as the kubelet and certificate managers do. */
function replaceFile(path: string, text: string): void {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

describe('requests', () => {
  test('carry path, query, headers and body, and are answered with the parsed JSON', async () => {
    const { kubeConfig, requests } = await scriptedServer((_, response) => {
      answer(response, 201, { text: 'grüße 😀' });
    });
    const transport = transportFor({ kubeConfig, userAgent: 'keyturn/1.2.3' });
    const answered = await transport.request({
      method: 'PATCH',
      path: '/api/v1/namespaces/ns/secrets/s',
      query: { fieldManager: 'key turn' },
      body: { data: { a: 'ü' } },
      contentType: 'application/merge-patch+json',
    });
    expect(answered).toEqual({ text: 'grüße 😀' });
    expect(requests[0]).toMatchObject({ method: 'PATCH', path: '/api/v1/namespaces/ns/secrets/s' });
    expect(requests[0]?.query.get('fieldManager')).toBe('key turn');
    expect(requests[0]?.body).toBe('{"data":{"a":"ü"}}');
    expect(requests[0]?.headers).toMatchObject({
      authorization: 'Bearer a-token',
      'content-type': 'application/merge-patch+json',
      'user-agent': 'keyturn/1.2.3',
      accept: 'application/json',
    });
  });

  test('share connections', async () => {
    const { kubeConfig, connections } = await scriptedServer((_, response) => {
      answer(response, 200, {});
    });
    const transport = transportFor({ kubeConfig, connections: 2 });
    const request = () => transport.request({ method: 'GET', path: '/version' });
    for (let round = 0; round < 5; round += 1)
      await Promise.all(Array.from({ length: 8 }, request));
    expect(connections()).toBeLessThanOrEqual(2);
  });

  test('go below the path that the kubeconfig names', async () => {
    const { origin, requests } = await scriptedServer((_, response) => answer(response, 200, {}));
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromClusterAndUser(
      { name: 'c', server: `${origin}/k8s/clusters/c-1/`, skipTLSVerify: true },
      { name: 'u', username: 'user', password: 'word' },
    );
    await transportFor({ kubeConfig }).request({ method: 'GET', path: '/api/v1/pods' });
    expect(requests[0]?.path).toBe('/k8s/clusters/c-1/api/v1/pods');
    expect(requests[0]?.headers.authorization).toBe(`Basic ${btoa('user:word')}`);
  });

  test('impersonate where the kubeconfig says so', async () => {
    const { origin, requests } = await scriptedServer((_, response) => answer(response, 200, {}));
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromClusterAndUser(
      { name: 'c', server: origin, skipTLSVerify: true },
      { name: 'u', token: 't', impersonateUser: 'somebody' },
    );
    await transportFor({ kubeConfig }).request({ method: 'GET', path: '/version' });
    expect(requests[0]?.headers['impersonate-user']).toBe('somebody');
  });

  test('a multi-chunk answer split inside a character is whole', async () => {
    const body = Buffer.from(JSON.stringify({ text: '😀'.repeat(3) }));
    const { kubeConfig } = await scriptedServer(async (_, response) => {
      for (const byte of body) {
        response.write(Buffer.of(byte));
        await new Promise(setImmediate);
      }
      response.end();
    });
    const answered = transportFor({ kubeConfig }).request({ method: 'GET', path: '/version' });
    expect(await answered).toEqual({ text: '😀😀😀' });
  });
});

describe('failures', () => {
  test('a Status becomes an ApiError', async () => {
    const { kubeConfig } = await scriptedServer((_, response) => {
      answer(
        response,
        422,
        {
          kind: 'Status',
          message: 'spec is invalid',
          reason: 'Invalid',
          details: { causes: [{ field: 'spec.a', message: 'no', reason: 'FieldValueInvalid' }] },
        },
        { 'retry-after': '7' },
      );
    });
    const request = {
      method: 'POST',
      path: '/api/v1/secrets',
      query: { a: 'b' },
      body: {},
    } as const;
    const error = await failureOf(transportFor({ kubeConfig }).request(request));
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({
      message: 'spec is invalid',
      status: 422,
      reason: 'Invalid',
      retryAfterMs: 7000,
      causes: [{ field: 'spec.a', message: 'no', reason: 'FieldValueInvalid' }],
      method: 'POST',
      path: '/api/v1/secrets',
    });
  });

  test('an error without a Status is told by method, path and status', async () => {
    const { kubeConfig } = await scriptedServer((_, response) => {
      response.writeHead(503).end('<html>busy</html>');
    });
    const error = await failureOf(
      transportFor({ kubeConfig }).request({ method: 'GET', path: '/version' }),
    );
    expect(error).toMatchObject({ message: 'GET /version: 503', retryAfterMs: undefined });
    expect(isTransient(error)).toBe(true);
  });

  test('redirects are not followed', async () => {
    const { kubeConfig, requests } = await scriptedServer((_, response) => {
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    const error = await failureOf(
      transportFor({ kubeConfig }).request({ method: 'GET', path: '/version' }),
    );
    expect(error).toMatchObject({ status: 302 });
    expect(requests).toHaveLength(1);
  });

  test('an answer that is not JSON is told without quoting it', async () => {
    const { kubeConfig } = await scriptedServer((_, response) => {
      response.writeHead(200).end('hunter2');
    });
    const error = await failureOf(
      transportFor({ kubeConfig }).request({ method: 'GET', path: '/version' }),
    );
    expect(error).toMatchObject({ code: 'INVALID_RESPONSE' });
    expect(String(error)).not.toContain('hunter2');
  });

  test('a connection that is reset before the head is a NetworkError', async () => {
    const { kubeConfig } = await scriptedServer((_request, _response, socket) => {
      socket.destroy();
    });
    const error = await failureOf(
      transportFor({ kubeConfig }).request({ method: 'GET', path: '/version' }),
    );
    expect(error).toBeInstanceOf(NetworkError);
    expect(isTransient(error)).toBe(true);
  });

  test('a body that is cut is a NetworkError, not half an object', async () => {
    const { kubeConfig } = await scriptedServer((_, response, socket) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{"a":1}', () => socket.destroy());
    });
    const error = await failureOf(
      transportFor({ kubeConfig }).request({ method: 'GET', path: '/version' }),
    );
    expect(error).toBeInstanceOf(NetworkError);
  });

  test('bytes that are no HTTP do not show up in the error', async () => {
    const { kubeConfig } = await scriptedServer((_request, _response, socket) => {
      socket.end('hunter2 is no HTTP\r\n\r\n');
    });
    const error = await failureOf(
      transportFor({ kubeConfig }).request({ method: 'GET', path: '/version' }),
    );
    expect(error).toBeInstanceOf(NetworkError);
    expect(JSON.stringify([error, String(error), Object.entries(Object(error))])).not.toContain(
      'hunter2',
    );
  });

  test('nobody listening is a NetworkError', async () => {
    const { kubeConfig, server } = await scriptedServer(() => {});
    server.close();
    const error = await failureOf(
      transportFor({ kubeConfig }).request({ method: 'GET', path: '/version' }),
    );
    expect(error).toMatchObject({ name: 'NetworkError', code: 'ECONNREFUSED' });
  });

  test('a server that does not answer is given up after the time limit', async () => {
    const { kubeConfig } = await scriptedServer(() => {});
    const transport = transportFor({ kubeConfig });
    const request = transport.request({ method: 'GET', path: '/version', timeoutMs: 100 });
    expect(await failureOf(request)).toMatchObject({ name: 'NetworkError', code: 'ETIMEDOUT' });
  });

  test('a body that trickles is given up after the time limit', async () => {
    const { kubeConfig } = await scriptedServer((_, response) => {
      const timer = setInterval(() => response.write(' '), 10);
      response.on('close', () => clearInterval(timer));
    });
    const transport = transportFor({ kubeConfig });
    const request = transport.request({ method: 'GET', path: '/version', timeoutMs: 200 });
    expect(await failureOf(request)).toMatchObject({ code: 'ETIMEDOUT' });
  });

  test('an aborted request ends with the reason; one that waits for a connection is not sent', async () => {
    const { kubeConfig, requests } = await scriptedServer(({ path }, response) => {
      if (path === '/third') answer(response, 200, {});
    });
    const transport = transportFor({ kubeConfig, connections: 1 });
    const abort = new AbortController();
    const { signal } = abort;
    const requested = ['/first', '/second'].map((path) =>
      transport.request({ method: 'POST', path, body: {}, signal }),
    );
    await expect.poll(() => requests.length, soon).toBe(1);
    abort.abort(new Error('enough'));
    for (const request of requested) expect(String(await failureOf(request))).toBe('Error: enough');
    await transport.request({ method: 'POST', path: '/third', body: {} });
    expect(requests.map(({ path }) => path)).toEqual(['/first', '/third']);
    const late = transport.request({ method: 'GET', path: '/late', signal });
    expect(String(await failureOf(late))).toBe('Error: enough');
  });

  test('an answered request leaves no timer behind that keeps the process alive', async () => {
    const { kubeConfig } = await scriptedServer((_, response) => answer(response, 200, {}));
    const transport = transportFor({ kubeConfig });
    const timers = () => process.getActiveResourcesInfo().filter((type) => type === 'Timeout');
    const request = { method: 'GET', path: '/version', timeoutMs: 60_000 } as const;
    await transport.request(request);
    const before = timers().length;
    for (let count = 0; count < 20; count += 1) await transport.request(request);
    expect(timers().length).toBeLessThan(before + 10);
  });

  test('after close nothing is sent, and it is not told as a fault of the network', async () => {
    const { kubeConfig, requests } = await scriptedServer((_, response) => {
      answer(response, 200, {});
    });
    const transport = createTransport({ kubeConfig });
    await transport.request({ method: 'GET', path: '/version' });
    await transport.close();
    const error = await failureOf(transport.request({ method: 'GET', path: '/version' }));
    expect(isTransient(error)).toBe(false);
    expect(requests).toHaveLength(1);
  });
});

describe('streams', () => {
  test('hand out the body as it comes, on connections of their own', async () => {
    const { kubeConfig, connections } = await scriptedServer(({ query }, response) => {
      if (query.has('watch')) response.write('first');
      else answer(response, 200, {});
    });
    const transport = transportFor({ kubeConfig, connections: 1 });
    const abort = new AbortController();
    const first = Promise.withResolvers<string>();
    const streams = [1, 2].map(() =>
      transport.stream(
        { method: 'GET', path: '/api/v1/pods', query: { watch: '1' }, signal: abort.signal },
        (chunk) => first.resolve(Buffer.from(chunk).toString()),
      ),
    );
    expect(await first.promise).toBe('first');
    await transport.request({ method: 'GET', path: '/version' });
    expect(connections()).toBe(3);
    abort.abort(new Error('enough'));
    for (const stream of streams) expect(String(await failureOf(stream))).toBe('Error: enough');
  });

  test('resolve when the server ends them', async () => {
    const { kubeConfig } = await scriptedServer((_, response) => {
      response.end('all');
    });
    const chunks: string[] = [];
    await transportFor({ kubeConfig }).stream({ method: 'GET', path: '/' }, (chunk) =>
      chunks.push(Buffer.from(chunk).toString()),
    );
    expect(chunks.join('')).toBe('all');
  });

  test('a silent one is dropped', async () => {
    const { kubeConfig } = await scriptedServer((_, response) => {
      response.writeHead(200).flushHeaders();
    });
    const stream = transportFor({ kubeConfig }).stream(
      { method: 'GET', path: '/', idleTimeoutMs: 200 },
      () => {},
    );
    expect(await failureOf(stream)).toMatchObject({ code: 'UND_ERR_BODY_TIMEOUT' });
  });

  test('an error status is an ApiError and hands out nothing', async () => {
    const { kubeConfig } = await scriptedServer((_, response) => {
      answerStatus(response, 410, 'Expired');
    });
    const chunks: unknown[] = [];
    const stream = transportFor({ kubeConfig }).stream({ method: 'GET', path: '/' }, (chunk) =>
      chunks.push(chunk),
    );
    expect(await failureOf(stream)).toMatchObject({ status: 410, reason: 'Expired' });
    expect(chunks).toEqual([]);
  });

  test('an endless error text is not taken in', async () => {
    const { kubeConfig } = await scriptedServer((_, response) => {
      response.writeHead(500);
      const timer = setInterval(() => response.write(Buffer.alloc(300_000)), 1);
      response.on('close', () => clearInterval(timer));
    });
    const stream = transportFor({ kubeConfig }).stream({ method: 'GET', path: '/' }, () => {});
    expect(await failureOf(stream)).toMatchObject({ code: 'INVALID_RESPONSE' });
  });

  test('what the consumer throws ends the stream and is passed on', async () => {
    const closed = Promise.withResolvers<void>();
    const { kubeConfig } = await scriptedServer((_, response) => {
      response.on('close', closed.resolve);
      response.write('x');
    });
    const stream = transportFor({ kubeConfig }).stream({ method: 'GET', path: '/' }, () => {
      throw new RangeError('too long');
    });
    expect(String(await failureOf(stream))).toBe('RangeError: too long');
    await closed.promise;
  });

  test('close ends them', async () => {
    const { kubeConfig } = await scriptedServer((_, response) => {
      response.write('x');
    });
    const transport = createTransport({ kubeConfig });
    const first = Promise.withResolvers<void>();
    const stream = failureOf(transport.stream({ method: 'GET', path: '/' }, () => first.resolve()));
    await first.promise;
    await transport.close();
    expect(String(await stream)).toBe('Error: the transport was closed');
  });
});

describe('credentials', () => {
  /** A kubeconfig whose token is in a file, as in a Pod. */
  function tokenFileConfig(server: string, tokenFile: string): KubeConfig {
    const config = new KubeConfig();
    config.loadFromClusterAndUser(
      { name: 'c', server, skipTLSVerify: true },
      { name: 'u', authProvider: { name: 'tokenFile', config: { tokenFile } } },
    );
    return config;
  }

  test('a refused token is read again and the request sent once more, for all at once', async () => {
    const { origin, requests } = await scriptedServer(({ headers }, response) => {
      if (headers.authorization === 'Bearer new') answer(response, 200, {});
      else answerStatus(response, 401, 'Unauthorized');
    });
    const tokenFile = join(temporaryFolder(), 'token');
    writeFileSync(tokenFile, 'old\n');
    const clock = new ManualClock();
    const transport = transportFor({ kubeConfig: tokenFileConfig(origin, tokenFile), clock });
    const request = () => transport.request({ method: 'GET', path: '/version' });
    expect(await failureOf(request())).toMatchObject({ status: 401 });
    replaceFile(tokenFile, 'new\n');
    clock.advance(1000);
    requests.length = 0;
    await Promise.all([request(), request(), request()]);
    expect(requests.map(({ headers }) => headers.authorization).toSorted()).toEqual([
      ...Array(3).fill('Bearer new'),
      ...Array(3).fill('Bearer old'),
    ]);
  });

  test('a plugin is asked again after a refusal, once for all requests and once a second', async () => {
    const { origin, requests } = await scriptedServer(({ headers }, response) => {
      if (headers.authorization === 'Bearer token-2') answer(response, 200, {});
      else answerStatus(response, 401, 'Unauthorized');
    });
    const runs = join(temporaryFolder(), 'runs');
    writeFileSync(runs, '');
    // Each run makes another token, which does not expire.
    const script = `
      const { appendFileSync, readFileSync } = require('node:fs');
      appendFileSync(process.env.RUNS, 'x');
      const token = 'token-' + readFileSync(process.env.RUNS, 'utf8').length;
      console.log(JSON.stringify({ status: { token } }));`;
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromClusterAndUser(
      { name: 'c', server: origin, skipTLSVerify: true },
      {
        name: 'u',
        exec: {
          command: process.execPath,
          args: ['-e', script],
          env: [{ name: 'RUNS', value: runs }],
        },
      },
    );
    const clock = new ManualClock();
    const transport = transportFor({ kubeConfig, clock });
    const request = () => transport.request({ method: 'GET', path: '/version' });
    await Promise.all([request(), request(), request()]);
    expect(readFileSync(runs, 'utf8')).toBe('xx');
    clock.advance(60_000);
    await request();
    expect(readFileSync(runs, 'utf8')).toBe('xx');
    expect(requests).toHaveLength(7);
  });

  test('a plugin whose tokens stay refused is not asked more than once a second', async () => {
    const { origin } = await scriptedServer((_, response) => {
      answerStatus(response, 401, 'Unauthorized');
    });
    const runs = join(temporaryFolder(), 'runs');
    const script = `
      require('node:fs').appendFileSync(process.env.RUNS, 'x');
      console.log(JSON.stringify({ status: { token: String(process.pid) } }));`;
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromClusterAndUser(
      { name: 'c', server: origin, skipTLSVerify: true },
      {
        name: 'u',
        exec: {
          command: process.execPath,
          args: ['-e', script],
          env: [{ name: 'RUNS', value: runs }],
        },
      },
    );
    const transport = transportFor({ kubeConfig, clock: new ManualClock() });
    for (let count = 0; count < 4; count += 1) {
      const refused = transport.request({ method: 'GET', path: '/version' });
      expect(await failureOf(refused)).toMatchObject({ status: 401 });
    }
    expect(readFileSync(runs, 'utf8')).toBe('xx');
  });

  test('a token that stays refused is sent once', async () => {
    const { kubeConfig, requests } = await scriptedServer((_, response) => {
      answerStatus(response, 401, 'Unauthorized');
    });
    const transport = transportFor({ kubeConfig });
    const error = await failureOf(transport.request({ method: 'GET', path: '/version' }));
    expect(error).toMatchObject({ status: 401 });
    expect(requests).toHaveLength(1);
  });

  test('a token file that cannot be read for a moment does no harm', async () => {
    const { origin, requests } = await scriptedServer((_, response) => answer(response, 200, {}));
    const tokenFile = join(temporaryFolder(), 'token');
    writeFileSync(tokenFile, 'first');
    const clock = new ManualClock();
    const transport = transportFor({ kubeConfig: tokenFileConfig(origin, tokenFile), clock });
    await transport.request({ method: 'GET', path: '/version' });
    rmSync(tokenFile);
    clock.advance(60_000);
    await transport.request({ method: 'GET', path: '/version' });
    expect(requests[1]?.headers.authorization).toBe('Bearer first');
  });

  test('an empty token file does not make anonymous requests', async () => {
    const { origin, requests } = await scriptedServer(({ headers }, response) => {
      if (headers.authorization === 'Bearer new') answer(response, 200, {});
      else answerStatus(response, 401, 'Unauthorized');
    });
    const tokenFile = join(temporaryFolder(), 'token');
    const clock = new ManualClock();
    const transport = transportFor({ kubeConfig: tokenFileConfig(origin, tokenFile), clock });
    const request = () => transport.request({ method: 'GET', path: '/version' });
    for (const content of ['old', '', '\n']) {
      replaceFile(tokenFile, content);
      clock.advance(1000);
      expect(await failureOf(request())).toMatchObject({ status: 401 });
    }
    replaceFile(tokenFile, 'new');
    clock.advance(1000);
    expect(await request()).toEqual({});
    const sent = requests.map(({ headers }) => headers.authorization);
    expect(sent).toEqual([...Array(3).fill('Bearer old'), 'Bearer new']);
  });

  test('a plugin that gives no credentials does not make anonymous requests', async () => {
    const { origin, requests } = await scriptedServer((_, response) => answer(response, 200, {}));
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromClusterAndUser(
      { name: 'c', server: origin, skipTLSVerify: true },
      { name: 'u', exec: { command: process.execPath, args: ['-p', '\'{"status":{}}\''] } },
    );
    const transport = transportFor({ kubeConfig });
    const error = await failureOf(transport.request({ method: 'GET', path: '/version' }));
    expect(String(error)).toContain('gave no cluster credentials');
    expect(requests).toEqual([]);
  });

  test('where none can be had, the error says why without what a plugin printed', async () => {
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromClusterAndUser(
      { name: 'c', server: 'https://127.0.0.1:1', skipTLSVerify: false },
      {
        name: 'u',
        exec: { apiVersion: 'v1', command: process.execPath, args: ['-p', '"hunter2"'] },
      },
    );
    const error = await failureOf(
      transportFor({ kubeConfig }).request({ method: 'GET', path: '/version' }),
    );
    expect(String(error)).toContain('cannot obtain the cluster credentials');
    expect(JSON.stringify([String(error), Object(error).stack])).not.toContain('hunter2');
  });

  test('new CA and client certificate files are taken up, requests under way finish', async () => {
    const before = createAuthority();
    const after = createAuthority();
    const held = Promise.withResolvers<void>();
    const tls = (authority: typeof before) => {
      const { certificate, key } = issueServerCertificate(authority, ['127.0.0.1']);
      return { cert: certificate, key, ca: authority.certificate, requestCert: true };
    };
    const { origin, server, requests } = await scriptedServer(async ({ path }, response) => {
      if (path === '/slow') await held.promise;
      answer(response, 200, { path });
    }, tls(before));
    const folder = temporaryFolder();
    const file = (name: string) => join(folder, name);
    const write = (authority: typeof before) => {
      const client = issueClientCertificate(authority, { commonName: 'client' });
      replaceFile(file('ca.crt'), authority.certificate);
      replaceFile(file('client.crt'), client.certificate);
      replaceFile(file('client.key'), client.key);
    };
    write(before);
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromClusterAndUser(
      { name: 'c', server: origin, skipTLSVerify: false, caFile: file('ca.crt') },
      { name: 'u', certFile: file('client.crt'), keyFile: file('client.key') },
    );
    const clock = new ManualClock();
    const transport = transportFor({ kubeConfig, clock });
    const slow = transport.request({ method: 'GET', path: '/slow' });
    await expect.poll(() => requests.length, soon).toBe(1);

    if ('setSecureContext' in server && typeof server.setSecureContext === 'function') {
      server.setSecureContext(tls(after));
    }
    const refused = await failureOf(transport.request({ method: 'GET', path: '/refused' }));
    expect(refused).toBeInstanceOf(NetworkError);
    write(after);
    clock.advance(1000);
    expect(await transport.request({ method: 'GET', path: '/new' })).toEqual({ path: '/new' });
    held.resolve();
    expect(await slow).toEqual({ path: '/slow' });
  });

  test('a certificate that does not match its key yet is not taken up', async () => {
    const authority = createAuthority();
    const serverSide = issueServerCertificate(authority, ['127.0.0.1']);
    const { origin } = await scriptedServer((_, response) => answer(response, 200, {}), {
      cert: serverSide.certificate,
      key: serverSide.key,
    });
    const folder = temporaryFolder();
    const [caFile, certFile, keyFile] = ['ca', 'crt', 'key'].map((name) => join(folder, name));
    const first = issueClientCertificate(authority, { commonName: 'client' });
    const second = issueClientCertificate(authority, { commonName: 'client' });
    replaceFile(`${caFile}`, authority.certificate);
    replaceFile(`${certFile}`, first.certificate);
    replaceFile(`${keyFile}`, first.key);
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromClusterAndUser(
      { name: 'c', server: origin, skipTLSVerify: false, caFile: `${caFile}` },
      { name: 'u', certFile: `${certFile}`, keyFile: `${keyFile}` },
    );
    const clock = new ManualClock();
    const transport = transportFor({ kubeConfig, clock });
    await transport.request({ method: 'GET', path: '/version' });
    replaceFile(`${certFile}`, second.certificate);
    clock.advance(60_000);
    await transport.request({ method: 'GET', path: '/version' });
    replaceFile(`${keyFile}`, second.key);
    clock.advance(60_000);
    await transport.request({ method: 'GET', path: '/version' });
  });
});

test('a proxy that the kubeconfig names is used, for requests and streams', async () => {
  const authority = createAuthority();
  const { certificate, key } = issueServerCertificate(authority, ['127.0.0.1']);
  const { origin } = await scriptedServer(
    ({ headers }, response) => answer(response, 200, { authorization: headers.authorization }),
    { cert: certificate, key },
  );
  const proxied: (string | undefined)[] = [];
  const proxy = createServer();
  proxy.on('connect', ({ url, headers }, socket) => {
    proxied.push(url, headers.authorization);
    const upstream = connect(Number(new URL(origin).port), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(upstream).pipe(socket);
    });
    for (const end of [socket, upstream]) end.on('error', () => upstream.destroy());
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  onTestFinished(() => void proxy.close());
  const address = proxy.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromClusterAndUser(
    {
      name: 'c',
      server: origin,
      skipTLSVerify: false,
      caData: Buffer.from(authority.certificate).toString('base64'),
      proxyUrl: `http://127.0.0.1:${port}`,
    },
    { name: 'u', token: 't' },
  );
  const transport = transportFor({ kubeConfig });
  const answered = await transport.request({ method: 'GET', path: '/version' });
  expect(answered).toEqual({ authorization: 'Bearer t' });
  await transport.stream({ method: 'GET', path: '/version' }, () => {});
  // The proxy is told where to connect to, and no credentials.
  const target = new URL(origin).host;
  expect(proxied).toEqual([target, undefined, target, undefined]);
});

describe('what is told of each answer', () => {
  test('method, resource, status, time and the server clock', async () => {
    const { kubeConfig } = await scriptedServer((_, response) => {
      answer(response, 404, {}, { date: 'Tue, 24 Nov 2026 10:00:00 GMT' });
    });
    const told: ResponseInfo[] = [];
    const clock = new ManualClock();
    const transport = transportFor({ kubeConfig, clock, onResponse: (info) => told.push(info) });
    const path = '/apis/keyturn.dev/v1alpha1/namespaces/ns/oidcapplications/web/status';
    await failureOf(transport.request({ method: 'PATCH', path, body: {} }));
    expect(told).toEqual([
      {
        method: 'PATCH',
        resource: 'oidcapplications/status',
        status: 404,
        seconds: 0,
        serverDate: Date.parse('2026-11-24T10:00:00Z'),
        sentAt: clock.now(),
        receivedAt: clock.now(),
      },
    ]);
  });

  test('an error where there was no answer', async () => {
    const { kubeConfig } = await scriptedServer((_request, _response, socket) => {
      socket.destroy();
    });
    const told: ResponseInfo[] = [];
    const transport = transportFor({ kubeConfig, onResponse: (info) => told.push(info) });
    await failureOf(transport.request({ method: 'GET', path: '/version' }));
    expect(told.map(({ status }) => status)).toEqual(['error']);
  });

  test.each([
    ['/api/v1/namespaces/ns/secrets/s', 'secrets'],
    ['/api/v1/secrets', 'secrets'],
    ['/api/v1/namespaces/ns', 'namespaces'],
    ['/apis/keyturn.dev/v1alpha1/oidcapplications', 'oidcapplications'],
    ['/apis/coordination.k8s.io/v1/namespaces/ns/leases/l', 'leases'],
    ['/version', ''],
  ])('the resource of %s is %s', (path, resource) => {
    expect(resourceOf(path)).toBe(resource);
  });
});
