import { expect, test } from 'vitest';
import { Workspace } from '../controller/harness.ts';
import { parseMetrics } from '../process/metrics.ts';
import { eventually, testNamespace } from '../setup/cluster.ts';
import { allowLease, isOnLease, SHORT, startReplica } from './replicas.ts';

// More than the 32 connections that requests share.
const WORKERS = 40;

test('a queue that keeps all connections busy does not keep the leader from renewing its Lease', async () => {
  const workspace = new Workspace(await testNamespace());
  await allowLease(workspace.namespace);
  const leader = await startReplica(workspace, [...SHORT, `--concurrency=${WORKERS}`]);
  await eventually(() => expect(leader.leads()).toBe(true));
  let held = 0;
  const released = Promise.withResolvers<void>();
  leader.proxy.intercept({
    async onRequest(request) {
      if (isOnLease(request)) return;
      held += 1;
      await released.promise;
    },
  });
  const names = Array.from({ length: WORKERS }, (_, index) => `web-${index}`);
  await Promise.all(names.map((name) => workspace.create(name)));
  await eventually(() => expect(held).toBe(32));

  // For three times as long as the Lease lasts.
  const before = leader.renewals.length;
  await eventually(() => expect(leader.renewals.length).toBeGreaterThanOrEqual(before + 9));
  expect(held).toBe(32);
  const gaps = leader.renewals.slice(1).map((at, index) => at - (leader.renewals[index] ?? at));
  expect(Math.max(...gaps)).toBeLessThan(2_000);
  const { body } = await leader.operator.ask('/metrics');
  expect(parseMetrics(body).value('leader_election_master_status')).toBe(1);

  released.resolve();
  for (const name of names) await workspace.published(name, 1);
});
