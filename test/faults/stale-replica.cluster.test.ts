import { expect, onTestFinished, test } from 'vitest';
import { clientSecrets } from '../controller/harness.ts';
import { ignore, refuse, serve } from '../fault-proxy/faults.ts';
import { isWatch } from '../fault-proxy/request.ts';
import { adminClient, cluster, eventually } from '../setup/cluster.ts';
import { FaultRig, isList, isSecretWrite } from './rig.ts';

/** The collection as a replica that lags behind shows it from now on. */
async function recorded(path: string): Promise<string> {
  const { stdout } = await cluster.kubectl(['get', '--raw', path]);
  return stdout;
}

test('a replica that shows the Secret as it was before the rotation: nothing is undone or repeated', async () => {
  const rig = await FaultRig.start();
  onTestFinished(() => rig.stop());
  const { workspace, proxy } = rig;
  await workspace.create('web');
  await workspace.published('web', 1);
  const secrets = `/api/v1/namespaces/${workspace.namespace}/secrets`;
  const managed = '?labelSelector=app.kubernetes.io/managed-by%3Dkeyturn';
  const outdated = await recorded(`${secrets}${managed}`);
  await workspace.edit('web', { rotation: { rotateAfter: new Date().toISOString() } });
  await workspace.published('web', 2);
  await rig.idle();
  const after = await workspace.secret('web');

  const listed = Promise.withResolvers<void>();
  const writes: number[] = [];
  const end = proxy.intercept({
    onRequest(request) {
      if (request.path === `${secrets}/web` && request.method === 'GET') reads += 1;
      if (request.path !== secrets || request.method !== 'GET') return undefined;
      if (!isList(request)) {
        // Until it has listed, its version is one that the replica has not seen.
        return lists === 0 ? refuse(410, 'Expired') : ignore;
      }
      lists += 1;
      listed.resolve();
      return serve(outdated);
    },
    onAnswer(request, status) {
      if (isSecretWrite(request)) writes.push(status);
      return undefined;
    },
  });
  let lists = 0;
  let reads = 0;
  const start = rig.requestedAt.length;
  expect(proxy.cut((request) => isWatch(request) && request.path === secrets)).toBe(1);
  await listed.promise;
  // Status tells of a later version: the Secret itself is read, whatever the replica shows.
  await expect.poll(() => reads, { timeout: 30_000 }).toBeGreaterThan(0);
  await rig.idle();
  expect(writes).toEqual([]);
  expect(rig.peakRate(start)).toBeLessThanOrEqual(40);
  expect(await workspace.secret('web')).toEqual(after);

  end();
  expect(proxy.cut((request) => isWatch(request) && request.path === secrets)).toBe(1);
  await workspace.edit('web', { revokePreviousSecret: true });
  await workspace.reaches('web', ({ status }) => {
    expect(status?.currentSecret?.version).toBe(2);
    expect(status?.previousSecret).toBeUndefined();
  });
  expect(clientSecrets(await workspace.secret('web'))).toEqual({
    current: clientSecrets(after).current,
  });
  expect(rig.secretWrites).toBe(3);
  const reasons = await eventually(async () => {
    const { items } = await adminClient.events.listNamespacedEvent(workspace);
    const told = items.map(({ reason }) => reason);
    expect(told).toContain('PreviousSecretRevoked');
    return told;
  });
  expect(reasons).not.toContain('OlderStateRestored');
});
