import { expect, test } from 'vitest';
import { clientSecrets, plainValue, Scene } from '../controller/harness.ts';
import { currentOf, issue, issueAndRotate, rotate, whenEnded } from '../controller/steps.ts';
import { eventually } from '../setup/cluster.ts';
import { backUp, lose, overwriteSecret, restoreApplications, restoreSecrets } from './backup.ts';

test('applications first, while the operator runs: the restored Secrets come too late', async () => {
  const scene = await Scene.start();
  const { first, second } = await issueAndRotate(scene, 'web');
  const backup = await backUp(scene, 'web');
  await lose(scene, ['web']);
  await restoreApplications(scene, [backup]);
  await scene.published('web', 1);
  const issued = currentOf(await scene.secret('web'));
  expect([first, second]).not.toContain(issued);

  await expect(restoreSecrets([backup])).rejects.toThrow('already exists');
  await overwriteSecret(backup);
  await scene.published('web', 2);
  expect(clientSecrets(await scene.secret('web'))).toEqual({ current: second, previous: first });
  expect(await backUp(scene, 'web')).toEqual(backup);
});

test('an older Secret put in the place of the present one: the past becomes the present', async () => {
  const scene = await Scene.start();
  const { first, second } = await issueAndRotate(scene, 'web');
  const backup = await backUp(scene, 'web');
  await scene.edit('web', { revokePreviousSecret: true });
  await whenEnded(scene, 'web', 'Requested');
  await scene.edit('web', { revokePreviousSecret: false });
  await rotate(scene, 'web');

  await overwriteSecret(backup);
  await scene.reaches('web', ({ status }) => expect(status?.previousSecret?.version).toBe(1));
  await scene.published('web', 2);
  expect(clientSecrets(await scene.secret('web'))).toEqual({ current: second, previous: first });
});

test.for([
  ['revokeRetiredBefore', 'RetiredBefore', 'the current one stays'],
  ['revokeIssuedBefore', 'IssuedBefore', 'both are replaced'],
] as const)(
  'an older Secret, and %s stands (%s): it is carried out, %s',
  async ([field, reason]) => {
    const scene = await Scene.start();
    const { first, second } = await issueAndRotate(scene, 'web');
    const backup = await backUp(scene, 'web');
    await scene.edit('web', { [field]: scene.time() });
    await whenEnded(scene, 'web', reason);
    const between = currentOf(await scene.secret('web'));

    await overwriteSecret(backup);
    const stays = field === 'revokeRetiredBefore';
    const secrets = await eventually(async () => {
      const found = clientSecrets(await scene.secret('web'));
      expect(found.previous).toBeUndefined();
      return found;
    });
    await scene.published('web', stays ? 2 : 4);
    await whenEnded(scene, 'web', reason);
    expect(secrets.current === second).toBe(stays);
    expect([first, ...(stays ? [] : [between])]).not.toContain(secrets.current);
  },
);

test('Delete: where the tool took the owner off, the application takes its Secret up', async () => {
  const scene = await Scene.start();
  const current = await issue(scene, 'web', { deletionPolicy: 'Delete' });
  const backup = await backUp(scene, 'web');
  await lose(scene, ['web']);
  await restoreSecrets([backup]);
  await restoreApplications(scene, [backup]);

  const { metadata } = await scene.published('web', 1);
  const secret = await scene.secret('web');
  expect(currentOf(secret)).toBe(current);
  expect(secret.metadata.ownerReferences?.map(({ uid }) => uid)).toEqual([metadata.uid]);
});

test('into another namespace: the client secrets stay, and only a client ID that is not set changes', async () => {
  const from = await Scene.start();
  const named = { clientID: 'web-shop' };
  const secrets = {
    named: await issueAndRotate(from, 'named', named),
    unnamed: await issueAndRotate(from, 'unnamed'),
  };
  const backups = [await backUp(from, 'named'), await backUp(from, 'unnamed')];

  const into = await Scene.start();
  const { namespace } = into;
  await restoreSecrets(
    backups.map(({ secret, ...rest }) => ({
      ...rest,
      secret: { ...secret, metadata: { ...secret.metadata, namespace } },
    })),
  );
  await restoreApplications(into, backups);
  for (const [name, clientID] of [
    ['named', named.clientID],
    ['unnamed', `${namespace}.unnamed`],
  ] as const) {
    const { status } = await into.published(name, 2);
    expect(status?.clientID).toBe(clientID);
    const secret = await into.secret(name);
    const { first, second } = secrets[name];
    expect(clientSecrets(secret)).toEqual({ current: second, previous: first });
    expect(plainValue(secret, 'client-id')).toBe(clientID);
  }
});
