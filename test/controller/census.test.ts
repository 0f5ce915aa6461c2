import { expect, test } from 'vitest';
import type {
  Condition,
  OIDCApplicationSpec,
  OIDCApplicationStatus,
} from '../../src/api/oidcapplication.gen.ts';
import { formatTimestamp } from '../../src/api/timestamp.ts';
import { takeCensus } from '../../src/controller/census.ts';
import { indexSecrets } from '../../src/controller/indexes.ts';
import {
  applicationResource,
  type OIDCApplication,
  type SecretObject,
  secretResource,
} from '../../src/controller/resources.ts';
import type { KubernetesObject } from '../../src/kubernetes/resource.ts';
import { Store } from '../../src/kubernetes/store.ts';

const NOW = Date.parse('2026-11-27T12:00:00Z');
const MINUTE = 60_000;
const at = (ms: number) => formatTimestamp(NOW + ms);

function metadataOf(name: string) {
  return { namespace: 'shop', name, uid: `uid-${name}`, resourceVersion: '1' };
}

function application(
  name: string,
  spec: OIDCApplicationSpec,
  status: OIDCApplicationStatus,
): OIDCApplication {
  return applicationResource.parse({ metadata: metadataOf(name), spec, status });
}

/** A backing Secret of the application, which ends its previous value at this time. */
function secret(name: string, application: string, expiresAt?: string): SecretObject {
  const annotations = {
    'keyturn.dev/application': application,
    ...(expiresAt !== undefined && { 'keyturn.dev/previous-expires-at': expiresAt }),
  };
  return secretResource.parse({ metadata: { ...metadataOf(name), annotations } });
}

function condition(type: string, reason: string, status: Condition['status'] = 'True'): Condition {
  return { type, status, reason, message: '', lastTransitionTime: at(0) };
}

async function storeOf<T extends KubernetesObject>(objects: readonly T[]): Promise<Store<T>> {
  const store = new Store<T>();
  await store.feed().list(async () => ({ objects: [...objects], unreadable: [] }));
  return store;
}

async function census(
  applications: readonly OIDCApplication[],
  secrets: readonly SecretObject[] = [],
) {
  const backing = await storeOf(secrets);
  indexSecrets(backing);
  return takeCensus(await storeOf(applications), backing, NOW);
}

test.for<[string, Condition['status'], number]>([
  ['Retained', 'True', 0],
  ['RevocationHeld', 'True', 0],
  ['RevocationPending', 'True', 1],
  ['RevocationFailed', 'True', 1],
  ['Revoked', 'False', 0],
])('a previous secret that is %s (%s): %i overdue', async ([reason, status, overdue]) => {
  const conditions = [condition('PreviousSecretRetained', reason, status)];
  const { revocations } = await census([application('web', {}, { conditions })]);
  expect(revocations).toEqual({ overdue, failing: reason === 'RevocationFailed' ? 1 : 0 });
});

test('an application counts once, and so does a Secret whose application is gone', async () => {
  const conditions = [condition('PreviousSecretRetained', 'RevocationPending')];
  const secrets = [
    secret('web-oidc', 'web', at(-MINUTE)),
    secret('gone', 'gone', at(-1)),
    secret('api', 'api', at(MINUTE)),
    secret('new', 'new'),
  ];
  const found = await census([application('web', {}, { conditions })], secrets);
  expect(found.revocations.overdue).toBe(2);
  expect(found.retained).toBe(3);
});

test.for<[string, number, number, number]>([
  ['issued before', -2, -1, 1],
  ['issued at the very time', -1, -1, 0],
  ['a time that is refused, as it lies too far ahead', -1, 6, 0],
  ['a time just ahead', -1, 4, 1],
])('revokeIssuedBefore and the current secret: %s', async ([, issued, boundary, overdue]) => {
  const spec = { revokeIssuedBefore: at(boundary * MINUTE) };
  const currentSecret = { version: 1, issuedAt: at(issued * MINUTE) };
  const { revocations } = await census([application('web', spec, { currentSecret })]);
  expect(revocations.overdue).toBe(overdue);
});

const previousSecret = {
  ...{ version: 1, issuedAt: at(-4 * MINUTE), retiredAt: at(-2 * MINUTE) },
  expiresAt: at(MINUTE),
};

test.for<[string, OIDCApplicationSpec, number]>([
  ['nothing', {}, 0],
  ['revokePreviousSecret', { revokePreviousSecret: true }, 1],
  ['revokeRetiredBefore', { revokeRetiredBefore: at(-MINUTE) }, 1],
  ['revokeRetiredBefore, of an earlier time', { revokeRetiredBefore: at(-3 * MINUTE) }, 0],
  ['revokeIssuedBefore', { revokeIssuedBefore: at(-3 * MINUTE) }, 1],
  ['revokeIssuedBefore, of an earlier time', { revokeIssuedBefore: at(-5 * MINUTE) }, 0],
])('the Secret cannot be read, and spec asks for the end by %s', async ([, spec, overdue]) => {
  const conditions = [condition('PreviousSecretRetained', 'SecretMalformed', 'Unknown')];
  const currentSecret = { version: 2, issuedAt: at(-2 * MINUTE) };
  const status = { conditions, currentSecret, previousSecret };
  const { revocations } = await census([application('web', spec, status)]);
  expect(revocations.overdue).toBe(overdue);
});

test('the Secret cannot be read, and what it retained has expired: overdue', async () => {
  const status = { previousSecret: { ...previousSecret, expiresAt: at(-1) } };
  expect((await census([application('web', {}, status)])).revocations.overdue).toBe(1);
});

test('a previous secret that stays valid until spec is changed is not overdue', async () => {
  const conditions = [condition('PreviousSecretRetained', 'RevocationHeld')];
  const web = application('web', { revokePreviousSecret: true }, { conditions, previousSecret });
  expect((await census([web])).revocations.overdue).toBe(0);
});

test.for(['revokeRetiredBefore', 'revokeIssuedBefore'] as const)(
  '%s that was refused ends nothing when its time has come, until it is edited',
  async (field) => {
    const refused = { [field]: at(-MINUTE) };
    const state = {
      keys: { clientID: 'id', clientSecret: 'current', previousClientSecret: 'previous' },
      ...{ labels: [], annotations: [], digests: { salt: '', current: '', former: [] }, refused },
    };
    const annotations = {
      'keyturn.dev/application': 'web',
      'keyturn.dev/secret-version': '2',
      'keyturn.dev/issued-at': at(-2 * MINUTE),
      'keyturn.dev/state': JSON.stringify(state),
    };
    const secrets = [secretResource.parse({ metadata: { ...metadataOf('web'), annotations } })];
    const status = { currentSecret: { version: 2, issuedAt: at(-2 * MINUTE) }, previousSecret };
    const overdue = async (spec: OIDCApplicationSpec) =>
      (await census([application('web', spec, status)], secrets)).revocations.overdue;
    expect(await overdue(refused)).toBe(0);
    expect(await overdue({ [field]: at(-MINUTE + 1) })).toBe(1);
  },
);

test('an application that is being deleted asks for nothing, but what it retained still ends', async () => {
  const deletionTimestamp = at(-MINUTE);
  const deleted = applicationResource.parse({
    metadata: { ...metadataOf('web'), deletionTimestamp },
    spec: { revokePreviousSecret: true },
    status: {
      conditions: [condition('PreviousSecretRetained', 'RevocationFailed')],
      ...{ previousSecret, nextRotationTime: at(-1) },
    },
  });
  const of = async (expiresAt: string) =>
    await census([deleted], [secret('web', 'web', expiresAt)]);
  const none = { revocations: { overdue: 0, failing: 0 }, rotations: { overdue: 0, held: {} } };
  expect(await of(at(MINUTE))).toMatchObject(none);
  expect((await of(at(-MINUTE))).revocations.overdue).toBe(1);
});

test('a rotation is overdue once its time has come, unless it is held', async () => {
  const held = [condition('RotationHeld', 'Suspended')];
  const found = await census([
    application('due', {}, { nextRotationTime: at(-1) }),
    application('held', {}, { nextRotationTime: at(-1), conditions: held }),
    application('planned', {}, { nextRotationTime: at(MINUTE) }),
    application('unplanned', {}, {}),
  ]);
  expect(found.rotations).toEqual({ overdue: 1, held: { Suspended: 1 } });
});

test('applications are counted by Ready, and the stalled ones by reason', async () => {
  const found = await census([
    application('web', {}, { conditions: [condition('Ready', 'Published')] }),
    application('api', {}, { conditions: [condition('Stalled', 'InvalidSpec')] }),
    application('new', {}, {}),
  ]);
  expect(found.applications).toEqual({ ready: 1, notReady: 2 });
  expect(found.stalled).toEqual({ InvalidSpec: 1 });
});
