import { expect, test } from 'vitest';
import { admin, Scene } from '../controller/harness.ts';
import { eventsUntil } from '../controller/observe.ts';
import { issue, issueAndRotate, whenEnded } from '../controller/steps.ts';
import { keyturn, labelled, pluginIn, stdoutOf } from './plugin.ts';

test('status shows the previous secret while one is valid, and the events', async () => {
  const scene = await Scene.start();
  const run = pluginIn(scene);
  await issueAndRotate(scene, 'web', { clientID: 'web-shop' });
  await eventsUntil(scene, 'web', 'SecretRotated');
  const before = stdoutOf(await run('status web'));
  const { status } = await scene.application('web');
  expect(before).toMatch(/^Client ID: +web-shop$/m);
  expect(before).toMatch(/^Ready: +True \(Published\)$/m);
  expect(before).toMatch(/Current Client Secret\n {2}Version: +2\n/);
  expect(before).toMatch(/Previous Client Secret\n {2}Version: +1\n/);
  expect(before).toMatch(
    new RegExp(`Valid until: +${status?.previousSecret?.expiresAt} \\(in 23h`),
  );
  expect(before).toMatch(/^ {2}PreviousSecretRetained +True +Retained/m);
  expect(before).toMatch(/^ {2}\d+s +Normal +SecretRotated +Issued version 2/m);

  await scene.edit('web', { revokeRetiredBefore: scene.time() });
  await whenEnded(scene, 'web', 'RetiredBefore');
  const after = stdoutOf(await run('status web'));
  expect(after).not.toContain('Previous Client Secret');
  expect(after).toMatch(/Last Revocation\n {2}Version: +1\n.*\n {2}Reason: +RetiredBefore\n/);
});

test('status shows no event of an earlier application, nor of another one', async () => {
  const scene = await Scene.start();
  const run = pluginIn(scene);
  for (const name of ['api', 'web']) {
    await issue(scene, name);
    await eventsUntil(scene, name, 'SecretIssued');
  }
  await admin.applications.delete({ namespace: scene.namespace, name: 'web' });
  await scene.create('web');
  await scene.published('web', 1);
  stdoutOf(await run('rotate web --wait'));
  await eventsUntil(scene, 'web', 'SecretRotated');
  const text = stdoutOf(await run('status web'));
  expect(text).toContain('SecretRotated');
  expect(text).not.toContain('SecretIssued');
});

test('status of several, by name or as kubectl prints names', async () => {
  const scene = await Scene.start();
  for (const name of ['api', 'web']) await issue(scene, name);
  const text = stdoutOf(
    await pluginIn(scene)('status oidcapp/api oidcapplication.keyturn.dev/web'),
  );
  expect(text.match(/^Name: +.*$/gm)).toEqual(['Name:        api', 'Name:        web']);
});

test('status -o prints the object, without who wrote what', async () => {
  const scene = await Scene.start();
  const run = pluginIn(scene);
  for (const name of ['api', 'web']) await issue(scene, name);
  const one = stdoutOf(await run('status web -o json'));
  expect(JSON.parse(one)).toMatchObject({
    apiVersion: 'keyturn.dev/v1alpha1',
    kind: 'OIDCApplication',
    metadata: { name: 'web', namespace: scene.namespace },
    status: { currentSecret: { version: 1 } },
  });
  expect(one).not.toContain('managedFields');
  const two = stdoutOf(await run('status api web -o yaml'));
  expect(two).toMatch(
    /^apiVersion: v1\nkind: List\nitems:\n {2}- apiVersion: keyturn.dev\/v1alpha1/,
  );
});

test('list shows what the filters let through', async () => {
  const scene = await Scene.start();
  const run = pluginIn(scene);
  const names = async (args: string) => {
    const text = stdoutOf(await run(`list ${args}`));
    return [...text.matchAll(/^([a-z]+) /gm)].map(([, name]) => name);
  };
  await issue(scene, 'api');
  await labelled(scene, 'api', { team: 'pay' });
  await issueAndRotate(scene, 'checkout');
  await issueAndRotate(scene, 'web', { rotation: { retainPreviousFor: '100h' } });
  await scene.edit('checkout', { rotation: { rotateAfter: scene.time() } });
  await scene.reaches('checkout', ({ status }) =>
    expect(status?.conditions).toContainEqual(expect.objectContaining({ type: 'RotationHeld' })),
  );

  expect(await names('')).toEqual(['api', 'checkout', 'web']);
  expect(await names('-l team=pay')).toEqual(['api']);
  expect(await names('--retained')).toEqual(['checkout', 'web']);
  expect(await names('--held')).toEqual(['checkout']);
  expect(await names('--expiring-within 2d')).toEqual(['checkout']);
  expect(await names('--expiring-within 7d')).toEqual(['checkout', 'web']);
  const none = await run('list --overdue');
  expect({ ...none }).toEqual({
    code: 0,
    stdout: '',
    stderr: `No such OIDCApplication found in namespace ${scene.namespace}.\n`,
  });
});

test('list -A and -o json', async () => {
  const scene = await Scene.start();
  await issue(scene, 'web');
  const everywhere = stdoutOf(await keyturn(['list', '--all-namespaces']));
  expect(everywhere).toMatch(/^NAMESPACE +NAME +READY/);
  expect(everywhere).toMatch(new RegExp(`^${scene.namespace} +web +True +1 `, 'm'));
  const json = stdoutOf(await pluginIn(scene)('list -o json'));
  expect(JSON.parse(json)).toMatchObject({ kind: 'List', items: [{ metadata: { name: 'web' } }] });
});
