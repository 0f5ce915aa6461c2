import { expect, test } from 'vitest';
import { clientSecrets, conditionOf, HOUR, MINUTE, Scene } from './harness.ts';

test('a new application gets a client secret of 256 bits, published with its client ID', async () => {
  const scene = await Scene.start();
  await scene.create('web', { clientID: 'web-shop' });

  const application = await scene.published('web', 1);
  const secret = await scene.secret('web');

  expect(secret.type).toBe('Opaque');
  expect(Object.keys(secret.data ?? {}).sort()).toEqual(['client-id', 'client-secret']);
  expect(clientSecrets(secret).current).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(secret.metadata.labels).toEqual({
    'app.kubernetes.io/managed-by': 'keyturn',
    'keyturn.dev/application': 'web',
  });
  expect(application.status).toMatchObject({ clientID: 'web-shop', secretName: 'web' });
  expect(conditionOf(application, 'PreviousSecretRetained')).toMatchObject({
    status: 'False',
    reason: 'NeverRotated',
  });
});

test('rotateAfter: a rotation retains the secret before, which ends at its expiry', async () => {
  const scene = await Scene.start();
  await scene.create('web', { rotation: { retainPreviousFor: '2h' } });
  await scene.published('web', 1);
  const first = clientSecrets(await scene.secret('web'));

  await scene.edit('web', { rotation: { rotateAfter: scene.time() } });
  const rotated = await scene.published('web', 2);
  const both = clientSecrets(await scene.secret('web'));
  expect(both.previous).toBe(first.current);
  expect(both.current).not.toBe(first.current);
  expect(conditionOf(rotated, 'PreviousSecretRetained')).toMatchObject({ reason: 'Retained' });

  scene.clock.advance(2 * HOUR + MINUTE);
  const expired = await scene.reaches('web', (application) =>
    expect(conditionOf(application, 'PreviousSecretRetained')).toMatchObject({
      status: 'False',
      reason: 'Expired',
    }),
  );
  expect(clientSecrets(await scene.secret('web'))).toEqual({
    current: both.current,
    previous: undefined,
  });
  expect(expired.status?.previousSecret).toBeUndefined();
  expect(expired.status?.lastRevocation).toMatchObject({ version: 1, reason: 'Expired' });
});
