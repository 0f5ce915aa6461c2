import { expect, test } from 'vitest';
import type { OIDCApplicationStatus } from '../../src/api/oidcapplication.gen.ts';
import { testNamespace } from '../setup/cluster.ts';
import { application, create, patchSpec, patchStatus, read } from './server.ts';

const time = '2026-11-24T10:00:00.000Z';
const condition = {
  status: 'True',
  observedGeneration: 1,
  lastTransitionTime: '2026-11-24T10:00:00Z',
  reason: 'Published',
  message: 'version 3 is published',
} as const;
const status: Required<OIDCApplicationStatus> = {
  observedGeneration: 1,
  clientID: 'web-shop',
  secretName: 'web-oidc',
  currentSecret: { version: 3, issuedAt: time },
  previousSecret: {
    version: 2,
    issuedAt: time,
    retiredAt: time,
    expiresAt: time,
    lastUsedAt: time,
  },
  lastRevocation: {
    version: 1,
    time,
    reason: 'Requested',
    verified: 'Unverifiable',
    verificationMessage: 'the provider cannot be asked',
  },
  nextRotationTime: time,
  conditions: [
    { ...condition, type: 'Ready' },
    { ...condition, type: 'PreviousSecretRetained', reason: 'Retained', message: '' },
  ],
};

test('status keeps every field, and only its own endpoint writes it', async () => {
  const namespace = await testNamespace('status');
  const created = await create(namespace, { ...application({}), status });
  expect(created.status).toEqual({ observedGeneration: -1 });

  await patchStatus(namespace, { ...status });
  expect((await read(namespace)).status).toEqual(status);

  await patchSpec(namespace, { suspend: true });
  const after = await read(namespace);
  expect(after.status).toEqual(status);
  expect(after.metadata.generation).toBe(2);

  await patchStatus(namespace, { previousSecret: null });
  const { previousSecret: _, ...rest } = status;
  expect((await read(namespace)).status).toEqual(rest);
});

test.for([
  ...['Requested', 'RetiredBefore', 'IssuedBefore', 'Expired', 'NotRetained', 'Removed', 'Deleted'],
])('a revocation can have the reason %s', async (reason) => {
  const namespace = await testNamespace('status');
  await create(namespace, application({}));
  const lastRevocation = { version: 1, time, reason };
  await patchStatus(namespace, { lastRevocation });
  expect((await read(namespace)).status).toEqual({ observedGeneration: -1, lastRevocation });
});
