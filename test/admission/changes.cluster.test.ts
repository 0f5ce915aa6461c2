import { describe, expect, test } from 'vitest';
import { testNamespace } from '../setup/cluster.ts';
import { application, create, type Fields, patchSpec, patchStatus, verdict } from './server.ts';

const keycloak = { kind: 'OIDCProvider', name: 'keycloak' };

/** Creates the application web in a namespace of its own and resolves to that namespace. */
async function stored(spec: Fields): Promise<string> {
  const namespace = await testNamespace('changes');
  await create(namespace, application(spec));
  return namespace;
}

describe('identity is set at creation or never', () => {
  test.for([
    ['clientID', 'changed', { clientID: 'web' }, { clientID: 'other' }],
    ['clientID', 'added', {}, { clientID: 'web' }],
    ['clientID', 'removed', { clientID: 'web' }, { clientID: null }],
    ['providerRef', 'changed', { providerRef: keycloak }, { providerRef: { name: 'other' } }],
    [
      'providerRef',
      'changed in kind',
      { providerRef: keycloak },
      { providerRef: { kind: 'ClusterOIDCProvider' } },
    ],
    ['providerRef', 'added', {}, { providerRef: keycloak }],
    ['providerRef', 'removed', { providerRef: keycloak }, { providerRef: null }],
  ] as const)('%s cannot be %s', async ([field, , before, change]) => {
    const namespace = await stored(before);
    const answer = await verdict(patchSpec(namespace, change));
    expect(answer).toContain(`spec.${field}: Forbidden: ${field} is set at creation or never`);
    expect(answer).toContain('create another OIDCApplication');
  });

  test('and everything else can change', async () => {
    const namespace = await stored({ clientID: 'web', providerRef: keycloak });
    const change = {
      clientID: 'web',
      providerRef: keycloak,
      secret: { name: 'other', keys: { clientID: 'id' }, labels: { a: 'b' } },
      rotation: { rotateAfter: '2026-11-24T10:00:00Z', every: '720h', retainPreviousFor: '1h' },
      revokePreviousSecret: true,
      revokeRetiredBefore: '2026-11-24T10:00:00Z',
      revokeIssuedBefore: '2026-11-24T10:00:00Z',
      suspend: true,
      deletionPolicy: 'Delete',
    };
    // In two steps: rotateAfter may not change while revokePreviousSecret is true.
    expect(await verdict(patchSpec(namespace, { ...change, revokePreviousSecret: false }))).toBe(
      'accepted',
    );
    expect(await verdict(patchSpec(namespace, change))).toBe('accepted');
  });
});

describe('rotateAfter while revokePreviousSecret is true', () => {
  const time = '2026-11-24T10:00:00Z';
  const later = '2026-11-25T10:00:00Z';
  const contradiction = { revokePreviousSecret: true, rotation: { rotateAfter: time } };

  test('can be created, since a stored object must be restorable', async () => {
    const namespace = await testNamespace('changes');
    expect(await verdict(create(namespace, application(contradiction)))).toBe('accepted');
  });

  test.for<readonly [string, Fields, Fields]>([
    ['changed', contradiction, { rotation: { rotateAfter: later } }],
    ['added', { revokePreviousSecret: true }, { rotation: { rotateAfter: time } }],
    [
      'changed as revokePreviousSecret becomes true',
      { rotation: { rotateAfter: time } },
      { revokePreviousSecret: true, rotation: { rotateAfter: later } },
    ],
    [
      'changed as retainPreviousFor stops being 0s',
      { revokePreviousSecret: true, rotation: { retainPreviousFor: '0s', rotateAfter: time } },
      { rotation: { retainPreviousFor: '2h', rotateAfter: later } },
    ],
  ])('cannot be %s', async ([, before, change]) => {
    const answer = await verdict(patchSpec(await stored(before), change));
    expect(answer).toContain('spec.rotation.rotateAfter: Forbidden');
    expect(answer).toContain('while revokePreviousSecret is true');
    expect(answer).toMatch(/retainPreviousFor is (24h|2h): the rotation would be held/);
    expect(answer).toContain(
      'Set revokePreviousSecret to false, or rotation.retainPreviousFor to 0s',
    );
  });

  test.for<readonly [string, Fields, Fields]>([
    ['removed', contradiction, { rotation: { rotateAfter: null } }],
    ['left alone while another field changes', contradiction, { suspend: true }],
    [
      'left alone as revokePreviousSecret becomes true',
      { rotation: { rotateAfter: time } },
      { revokePreviousSecret: true },
    ],
    [
      'changed once revokePreviousSecret is false',
      contradiction,
      { revokePreviousSecret: false, rotation: { rotateAfter: later } },
    ],
    [
      'changed once nothing is retained',
      contradiction,
      { rotation: { rotateAfter: later, retainPreviousFor: '0s' } },
    ],
    [
      'changed once nothing is retained, in other words',
      contradiction,
      { rotation: { rotateAfter: later, retainPreviousFor: '0h0m' } },
    ],
  ])('can be %s', async ([, before, change]) => {
    expect(await verdict(patchSpec(await stored(before), change))).toBe('accepted');
  });

  test('does not stand in the way of a status update', async () => {
    const namespace = await stored(contradiction);
    expect(await verdict(patchStatus(namespace, { observedGeneration: 1 }))).toBe('accepted');
  });
});
