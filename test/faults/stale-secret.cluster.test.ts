import { expect, onTestFinished, test } from 'vitest';
import { clientSecrets } from '../controller/harness.ts';
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
