import { expect, onTestFinished, test } from 'vitest';
import { clientSecrets } from '../controller/harness.ts';
import { watchHistory } from '../controller/observe.ts';
import { ignore } from '../fault-proxy/faults.ts';
import { isWatch, type ProxiedRequest } from '../fault-proxy/request.ts';
import { eventually } from '../setup/cluster.ts';
import { FaultRig } from './rig.ts';

const isSecretWatch = (request: ProxiedRequest) =>
  isWatch(request) && request.path.endsWith('/secrets');

test('a Secret of whose change no watch tells: what it holds is moved, not what it held', async () => {
  const rig = await FaultRig.start();
  onTestFinished(() => rig.stop());
  const { workspace, proxy } = rig;
  await workspace.create('web');
  await workspace.published('web', 1);
  await rig.idle();
  proxy.intercept({ onRequest: (request) => (isSecretWatch(request) ? ignore : undefined) });
  expect(proxy.cut(isSecretWatch)).toBe(1);

  const value = Buffer.from('handed-over').toString('base64');
  await workspace.tamper('web', { data: { 'client-secret': value } });
  await workspace.edit('web', { secret: { name: 'moved' } });
  await eventually(async () => expect(await workspace.findSecret('moved')).toBeDefined());
  await rig.idle();
  const { current } = clientSecrets(await workspace.secret('moved'));
  expect(current).toBe('handed-over');
});

test('a previous secret that is gone, of which no watch tells: a move does not bring it back', async () => {
  const rig = await FaultRig.start();
  onTestFinished(() => rig.stop());
  const { workspace, proxy } = rig;
  await workspace.create('web');
  await workspace.published('web', 1);
  await workspace.edit('web', { rotation: { rotateAfter: new Date().toISOString() } });
  await workspace.published('web', 2);
  const { current, previous } = clientSecrets(await workspace.secret('web'));
  expect(previous).toBeDefined();
  await rig.idle();
  const moments = await watchHistory(workspace.namespace);
  proxy.intercept({ onRequest: (request) => (isSecretWatch(request) ? ignore : undefined) });
  expect(proxy.cut(isSecretWatch)).toBe(1);

  await workspace.tamper('web', { data: { 'previous-client-secret': null } });
  await workspace.edit('web', { secret: { name: 'moved' } });
  const { status } = await workspace.reaches('web', (application) =>
    expect(application.status?.secretName).toBe('moved'),
  );
  expect(status?.lastRevocation).toMatchObject({ version: 1, reason: 'Removed' });
  const published = () =>
    moments().flatMap(({ kind, object }) =>
      kind === 'secret' && object?.metadata.name === 'moved' ? [clientSecrets(object)] : [],
    );
  await eventually(() => expect(published().length).toBeGreaterThan(0));
  for (const values of published()) expect(values).toEqual({ current });
});
