import { expect, test } from 'vitest';
import { clientSecrets, Workspace } from '../controller/harness.ts';
import { eventually, testNamespace } from '../setup/cluster.ts';
import { lastRenewal, startPair } from './replicas.ts';

/** The defaults, as client-go's: a Lease of 15 s, tried for every 2 s and up to 1.2 times that on top. */
const LEASE_MS = 15_000;
const NEXT_TRY_MS = 4_400;

async function start() {
  const workspace = new Workspace(await testNamespace());
  const pair = await startPair(workspace);
  await workspace.create('web');
  await workspace.published('web', 1);
  expect(pair.standby.writes).toEqual([]);
  return { workspace, ...pair };
}

test('a leader is killed: the other works within 15 s of the end of the Lease, not before it', async () => {
  const { workspace, leader, standby } = await start();
  await leader.operator.end('SIGKILL');
  const expiry = (await lastRenewal(workspace.namespace)) + LEASE_MS;
  await workspace.edit('web', { rotation: { rotateAfter: new Date().toISOString() } });
  const before = clientSecrets(await workspace.secret('web'));

  await eventually(() => expect(standby.leads()).toBe(true), { timeoutMs: LEASE_MS * 3 });
  // It counts from when it saw the last renewal, which is up to one of its tries later.
  expect(Date.now()).toBeGreaterThan(expiry);
  await workspace.published('web', 2);
  expect(Date.now()).toBeLessThan(expiry + LEASE_MS);
  expect(clientSecrets(await workspace.secret('web')).previous).toBe(before.current);
});

test('a leader is stopped: the Lease is free at once, and the other takes it with its next try', async () => {
  const { workspace, leader, standby } = await start();
  expect(await leader.operator.end('SIGTERM')).toEqual({ code: 0, signal: null });
  const stoppedAt = performance.now();
  await workspace.edit('web', { rotation: { rotateAfter: new Date().toISOString() } });
  await workspace.published('web', 2);
  expect(standby.leads()).toBe(true);
  expect(performance.now() - stoppedAt).toBeLessThan(NEXT_TRY_MS + 5_000);
});
