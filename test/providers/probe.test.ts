import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { Adapter } from 'oidc-provider';
// Not from the package's entry, which prints a warning on any Node release that is not an LTS one.
import { Provider } from 'oidc-provider/lib/provider.js';
import { describe, expect, onTestFinished, test } from 'vitest';
import { SecretValue } from '../../src/api/secret-value.ts';
import { createHttpClient } from '../../src/providers/http.ts';
import { createProbe, type Probe, type ProbeSubject } from '../../src/providers/probe.ts';
import { createAuthority, issueServerCertificate } from '../testbed/certificates.ts';
import { type ReceivedRequest, startWebServer } from './web-server.ts';

const clientID = 'shop:web client';
const current = SecretValue.fromText('current+secret/of ~the client');
const previous = SecretValue.fromText('previous-secret');
const signal = () => AbortSignal.timeout(30_000);

function probe(issuer: string, caBundle?: string): Probe {
  const limits = { requestTimeoutMs: 20_000, requestsPerSecond: 1000 };
  const http = createHttpClient({ insecure: true, caBundle, ...limits });
  onTestFinished(() => http.close());
  return createProbe({ issuer, http });
}

function ask(one: Probe, candidate: SecretValue, changes: Partial<ProbeSubject> = {}) {
  return one.test({ clientID, candidate, reference: current, ...changes }, signal());
}

/** What a server saw of a request: where, how the client authenticated, and with which secret. */
interface Attempt {
  readonly path: string;
  readonly form: URLSearchParams;
  readonly method: 'basic' | 'post';
  readonly secret: string;
}

function attemptOf({ path, headers, body }: ReceivedRequest): Attempt {
  const form = new URLSearchParams(body);
  const basic = headers.authorization?.replace('Basic ', '');
  if (basic === undefined) {
    expect(form.get('client_id')).toBe(clientID);
    return { path, form, method: 'post', secret: form.get('client_secret') ?? '' };
  }
  const [id = '', secret = ''] = Buffer.from(basic, 'base64').toString('utf8').split(':');
  expect(decodeURIComponent(id)).toBe(clientID);
  return { path, form, method: 'basic', secret: decodeURIComponent(secret) };
}

type Judge = (attempt: Attempt) => readonly [status: number, error?: string];

/** An authorization server that answers as `judge` says; resolves to its URL and what it saw. */
async function startServer(judge: Judge, metadata: object = {}) {
  const attempts: Attempt[] = [];
  const server = await startWebServer((request, response) => {
    if (request.method === 'GET') {
      return json(response, 200, {
        issuer: server.url,
        token_endpoint: `${server.url}/token`,
        introspection_endpoint: `${server.url}/introspect`,
        token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
        ...metadata,
      });
    }
    const attempt = attemptOf(request);
    attempts.push(attempt);
    const [status, error] = judge(attempt);
    return json(response, status, error === undefined ? {} : { error });
  });
  return { url: server.url, attempts, received: server.received };
}

function json(response: ServerResponse, status: number, body: unknown) {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

const works = ({ secret }: Attempt) => secret === current.revealText();
const rightOrWrong: Judge = (attempt) =>
  works(attempt) ? [400, 'invalid_grant'] : [401, 'invalid_client'];

describe('asks by requests that have no effect', () => {
  test('a made-up refresh token, with a made-up secret, a known one and the candidate', async () => {
    const server = await startServer(rightOrWrong);
    const one = probe(server.url);
    expect(await ask(one, previous)).toEqual({ result: 'rejected' });
    expect(await ask(one, current)).toEqual({ result: 'accepted' });
    expect(server.attempts).toHaveLength(6);
    for (const { path, form, method } of server.attempts) {
      expect([path, method, form.get('grant_type')]).toEqual(['/token', 'basic', 'refresh_token']);
    }
    const secrets = server.attempts.map(({ secret }) => secret);
    const [firstMadeUp, , , secondMadeUp] = secrets;
    const text = [current.revealText(), previous.revealText()];
    expect(secrets).toEqual([firstMadeUp, ...text, secondMadeUp, text[0], text[0]]);
    expect(new Set([...text, firstMadeUp, secondMadeUp]).size).toBe(4);
    expect(new Set(server.attempts.map(({ form }) => form.get('refresh_token'))).size).toBe(2);
  });

  test('the discovery document is read once in a while only', async () => {
    const server = await startServer(rightOrWrong);
    const one = probe(`${server.url}/`);
    for (let round = 0; round < 3; round++) await ask(one, current);
    const reads = server.received.filter(({ method }) => method === 'GET');
    expect(reads.map(({ path }) => path)).toEqual(['/.well-known/openid-configuration']);
  });
});

describe('goes on to another request where the answers do not differ', () => {
  test('to client_secret_post, then to introspection', async () => {
    const server = await startServer((attempt) => {
      if (attempt.path === '/introspect' && attempt.method === 'post') {
        return works(attempt) ? [200] : [401, 'invalid_client'];
      }
      return [401, 'unauthorized_client'];
    });
    expect(await ask(probe(server.url), previous)).toEqual({ result: 'rejected' });
    const order = server.attempts.map(({ path, method }) => `${path} ${method}`);
    expect([...new Set(order)]).toEqual([
      '/token basic',
      '/token post',
      '/introspect basic',
      '/introspect post',
    ]);
  });

  test('with the methods that the server supports, or the client uses, alone', async () => {
    const metadata = {
      token_endpoint_auth_methods_supported: ['private_key_jwt', 'client_secret_post'],
    };
    const supported = await startServer(rightOrWrong, metadata);
    await ask(probe(supported.url), current);
    expect(new Set(supported.attempts.map(({ method }) => method))).toEqual(new Set(['post']));

    const used = await startServer(rightOrWrong);
    await ask(probe(used.url), current, { authMethod: 'client_secret_post' });
    expect(new Set(used.attempts.map(({ method }) => method))).toEqual(new Set(['post']));
  });

  test('a difference in the error code alone is one', async () => {
    const server = await startServer((attempt) => [
      400,
      works(attempt) ? 'invalid_grant' : 'invalid_client',
    ]);
    expect(await ask(probe(server.url), previous)).toEqual({ result: 'rejected' });
  });

  test('and says so where none differs', async () => {
    const server = await startServer(() => [401, 'unauthorized_client']);
    const alike = {
      result: 'unknown',
      reason: 'the server does not answer it otherwise than a made-up secret',
    };
    expect(await ask(probe(server.url), previous)).toEqual(alike);
    expect(server.attempts).toHaveLength(8);
  });
});

describe('without a secret that is known to work', () => {
  test('a candidate can be accepted, but never rejected', async () => {
    const server = await startServer(rightOrWrong);
    const one = probe(server.url);
    expect(await ask(one, current, { reference: undefined })).toEqual({ result: 'accepted' });
    expect(await ask(one, previous, { reference: undefined })).toMatchObject({ result: 'unknown' });
  });

  test('another way of being refused is no acceptance', async () => {
    const server = await startServer(({ secret }) => [
      401,
      secret === previous.revealText() ? 'expired_secret' : 'invalid_client',
    ]);
    const answer = await ask(probe(server.url), previous, { reference: undefined });
    expect(answer.result).toBe('unknown');
  });
});

describe('what cannot be told is unknown, with a reason', () => {
  const unknown = (reason: string | RegExp) => ({
    result: 'unknown',
    reason: expect.stringMatching(reason),
  });

  test('a third kind of answer', async () => {
    const server = await startServer((attempt) =>
      attempt.secret === previous.revealText() ? [403, 'access_denied'] : rightOrWrong(attempt),
    );
    expect(await ask(probe(server.url), previous)).toMatchObject(unknown('neither as a working'));
  });

  test.each([429, 500, 503, 302, 404])('status %i for the candidate', async (status) => {
    const server = await startServer((attempt) =>
      attempt.secret === previous.revealText() ? [status, 'slow_down'] : rightOrWrong(attempt),
    );
    expect(await ask(probe(server.url), previous)).toMatchObject(
      unknown(`^probing the client secret: status ${status} slow_down$`),
    );
  });

  test.each([
    ['429, which passes', 429, true],
    ['503, which passes', 503, true],
    ['404, which does not', 404, undefined],
  ] as const)('whether it may be told later: status %s', async (_name, status, passing) => {
    const server = await startServer(() => [status]);
    const answer = await ask(probe(server.url), current);
    expect(answer.result === 'unknown' && answer.passing).toBe(passing);
  });

  test.each([429, 503])('status %i for all', async (status) => {
    const server = await startServer(() => [status]);
    expect(await ask(probe(server.url), current)).toMatchObject(unknown(`status ${status}$`));
  });

  test.each([
    ['no discovery document', undefined],
    ['no token endpoint', { token_endpoint: undefined }],
    ['a token endpoint with credentials', { token_endpoint: 'http://a:b@127.0.0.1/token' }],
    ['a token endpoint of another kind', { token_endpoint: 'file:///etc/passwd' }],
  ])('%s', async (_name, metadata) => {
    const server = await startServer(rightOrWrong, metadata);
    const issuer = metadata === undefined ? `${server.url}/token` : server.url;
    const answer = await ask(
      probe(metadata === undefined ? 'http://127.0.0.1:1' : issuer),
      current,
    );
    expect(answer).toMatchObject(unknown('^reading the discovery document: '));
    expect(server.attempts).toEqual([]);
  });

  test('an endpoint without TLS below an issuer with TLS, which sees no secret', async () => {
    const authority = createAuthority();
    const { certificate: cert, key } = issueServerCertificate(authority, ['127.0.0.1']);
    const plain = await startServer(rightOrWrong);
    const secure = await startWebServer(
      (_request, response) => json(response, 200, { token_endpoint: `${plain.url}/token` }),
      { cert, key },
    );
    const answer = await ask(probe(secure.url, authority.certificate), current);
    expect(answer).toMatchObject(unknown('the answer is malformed'));
    expect(plain.attempts).toEqual([]);
  });

  test('an aborted probe', async () => {
    const server = await startServer(rightOrWrong);
    const subject = { clientID, candidate: current, reference: current };
    const answer = await probe(server.url).test(subject, AbortSignal.abort());
    expect(answer).toMatchObject(unknown('given up'));
  });
});

test('tells the secrets of a real server apart', async () => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close().closeAllConnections());
  const address = server.address();
  const issuer = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const provider = new Provider(issuer, {
    adapter: () => storesNothing,
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    clients: [
      {
        client_id: 'web',
        client_secret: current.revealText(),
        redirect_uris: ['https://shop.example/'],
      },
    ],
    enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
    features: { devInteractions: { enabled: false } },
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig' }] },
  });
  provider.Client.prototype.compareClientSecret = (actual) =>
    [current, previous].some((secret) => secret.revealText() === actual);
  server.on('request', provider.callback());

  const one = probe(issuer);
  const subject = { clientID: 'web' };
  expect(await ask(one, previous, subject)).toEqual({ result: 'accepted' });
  const other = SecretValue.fromText('a secret that has ended');
  expect(await ask(one, other, subject)).toEqual({ result: 'rejected' });
  expect(await ask(one, current, { ...subject, reference: undefined })).toEqual({
    result: 'accepted',
  });
});

const refuses = () => Promise.reject(new Error('this server stores nothing'));
const storesNothing: Adapter = {
  find: async () => undefined,
  upsert: refuses,
  findByUserCode: refuses,
  findByUid: refuses,
  consume: refuses,
  destroy: refuses,
  revokeByGrantId: refuses,
};
