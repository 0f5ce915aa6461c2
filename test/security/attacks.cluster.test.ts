import { expect, onTestFinished, test } from 'vitest';
import { application, create, createProvider, verdict } from '../admission/server.ts';
import { admin, clientSecrets, Scene, startOperator, Workspace } from '../controller/harness.ts';
import { eventsUntil, looksAgain, writesDuring } from '../controller/observe.ts';
import {
  base64,
  createForeign,
  issue,
  issueAndRotate,
  rotate,
  whenCondition,
  whenEnded,
} from '../controller/steps.ts';
import { ProviderRig } from '../controller-providers/provider-rig.ts';
import { startFaultProxy } from '../fault-proxy/fault-proxy.ts';
import { startWebServer } from '../providers/web-server.ts';
import { cluster, operatorKubeConfig, testNamespace } from '../setup/cluster.ts';

test('a reference that leaves its namespace is refused', async () => {
  const namespace = await testNamespace();
  const providerRef = { kind: 'OIDCProvider', name: 'keycloak' };
  const specs = {
    'spec.providerRef.namespace': { providerRef: { ...providerRef, namespace: 'kube-system' } },
    'spec.secret.namespace': { secret: { name: 'web', namespace: 'kube-system' } },
    'spec.providerRef.name': { providerRef: { ...providerRef, name: '../kube-system/keycloak' } },
    'spec.secret.name': { secret: { name: '../../kube-system/secrets/web' } },
  };
  for (const [field, spec] of Object.entries(specs)) {
    expect(await verdict(create(namespace, application(spec))), field).toContain(field);
  }
  const keycloak = { url: 'https://sso.example.com', realm: 'shop' };
  const credentialsSecretRef = { name: 'credentials', namespace: 'kube-system' };
  for (const kind of ['OIDCProvider', 'ClusterOIDCProvider'] as const) {
    const answer = createProvider(kind, namespace, { keycloak, credentialsSecretRef });
    expect(await verdict(answer)).toContain('spec.credentialsSecretRef.namespace');
  }
});

test("a provider's address gets neither the operator's own token nor a second request, and what it answers is not told", async () => {
  const answer = 'what-only-the-operator-may-reach';
  const trap = await startWebServer((_request, response) => response.end(answer));
  const redirecting = await startWebServer((_request, response) => {
    response.writeHead(307, { location: `${trap.url}/latest/meta-data` }).end(answer);
  });
  const telling = await startWebServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', [answer]: answer });
    response.end(JSON.stringify({ error: answer, error_description: answer, issuer: answer }));
  });
  const rig = await ProviderRig.start();
  await rig.setSecret('credentials', { 'client-id': 'keyturn', 'client-secret': 'of-the-tenant' });
  for (const [name, server] of Object.entries({ redirecting, telling })) {
    const provider = await rig.create('OIDCProvider', name, {
      insecure: true,
      keycloak: { url: server.url, realm: 'shop' },
      credentialsSecretRef: { name: 'credentials' },
    });
    const { status } = await rig.settlesFalse(provider);
    expect(JSON.stringify(status)).not.toContain(answer);
  }
  expect(trap.received).toEqual([]);

  const { kubeConfig } = await operatorKubeConfig();
  expect(kubeConfig.getCurrentUser()?.token).toMatch(/^eyJ/);
  const received = [...redirecting.received, ...telling.received];
  expect(received.length).toBeGreaterThan(1);
  for (const request of received) expect(JSON.stringify(request)).not.toContain('eyJ');
});

test('of all Secrets the operator reads its own by their label, and others by the name that it was given', async () => {
  const namespace = await testNamespace();
  const proxy = await startFaultProxy((await operatorKubeConfig()).kubeConfig);
  onTestFinished(proxy.stop);
  const reads: string[] = [];
  proxy.intercept({
    onRequest({ method, path, query }) {
      const [, rest] = path.split('/secrets');
      if (method !== 'GET' || rest === undefined) return undefined;
      reads.push(
        rest || (query.get('labelSelector') ?? query.get('fieldSelector') ?? 'everything'),
      );
      return undefined;
    },
  });
  for (const name of ['bystander', 'taken', 'credentials']) {
    await admin.secrets.create({
      ...{ apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name } },
      data: { password: base64('of-somebody-else') },
    });
  }
  await cluster.apply(`
apiVersion: keyturn.dev/v1alpha1
kind: OIDCProvider
metadata: {name: keycloak, namespace: ${namespace}}
spec:
  keycloak: {url: "https://127.0.0.1:1", realm: shop}
  credentialsSecretRef: {name: credentials}
`);
  await startOperator({ namespaces: [namespace], kubeConfig: proxy.kubeConfig.kubeConfig });
  const workspace = new Workspace(namespace);
  await workspace.create('web');
  await workspace.published('web', 1);
  await workspace.create('taken');
  await workspace.reaches('taken', ({ status }) =>
    expect(status?.conditions).toContainEqual(expect.objectContaining({ type: 'Stalled' })),
  );
  expect(new Set(reads)).toEqual(
    new Set(['app.kubernetes.io/managed-by=keyturn', 'metadata.name=credentials', '/taken']),
  );
});

test('an older state of a Secret that is restored over it is told once, and revokeIssuedBefore ends it', async () => {
  const scene = await Scene.start();
  const leaked = await issue(scene, 'web');
  const { metadata, data } = await scene.secret('web');
  await rotate(scene, 'web');
  const leak = scene.time();
  await scene.edit('web', { revokePreviousSecret: true });
  await whenEnded(scene, 'web', 'Requested');

  const after = [
    'previous-version',
    'previous-issued-at',
    'previous-retired-at',
    'previous-expires-at',
  ];
  const gone = Object.fromEntries(after.map((name) => [`keyturn.dev/${name}`, null]));
  const annotations = { ...gone, ...metadata.annotations };
  const writes = await writesDuring(scene.handle, async () => {
    await scene.tamper('web', { metadata: { annotations }, data });
    await scene.published('web', 1);
  });
  expect(writes).toEqual({ 'PATCH oidcapplications/status': 1 });
  expect(clientSecrets(await scene.secret('web'))).toEqual({
    current: leaked,
    previous: undefined,
  });
  await looksAgain(scene, 'web');
  const told = await eventsUntil(scene, 'web', 'OlderStateRestored');
  expect(told.filter(({ reason }) => reason === 'OlderStateRestored')).toMatchObject([
    { type: 'Warning', count: 1, note: expect.stringContaining('version 2 was published before') },
  ]);

  await scene.edit('web', { revokeIssuedBefore: leak });
  await scene.published('web', 2);
  expect(clientSecrets(await scene.secret('web')).current).not.toBe(leaked);
});

test('what looks like a template is a text like any other', async () => {
  const scene = await Scene.start();
  const templates = [
    '{{ index .Data "client-secret" }}',
    '\u0024{client-secret}',
    '$(client-secret)',
    '{namespace}',
    '<%= process.env %>',
    '!!js/function "function () { return 1 }"',
    '*',
  ].join(' ');
  const annotations = { 'example.com/note': templates };
  await issue(scene, 'web', { clientID: templates, secret: { annotations } });
  await rotate(scene, 'web');
  const { metadata, data } = await scene.secret('web');
  expect(metadata.annotations).toMatchObject(annotations);
  expect(data?.['client-id']).toBe(base64(templates));
  expect((await scene.application('web')).status?.clientID).toBe(templates);
});

test('Secrets that are made up to confuse the operator stop nobody else', async () => {
  const scene = await Scene.start();
  const value = await issue(scene, 'web');
  const { metadata } = await scene.secret('web');
  const deep = `${'{"v":'.repeat(30_000)}1${'}'.repeat(30_000)}`;
  const states = {
    deep,
    list: '['.repeat(100_000),
    prototype: '{"__proto__": {"former": []}, "constructor": {"prototype": {}}}',
    numbers: '{"v": 1e999, "restorations": -1, "former": [null]}',
    another: metadata.annotations?.['keyturn.dev/state'] ?? '',
  };
  for (const [name, state] of Object.entries(states)) {
    await createForeign(scene, name, {
      data: { 'client-secret': 'made-up' },
      labels: metadata.labels ?? {},
      annotations: { ...metadata.annotations, 'keyturn.dev/state': state },
    });
    await createForeign(scene, `of-${name}`, {
      data: { 'client-secret': 'made-up' },
      labels: metadata.labels ?? {},
      annotations: {
        ...metadata.annotations,
        'keyturn.dev/application': `of-${name}`,
        'keyturn.dev/state': state,
      },
    });
    await scene.create(`of-${name}`);
  }
  for (const name of ['of-deep', 'of-list']) {
    await whenCondition(scene, name, 'Stalled', { reason: 'SecretMalformed' });
  }
  await looksAgain(scene, 'web');
  await issue(scene, 'other');
  expect((await rotate(scene, 'web')).previous).toBe(value);
  const faults = scene.handle.lines.filter((line) => /RangeError|TypeError|"fatal"/.test(line));
  expect(faults).toEqual([]);
});

test('what every object has, such as a constructor, is a name like any other', async () => {
  const scene = await Scene.start();
  const clientSecret = 'constructor';
  const keys = { clientID: 'toString', clientSecret, previousClientSecret: '__proto__' };
  await scene.create('keys', { secret: { keys } });
  await scene.published('keys', 1);
  await rotate(scene, 'keys');
  const { data = {} } = await scene.secret('keys');
  expect(Object.keys(data).sort()).toEqual(['__proto__', 'constructor', 'toString']);
  await scene.edit('keys', { revokePreviousSecret: true });
  await whenEnded(scene, 'keys', 'Requested');

  await issueAndRotate(scene, 'web', { secret: { labels: { constructor: 'x' } } });
  await scene.edit('web', { secret: { labels: null, keys: { clientSecret } } });
  await scene.published('web', 2);
  const { metadata, data: moved = {} } = await scene.secret('web');
  expect(metadata.labels).not.toHaveProperty('constructor', 'x');
  expect(Object.keys(moved).sort()).toEqual(['client-id', 'constructor', 'previous-client-secret']);
});
