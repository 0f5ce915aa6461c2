import { expect, onTestFinished, test } from 'vitest';
import { admin } from '../controller/harness.ts';
import { ignore } from '../fault-proxy/faults.ts';
import { isWatch, type ProxiedRequest } from '../fault-proxy/request.ts';
import { eventually } from '../setup/cluster.ts';
import { FaultRig } from './rig.ts';

const isApplicationWatch = (request: ProxiedRequest) =>
  isWatch(request) && request.path.endsWith('/oidcapplications');

const soon = { timeoutMs: 90_000 };

test('an application whose deletion no watch tells of: its Secret is not issued again and again', {
  timeout: 200_000,
}, async () => {
  const rig = await FaultRig.start();
  onTestFinished(() => rig.stop());
  const { workspace, proxy } = rig;
  const { namespace } = workspace;
  await workspace.create('web', { deletionPolicy: 'Delete' });
  await workspace.published('web', 1);
  await rig.idle();
  proxy.intercept({
    onRequest: (request) => (isApplicationWatch(request) ? ignore : undefined),
  });
  expect(proxy.cut(isApplicationWatch)).toBe(1);

  // Garbage collection takes each Secret that names an owner which is gone, but has to learn of the
  // kind of the owner first, which it looks for every half minute.
  await admin.applications.delete({ namespace, name: 'web' });
  await eventually(() => expect(rig.secretWrites).toBe(2), soon);
  await eventually(async () => expect(await workspace.findSecret('web')).toBeUndefined(), soon);
  await rig.idle();
  expect(rig.secretWrites).toBe(2);
});
