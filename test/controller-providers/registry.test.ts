import { beforeEach, expect, test } from 'vitest';
import type { ClusterOIDCProviderSpec } from '../../src/api/oidcprovider.gen.ts';
import type { AccessChange, GuardedProvider } from '../../src/controller/providers/access.ts';
import { ProviderDirectory } from '../../src/controller/providers/directory.ts';
import { NamespaceLabels } from '../../src/controller/providers/namespaces.ts';
import { Registry } from '../../src/controller/providers/registry.ts';
import {
  keyOfProvider,
  type NamespaceObject,
  type ProviderKind,
  type ProviderObject,
} from '../../src/controller/providers/resources.ts';
import type { Standing } from '../../src/controller/providers/standings.ts';
import type { OIDCApplication } from '../../src/controller/resources.ts';
import type { KubernetesObject } from '../../src/kubernetes/resource.ts';
import { type Feed, Store } from '../../src/kubernetes/store.ts';
import { ProviderError } from '../../src/providers/provider-error.ts';

const clientID = 'client';

/** A store and what fills it. */
class Source<T extends KubernetesObject> {
  readonly store = new Store<T>();
  readonly #feed: Feed<T> = this.store.feed();

  async list(...objects: T[]): Promise<void> {
    await this.#feed.list(async () => ({ objects, unreadable: [] }));
  }

  set(object: T): void {
    this.#feed.observe(object);
  }
}

let version = 0;
let applications: Source<OIDCApplication>;
let namespaced: Source<ProviderObject>;
let clusterWide: Source<ProviderObject>;
let namespaces: Source<NamespaceObject> | undefined;
let registry: Registry;
let changes: AccessChange[];

beforeEach(() => {
  applications = new Source();
  namespaced = new Source();
  clusterWide = new Source();
  namespaces = undefined;
  const labels = new NamespaceLabels({
    watch: (store) => {
      const feed = store.feed();
      namespaces = Object.assign(new Source<NamespaceObject>(), {
        list: (...objects: NamespaceObject[]) =>
          feed.list(async () => ({ objects, unreadable: [] })),
      });
    },
    onChange: () => registry.labelsChanged(),
  });
  const directory = new ProviderDirectory(namespaced.store, clusterWide.store);
  registry = new Registry(directory, labels, applications.store);
  changes = [];
  registry.subscribe((change) => changes.push(change));
});

function provider(
  kind: ProviderKind,
  { name = 'keycloak', generation = 1, spec = {} as Partial<ClusterOIDCProviderSpec> } = {},
): ProviderObject {
  version += 1;
  return {
    kind,
    metadata: {
      name,
      ...(kind === 'OIDCProvider' && { namespace: 'shop' }),
      uid: `${kind}/${name}`,
      resourceVersion: String(version),
      generation,
    },
    spec: {
      keycloak: { url: 'https://sso.example.com', realm: 'shop' },
      credentialsSecretRef: { name: 'credentials' },
      ...spec,
    },
    status: {},
  };
}

function application(
  name: string,
  {
    kind = 'OIDCProvider',
    provider: at = 'keycloak',
    age = 0,
    namespace = 'shop',
  }: {
    kind?: ProviderKind;
    provider?: string;
    /** In minutes. */
    age?: number;
    namespace?: string;
  } = {},
): OIDCApplication {
  version += 1;
  return {
    metadata: {
      namespace,
      name,
      uid: name,
      resourceVersion: String(version),
      generation: 1,
      creationTimestamp: new Date(Date.UTC(2026, 0, 1) - age * 60_000).toISOString(),
    },
    spec: { clientID, providerRef: { kind, name: at } },
    status: undefined,
    revokePreviousSecretManager: undefined,
  };
}

async function unreachable(): Promise<never> {
  throw new ProviderError('ProviderUnavailable', 'there is none');
}

function ready(
  backend = 'keycloak https://sso.example.com shop',
  ownClient = 'operator',
): Standing {
  const guarded: GuardedProvider = {
    key: 'key',
    issuer: 'https://sso.example.com/realms/shop',
    backend,
    resyncIntervalMs: 1,
    capabilities: {
      overlap: 'slot',
      maxSecrets: 2,
      ownValue: false,
      readable: 'all',
      previousVisible: true,
      previousExpiry: 'policy',
      longestOverlapMs: undefined,
      revoke: 'one',
      lastUsed: false,
    },
    read: unreachable,
    rotate: unreachable,
    revokePrevious: unreachable,
    test: unreachable,
  };
  return { kind: 'ready', provider: guarded, ownClient: { backend, clientID: ownClient } };
}

function found(object: ProviderObject, standing: Standing): void {
  registry.set(keyOfProvider(object), { object, standing });
}

/** What an application may do, in one word. */
function answer({ metadata, spec }: OIDCApplication, of = clientID): string {
  const { providerRef } = spec;
  if (providerRef === undefined) throw new Error('it names no provider');
  const { namespace, name } = metadata;
  const access = registry.access({ namespace, name, providerRef, clientID: of });
  return access.kind === 'denied' ? access.reason : access.kind;
}

test('nothing is known of a provider before it was looked at, nor after its spec has changed', () => {
  const web = application('web');
  applications.set(web);
  expect(answer(web)).toBe('ProviderNotFound');
  const object = provider('OIDCProvider');
  namespaced.set(object);
  expect(answer(web)).toBe('pending');
  found(object, ready());
  expect(answer(web)).toBe('granted');
  const changed = provider('OIDCProvider', { generation: 2 });
  namespaced.set(changed);
  expect(answer(web)).toBe('pending');
  found(changed, { kind: 'failed', reason: 'ProviderUnauthorized', served: false });
  expect(answer(web)).toBe('ProviderNotReady');
});

test('listeners are told of what is news, and of nothing else', () => {
  const object = provider('OIDCProvider');
  namespaced.set(object);
  const told = { providerKey: 'OIDCProvider/shop/keycloak', clientID: undefined };
  const standing = ready();
  found(object, standing);
  expect(changes).toEqual([told]);
  found(provider('OIDCProvider'), standing);
  expect(changes).toEqual([told]);
  found(object, { kind: 'failed', reason: 'ProviderForbidden', served: true });
  found(object, { kind: 'failed', reason: 'ProviderForbidden', served: true });
  expect(changes).toEqual([told, told]);
  registry.set('OIDCProvider/shop/keycloak', undefined);
  expect(changes).toEqual([told, told, told]);
});

test('of two for one client the older one has it, whichever resource each of them names', () => {
  const [one, two] = [provider('OIDCProvider'), provider('OIDCProvider', { name: 'other' })];
  namespaced.set(one);
  namespaced.set(two);
  found(one, ready());
  found(two, ready());
  const [older, younger] = [
    application('older', { age: 2, provider: 'other' }),
    application('younger', { age: 1 }),
  ];
  applications.set(younger);
  expect(answer(younger)).toBe('granted');
  changes.length = 0;
  applications.set(older);
  expect(changes).toContainEqual({ providerKey: 'OIDCProvider/shop/keycloak', clientID });
  expect(answer(older)).toBe('granted');
  expect(answer(younger)).toBe('ClientClaimed');
  expect(answer(younger, 'another')).toBe('granted');
});

test('while it is not known whether the older one has a right, the younger one waits', () => {
  const [one, two] = [provider('OIDCProvider'), provider('OIDCProvider', { name: 'other' })];
  namespaced.set(one);
  namespaced.set(two);
  const [older, younger] = [
    application('older', { age: 2, provider: 'other' }),
    application('younger', { age: 1 }),
  ];
  applications.set(older);
  applications.set(younger);
  found(one, ready());
  expect(answer(younger)).toBe('pending');
  changes.length = 0;
  found(two, { kind: 'failed', reason: 'ProviderUnauthorized', served: false });
  expect(answer(younger)).toBe('granted');
  expect(changes).toContainEqual({
    providerKey: 'OIDCProvider/shop/keycloak',
    clientID: undefined,
  });
  // One that was in order once keeps what it has.
  found(two, { kind: 'failed', reason: 'ProviderUnauthorized', served: true });
  expect(answer(younger)).toBe('ClientClaimed');
});

test('an application that is gone holds nothing against one that is there', () => {
  const object = provider('OIDCProvider');
  namespaced.set(object);
  found(object, ready());
  const gone = application('gone', { age: 9 });
  expect(answer(gone)).toBe('granted');
  applications.set(application('web'));
  expect(answer(gone)).toBe('ClientClaimed');
});

test("the operator's own client is denied at every resource behind which it is", () => {
  const [one, two] = [
    provider('OIDCProvider'),
    provider('OIDCProvider', {
      name: 'other',
      spec: { keycloak: { url: 'https://sso.example.com', realm: 'other' } },
    }),
  ];
  namespaced.set(one);
  namespaced.set(two);
  found(one, ready('keycloak https://sso.example.com shop', 'operator'));
  found(two, ready('keycloak https://sso.example.com other', 'second'));
  expect(answer(application('web'), 'operator')).toBe('OwnClient');
  expect(answer(application('web'), 'second')).toBe('granted');
  expect(answer(application('web', { provider: 'other' }), 'operator')).toBe('granted');
});

test('a grant by labels is not decided before they are known', async () => {
  const object = provider('ClusterOIDCProvider', {
    spec: { grants: [{ namespaceSelector: { matchLabels: { team: 'web' } }, clientIDs: ['*'] }] },
  });
  clusterWide.set(object);
  found(object, ready());
  const web = application('web', { kind: 'ClusterOIDCProvider' });
  const other = application('other', { kind: 'ClusterOIDCProvider', namespace: 'blog' });
  expect(namespaces).toBeUndefined();
  expect(answer(web)).toBe('pending');
  changes.length = 0;
  await namespaces?.list(
    { metadata: { name: 'shop', uid: '1', resourceVersion: '1', labels: { team: 'web' } } },
    { metadata: { name: 'blog', uid: '2', resourceVersion: '2', labels: {} } },
  );
  await Promise.resolve();
  expect(answer(web)).toBe('granted');
  expect(answer(other)).toBe('ClientNotGranted');
  expect(changes).toContainEqual({
    providerKey: 'ClusterOIDCProvider/keycloak',
    clientID: undefined,
  });
});
