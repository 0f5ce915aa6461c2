import { expect, test } from 'vitest';
import { clientSecrets, HOUR, Scene } from '../controller/harness.ts';
import { issue, issueAndRotate, whenEnded } from '../controller/steps.ts';
import { pluginIn, stdoutOf, unread } from './plugin.ts';

test('revoke ends the previous secret and leaves nothing that cuts off the next rotation', async () => {
  const scene = await Scene.start();
  const run = pluginIn(scene);
  const { second } = await issueAndRotate(scene, 'web');
  const revoked = await run('revoke web --yes --wait');
  expect(stdoutOf(revoked)).toBe('web: version 2 is current, no previous one is valid.\n');
  expect(clientSecrets(await scene.secret('web'))).toEqual({
    current: second,
    previous: undefined,
  });

  stdoutOf(await run('rotate web --wait'));
  const rotated = await scene.published('web', 3);
  expect(rotated.status?.previousSecret?.version).toBe(2);
  expect(rotated.spec.revokePreviousSecret).toBe(false);
});

test('revoke without a previous secret says so, and ends well', async () => {
  const scene = await Scene.start();
  await issue(scene, 'web');
  const { code, stdout, stderr } = await pluginIn(scene)('revoke web');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toBe('web: no previous client secret is valid: nothing to revoke.\n');
  expect((await scene.published('web', 1)).spec.revokeRetiredBefore).toBeUndefined();
});

test('revoke without a terminal and without --yes changes nothing', async () => {
  const scene = await Scene.start();
  const { first } = await issueAndRotate(scene, 'web');
  const { code, stdout, stderr } = await pluginIn(scene)('revoke web');
  expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
  expect(stderr).toContain('there is no terminal to ask for your consent on: nothing was changed');
  expect((await scene.published('web', 2)).spec.revokeRetiredBefore).toBeUndefined();
  expect(clientSecrets(await scene.secret('web')).previous).toBe(first);
});

test('revoke lets a rotation go ahead that waited for the end, and tells so before', async () => {
  const scene = await Scene.start();
  const run = pluginIn(scene);
  const { second } = await issueAndRotate(scene, 'web');
  await run('rotate web');
  const held = await run('wait web --timeout 0s');
  expect(held.code).toBe(4);
  const { stdout, stderr, code } = await run('revoke web --yes --wait');
  expect(code).toBe(0);
  expect(stderr).toContain('warning: web: a rotation waits for its end');
  const { status } = await scene.published('web', 3);
  expect(stdout).toContain('version 3 is current, version 2 stays valid until');
  expect(status?.lastRevocation).toMatchObject({ version: 1, reason: 'RetiredBefore' });
  expect(clientSecrets(await scene.secret('web')).previous).toBe(second);
});

test('revoke --wait waits for what was asked for before, and does not ask again', async () => {
  const scene = await Scene.start();
  await issueAndRotate(scene, 'web');
  await scene.handle.stop();
  await scene.edit('web', { revokePreviousSecret: true });
  const { code, stdout, stderr } = await pluginIn(scene)('revoke web --wait --timeout 1s');
  expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
  expect(stderr).toBe(
    'error: web: not within the time given: the operator has not seen the newest spec yet.\n',
  );
  expect((await scene.application('web')).spec.revokeRetiredBefore).toBeUndefined();
  const asked = await pluginIn(scene)('revoke web');
  expect(stdoutOf(asked)).toContain('spec asks already for the end of version 1');
});

test('incident replaces the current secret and retains nothing', async () => {
  const scene = await Scene.start();
  const { first, second } = await issueAndRotate(scene, 'web');
  const run = pluginIn(scene);
  const refused = await run('incident web');
  expect(refused.code).toBe(3);
  expect(refused.stderr).toContain('Version 2, the current client secret, issued');
  expect(refused.stderr).toContain('Version 1, the previous client secret, is revoked.');
  await scene.published('web', 2);

  const answered = await run('incident web --yes --wait');
  expect(stdoutOf(answered)).toBe('web: version 3 is current, no previous one is valid.\n');
  const { current, previous } = clientSecrets(await scene.secret('web'));
  expect([first, second]).not.toContain(current);
  expect(previous).toBeUndefined();
  await whenEnded(scene, 'web', 'IssuedBefore');
});

test('incident --leaked-at leaves alone what was issued since', async () => {
  const scene = await Scene.start();
  const run = pluginIn(scene);
  await issue(scene, 'web');
  const leakedAt = new Date(Date.parse(scene.time()) + 1).toISOString();
  stdoutOf(await run('rotate web --wait'));
  const answered = await run(`incident web --leaked-at ${leakedAt} --yes --wait`);
  expect(answered.stderr).not.toContain('current client secret');
  expect(stdoutOf(answered)).toBe('web: version 2 is current, no previous one is valid.\n');

  const before = await run(`incident web --leaked-at ${leakedAt}`);
  expect(stdoutOf(before)).toContain('nothing to revoke');
  const ahead = await run(`incident web --leaked-at ${scene.time(HOUR)} --yes`);
  expect(ahead.code).toBe(1);
  expect(ahead.stderr).toContain('--leaked-at lies in the future');
});

test('incident for a fleet asks once, for all of them', async () => {
  const scene = await Scene.start();
  for (const name of ['api', 'web']) await issue(scene, name);
  const { code, stdout, stderr } = await pluginIn(scene)('incident api web -o yaml --yes --wait');
  expect(code).toBe(0);
  expect(stderr).toMatch(
    /^api \(namespace .*\n {2}Version 1.*\nweb \(namespace .*\n {2}Version 1.*\n$/,
  );
  expect(stdout).toContain('  - name: api\n    outcome: Reached\n');
  for (const name of ['api', 'web']) await scene.published(name, 2);
});

test('a reader that has seen enough does not end an incident half-way', async () => {
  const scene = await Scene.start();
  const names = ['api', 'checkout', 'web'];
  for (const name of names) await issue(scene, name);
  const code = await unread(['incident', ...names, '--yes', '--namespace', scene.namespace]);
  expect(code).toBe(0);
  for (const name of names) await scene.published(name, 2);
});
