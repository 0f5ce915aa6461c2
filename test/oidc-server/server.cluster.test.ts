import { AuthorizationV1Api, type V1Secret } from '@kubernetes/client-node';
import { afterAll, expect, test } from 'vitest';
import { SecretValue } from '../../src/api/secret-value.ts';
import { adminClient, cluster, eventually, testNamespace } from '../setup/cluster.ts';
import { oidcServerKubeConfig } from './kube-config.ts';
import { requestToken } from './request-token.ts';
import { startOidcServer } from './server.ts';

const { core } = adminClient;
const namespace = await testNamespace('oidc-server');
const kubeConfig = await oidcServerKubeConfig(cluster);
const server = await startOidcServer({ kubeConfig, namespace });
afterAll(() => server.stop());

const accepted = { status: 200 };
const refused = { status: 401, error: 'invalid_client' };

function backingSecret(name: string, values: Record<string, string>): V1Secret {
  return {
    metadata: { name, labels: { 'app.kubernetes.io/managed-by': 'keyturn' } },
    stringData: { 'client-id': `${name}-client`, ...values },
  };
}

/** Creates a Secret, and resolves once the server knows its client. */
async function createClient(name: string, values: Record<string, string>): Promise<void> {
  await core.createNamespacedSecret({ namespace, body: backingSecret(name, values) });
  await eventually(() => expect(server.knows(`${name}-client`)).toBe(true));
}

function replaceSecret(name: string, values: Record<string, string>) {
  return core.replaceNamespacedSecret({ namespace, name, body: backingSecret(name, values) });
}

function ask(name: string, secret: string) {
  const clientSecret = SecretValue.fromText(secret);
  return requestToken({ issuer: server.issuer, clientID: `${name}-client`, clientSecret });
}

test('accepts the current secret alone where there is no previous one', async () => {
  await createClient('plain', { 'client-secret': 'current' });
  expect(await ask('plain', 'current')).toEqual(accepted);
  expect(await ask('plain', 'wrong')).toEqual(refused);
});

test('accepts the previous secret until it is dropped', async () => {
  const current = { 'client-secret': 'new' };
  await createClient('rotated', { ...current, 'previous-client-secret': 'old' });
  expect(await ask('rotated', 'new')).toEqual(accepted);
  expect(await ask('rotated', 'old')).toEqual(accepted);
  expect(await ask('rotated', 'wrong')).toEqual(refused);

  await replaceSecret('rotated', current);
  await eventually(async () => expect(await ask('rotated', 'old')).toEqual(refused));
  expect(await ask('rotated', 'new')).toEqual(accepted);
});

test('follows a rotation', async () => {
  await createClient('followed', { 'client-secret': 'first' });
  expect(await ask('followed', 'first')).toEqual(accepted);

  await replaceSecret('followed', { 'client-secret': 'second', 'previous-client-secret': 'first' });
  await eventually(async () => expect(await ask('followed', 'second')).toEqual(accepted));
  expect(await ask('followed', 'first')).toEqual(accepted);
});

test('forgets a client whose Secret is deleted', async () => {
  await createClient('deleted', { 'client-secret': 'current' });
  await core.deleteNamespacedSecret({ namespace, name: 'deleted' });
  await eventually(async () => expect(await ask('deleted', 'current')).toEqual(refused));
  expect(server.knows('deleted-client')).toBe(false);
});

test('keeps clients apart', async () => {
  await createClient('one', { 'client-secret': 'secret-of-one' });
  await createClient('two', { 'client-secret': 'secret-of-two' });
  expect(await ask('one', 'secret-of-two')).toEqual(refused);
  expect(await ask('two', 'secret-of-two')).toEqual(accepted);
});

test('knows no client of a Secret without the label', async () => {
  const { metadata, ...unlabelled } = backingSecret('foreign', { 'client-secret': 'current' });
  const body = { ...unlabelled, metadata: { name: metadata?.name ?? '' } };
  await core.createNamespacedSecret({ namespace, body });
  await createClient('later', { 'client-secret': 'current' });
  expect(server.knows('foreign-client')).toBe(false);
  expect(await ask('foreign', 'current')).toEqual(refused);
});

test('takes the secret in the body as well', async () => {
  await createClient('posting', { 'client-secret': 'current' });
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: 'posting-client',
    client_secret: 'current',
  });
  const { status } = await fetch(`${server.issuer}/token`, { method: 'POST', body });
  expect(status).toBe(200);
});

test('may only read Secrets', async () => {
  const authorization = kubeConfig.makeApiClient(AuthorizationV1Api);
  const may = async (verb: string, resource: string) => {
    const resourceAttributes = { verb, resource, namespace };
    const body = { spec: { resourceAttributes } };
    return (await authorization.createSelfSubjectAccessReview({ body })).status?.allowed;
  };
  expect(await may('watch', 'secrets')).toBe(true);
  for (const verb of ['create', 'update', 'patch', 'delete']) {
    expect(await may(verb, 'secrets')).toBe(false);
  }
  expect(await may('get', 'configmaps')).toBe(false);
});
