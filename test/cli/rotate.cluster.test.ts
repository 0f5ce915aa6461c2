import { expect, test } from 'vitest';
import { clientSecrets, conditionOf, HOUR, Scene } from '../controller/harness.ts';
import { issue, issueAndRotate, whenCondition } from '../controller/steps.ts';
import { labelled, pluginIn, stdoutOf } from './plugin.ts';

test('rotate --wait: the new secret is out, the one before is retained as spec says', async () => {
  const scene = await Scene.start();
  const first = await issue(scene, 'web', { rotation: { retainPreviousFor: '2h' } });
  const { code, stdout, stderr } = await pluginIn(scene)('rotate web --wait');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const { status, spec } = await scene.application('web');
  expect(stdout).toBe(
    `web: version 2 is current, version 1 stays valid until ${status?.previousSecret?.expiresAt}.\n`,
  );
  expect(clientSecrets(await scene.secret('web')).previous).toBe(first);
  expect(spec.rotation?.rotateAfter).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  expect(spec.rotation?.retainPreviousFor).toBe('2h');
});

test('rotate --retain sets how long, and it is applied again with the next rotation', async () => {
  const scene = await Scene.start();
  const run = pluginIn(scene);
  await issue(scene, 'web');
  stdoutOf(await run('rotate web --retain 7d --wait'));
  const { spec, status } = await scene.application('web');
  expect(spec.rotation?.retainPreviousFor).toBe('168h');
  const { retiredAt, expiresAt } = status?.previousSecret ?? {};
  expect(Date.parse(expiresAt ?? '') - Date.parse(retiredAt ?? '')).toBe(7 * 24 * HOUR);

  stdoutOf(await run('revoke web --yes --wait'));
  const revokedBefore = (await scene.application('web')).spec.revokeRetiredBefore;
  stdoutOf(await run('rotate web --wait'));
  const again = await scene.application('web');
  expect(again.spec.rotation?.retainPreviousFor).toBe('168h');
  expect(again.spec.revokeRetiredBefore).toBe(revokedBefore);
  expect(again.status?.currentSecret?.version).toBe(3);
});

test('rotate --at plans a rotation, and a later rotate tells that it gives it up', async () => {
  const scene = await Scene.start();
  const run = pluginIn(scene);
  await issue(scene, 'web');
  const at = scene.time(HOUR);
  const planned = await run(`rotate web --at ${at}`);
  expect(stdoutOf(planned)).toBe(`web: spec.rotation.rotateAfter set to ${at}.\n`);
  expect((await scene.published('web', 1)).status?.nextRotationTime).toBe(at);

  const { code, stderr } = await run('wait web --for rotation --timeout 1m');
  expect(code).toBe(4);
  expect(stderr).toContain(`the rotation is planned for ${at}`);

  const now = await run('rotate web --wait');
  expect(now.stderr).toBe(
    `warning: web: this takes the place of the rotation that is planned for ${at}.\n`,
  );
  await scene.published('web', 2);
});

test('rotate --retain none asks for consent, and without a terminal does nothing', async () => {
  const scene = await Scene.start();
  const run = pluginIn(scene);
  const first = await issue(scene, 'web');
  const refused = await run('rotate web --retain none --wait');
  expect(refused.code).toBe(3);
  expect(refused.stderr).toContain(
    'Version 1, the current client secret, is replaced now and ends',
  );
  expect(refused.stderr).toContain('Give --yes');
  expect((await scene.published('web', 1)).spec.rotation?.rotateAfter).toBeUndefined();

  stdoutOf(await run('rotate web --retain none --wait --yes'));
  const { current, previous } = clientSecrets(await scene.secret('web'));
  expect(current).not.toBe(first);
  expect(previous).toBeUndefined();
});

test('a rotation that is held is told before, and --wait does not wait for hours', async () => {
  const scene = await Scene.start();
  await issueAndRotate(scene, 'web');
  const { code, stderr } = await pluginIn(scene)('rotate web --wait --timeout 30s');
  expect(code).toBe(4);
  const [warning, error] = stderr.split('\n');
  expect(warning).toMatch(/^warning: web: version 1 was promised to stay valid until .* held/);
  expect(error).toMatch(/^error: web: The rotation that spec.rotation.rotateAfter asks for waits/);
  await whenCondition(scene, 'web', 'RotationHeld', { reason: 'PreviousSecretRetained' });
});

test('a rotation that would be cut off by revokePreviousSecret is refused', async () => {
  const scene = await Scene.start();
  await issue(scene, 'web', { revokePreviousSecret: true });
  const { code, stdout, stderr } = await pluginIn(scene)('rotate web');
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain('spec.revokePreviousSecret is true (set by field manager "test")');
  expect((await scene.published('web', 1)).spec.rotation?.rotateAfter).toBeUndefined();
});

test('a fleet by selector: one that is refused does not stop the others', async () => {
  const scene = await Scene.start();
  const run = pluginIn(scene);
  for (const name of ['api', 'checkout', 'web']) {
    await issue(scene, name, name === 'checkout' ? { revokePreviousSecret: true } : {});
    await labelled(scene, name, { team: name === 'web' ? 'shop' : 'pay' });
  }
  const { code, stdout, stderr } = await run('rotate -l team=pay --wait -o json');
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  expect(JSON.parse(stdout)).toEqual({
    results: [
      expect.objectContaining({ name: 'checkout', outcome: 'Refused' }),
      {
        name: 'api',
        outcome: 'Reached',
        message: expect.stringContaining('version 2 is current'),
        set: { 'rotation.rotateAfter': expect.stringMatching(/Z$/) },
      },
    ],
  });
  await scene.published('api', 2);
  await scene.published('web', 1);

  const none = await run('rotate -l team=none');
  expect(none.code).toBe(1);
  expect(none.stderr).toContain('has the labels team=none');
});

test('a name that is missing stops everything before anything is done', async () => {
  const scene = await Scene.start();
  await issue(scene, 'web');
  const { stderr: inCapitals } = await pluginIn(scene)('rotate WEB');
  expect(inCapitals).toContain('Did you mean "web"?');
  const { code, stderr } = await pluginIn(scene)('rotate web wbe');
  expect(code).toBe(1);
  expect(stderr).toBe(
    `error: There is no OIDCApplication "wbe" in namespace ${scene.namespace}. Did you mean "web"?\n`,
  );
  expect((await scene.published('web', 1)).spec.rotation?.rotateAfter).toBeUndefined();
});

test('--dry-run=server has it checked and changes nothing', async () => {
  const scene = await Scene.start();
  await issue(scene, 'web', { rotation: { every: '48h' } });
  const run = pluginIn(scene);
  const checked = await run('rotate web --dry-run server');
  expect(stdoutOf(checked)).toMatch(
    /^web: spec.rotation.rotateAfter set to .* \(server dry run\)\.\n$/,
  );
  const refused = await run('rotate web --retain 7d --dry-run server');
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain('every (48h) must be longer than retainPreviousFor (168h)');
  const { spec, metadata } = await scene.published('web', 1);
  expect(spec.rotation).toEqual({ every: '48h', retainPreviousFor: '24h' });
  expect(metadata.generation).toBe(1);
});

test('a rotation of a suspended application is told to wait', async () => {
  const scene = await Scene.start();
  await issue(scene, 'web');
  await scene.edit('web', { suspend: true });
  const { code, stderr } = await pluginIn(scene)('rotate web --wait');
  expect(code).toBe(4);
  expect(stderr).toContain('warning: web: spec.suspend is true: the rotation is held');
  expect(stderr).toContain(
    'error: web: The rotation that spec.rotation.rotateAfter asks for is held',
  );
  const held = await scene.published('web', 1);
  expect(conditionOf(held, 'RotationHeld')?.reason).toBe('Suspended');
});
