import { expect, test } from 'vitest';
import type {
  Condition,
  OIDCApplicationSpec,
  OIDCApplicationStatus,
} from '../../src/api/oidcapplication.gen.ts';
import { formatTimestamp } from '../../src/api/timestamp.ts';
import { takeCensus } from '../../src/controller/census.ts';
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
  return takeCensus(await storeOf(applications), await storeOf(secrets), NOW);
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
