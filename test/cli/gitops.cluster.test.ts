import { expect, test } from 'vitest';
import { Scene } from '../controller/harness.ts';
import { clientsOf } from '../controller/observe.ts';
import { issue, issueAndRotate } from '../controller/steps.ts';
import { appliedBy, pluginIn, stdoutOf, storedApplication } from './plugin.ts';

test.for(['argocd-controller', 'kustomize-controller', 'helm-controller', 'pipeline'])(
  'what %s applies is changed where it applies it from',
  async (manager) => {
    const scene = await Scene.start();
    const run = pluginIn(scene);
    const rotateAfter = scene.time();
    await appliedBy(manager, scene, 'web', { rotation: { rotateAfter } });
    await scene.published('web', 1);
    const { code, stdout, stderr } = await run('rotate web');
    expect({ code, stdout }).toEqual({ code: 5, stdout: '' });
    expect(stderr).toContain(
      `field manager "${manager}" applies spec.rotation.rotateAfter and would set it back`,
    );
    expect(stderr).toMatch(/such as in Git:\n {2}spec:\n {4}rotation:\n {6}rotateAfter: "20.*Z"\n/);
    expect((await scene.published('web', 1)).spec.rotation?.rotateAfter).toBe(rotateAfter);

    const forced = await run('rotate web --force-conflicts --wait');
    expect(forced.stderr).toBe(
      `warning: web: field manager "${manager}" applies spec.rotation.rotateAfter and may set it back.\n`,
    );
    expect(stdoutOf(forced)).toContain('version 2 is current');
  },
);

test('what is not going to be set is not asked consent for', async () => {
  const scene = await Scene.start();
  const spec = { revokeIssuedBefore: '2026-01-01T00:00:00Z' };
  await appliedBy('argocd-controller', scene, 'web', spec);
  await scene.published('web', 1);
  const { code, stderr } = await pluginIn(scene)('incident web');
  expect(code).toBe(5);
  expect(stderr).toMatch(
    /^error: web: field manager "argocd-controller" applies spec.revokeIssued/,
  );
  await scene.published('web', 1);
});

test('what an applier does not name is the plugin’s to set, and both apply side by side', async () => {
  const scene = await Scene.start();
  const run = pluginIn(scene);
  const manifest = { clientID: 'web-shop', rotation: { every: '720h' } };
  await appliedBy('argocd-controller', scene, 'web', manifest);
  await scene.published('web', 1);
  stdoutOf(await run('rotate web --retain 1d --wait'));
  stdoutOf(await run('revoke web --yes --wait'));
  const { spec } = await scene.published('web', 2);
  await appliedBy('argocd-controller', scene, 'web', manifest);
  expect((await scene.published('web', 2)).spec).toEqual(spec);
});

test('what was written by hand is taken over', async () => {
  const scene = await Scene.start();
  await issueAndRotate(scene, 'web');
  await clientsOf('kubectl-edit').applications.mergePatch(
    { namespace: scene.namespace, name: 'web' },
    { spec: { revokeRetiredBefore: '2026-01-01T00:00:00Z' } },
  );
  stdoutOf(await pluginIn(scene)('revoke web --yes --wait'));
  const { metadata } = await storedApplication(scene, 'web');
  const managers = (metadata.managedFields ?? [])
    .filter(({ fieldsV1 }) => JSON.stringify(fieldsV1).includes('f:revokeRetiredBefore'))
    .map(({ manager, operation }) => [manager, operation]);
  expect(managers).toEqual([['kubectl-keyturn', 'Apply']]);
});

test('a fleet: what one tool applies does not stop the others, and ends with the general code', async () => {
  const scene = await Scene.start();
  await appliedBy('argocd-controller', scene, 'web', { rotation: { rotateAfter: scene.time() } });
  await scene.published('web', 1);
  await issue(scene, 'api');
  await issue(scene, 'checkout', { revokePreviousSecret: true });
  const run = pluginIn(scene);
  const two = await run('rotate web api --wait');
  expect(two.code).toBe(5);
  expect(two.stdout).toContain('api: version 2 is current');
  expect((await run('rotate web checkout')).code).toBe(1);
});
