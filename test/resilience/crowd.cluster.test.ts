import { expect, onTestFinished, test } from 'vitest';
import type { OIDCApplication } from '../../src/controller/resources.ts';
import { admin, conditionOf, MINUTE, startOperator, Workspace } from '../controller/harness.ts';
import { TestClock } from '../controller/test-clock.ts';
import { startFaultProxy } from '../fault-proxy/fault-proxy.ts';
import { type ProxiedRequest, writeOf } from '../fault-proxy/request.ts';
import { eventually, testNamespace } from '../setup/cluster.ts';
import { createLimitedOperator } from './limited-operator.ts';

const CROWD = 200;

/** An operator that may do its work in one namespace, and may not write Secrets in another. */
async function startLimited() {
  const limited = await createLimitedOperator();
  const open = new Workspace(await testNamespace());
  const closed = new Workspace(await testNamespace());
  await limited.admitTo(open.namespace);
  const proxy = await startFaultProxy(limited.kubeConfig);
  onTestFinished(proxy.stop);
  const requests: ProxiedRequest[] = [];
  proxy.intercept({
    onRequest(request) {
      requests.push(request);
      return undefined;
    },
  });
  const clock = new TestClock();
  const { operator, lines } = await startOperator({
    namespaces: [open.namespace, closed.namespace],
    clock,
    kubeConfig: proxy.kubeConfig.kubeConfig,
  });
  const idle = () =>
    eventually(() => {
      const { depth, unfinishedSeconds } = operator.queue;
      if (depth + unfinishedSeconds > 0) throw new Error('there is work under way');
    });
  return { limited, open, closed, requests, clock, lines, idle };
}

/** In the open namespace, beside the others: a name that is taken, and a Secret set immutable. */
async function poison(open: Workspace, closed: Workspace): Promise<void> {
  await admin.secrets.create({
    ...{ apiVersion: 'v1', kind: 'Secret' },
    metadata: { namespace: open.namespace, name: 'taken' },
  });
  await open.create('taken');
  await open.create('immutable');
  await open.published('immutable', 1);
  await open.tamper('immutable', { immutable: true });
  await closed.create('forbidden');
  await tells(open, 'taken', 'SecretConflict', 'exists and is not managed by Keyturn');
  await tells(open, 'immutable', 'SecretImmutable', 'Make it anew without immutable');
  await tells(closed, 'forbidden', 'SecretWriteFailed', 'cannot create resource "secrets"');
}

async function tells(workspace: Workspace, name: string, reason: string, why: string) {
  await workspace.reaches(name, (application) => {
    const ready = conditionOf(application, 'Ready');
    expect(ready).toMatchObject({ status: 'False', reason });
    expect(ready?.message).toContain(why);
  });
}

function isReady(application: OIDCApplication): boolean {
  return conditionOf(application, 'Ready')?.status === 'True';
}

test('200 applications beside three that cannot be served: they are Ready, and changed at once', async () => {
  const { open, closed, lines } = await startLimited();
  await poison(open, closed);

  const names = Array.from({ length: CROWD }, (_, index) => `web-${index}`);
  await Promise.all(names.map((name) => open.create(name)));
  await eventually(async () => {
    const { namespace } = open;
    const applications = await admin.applications.list({ namespace });
    expect(applications.filter(isReady)).toHaveLength(CROWD);
  });

  // While the forbidden one is tried again and again, one of the others is changed.
  const startedAt = performance.now();
  await open.edit('web-7', { rotation: { rotateAfter: new Date().toISOString() } });
  await open.published('web-7', 2);
  expect(performance.now() - startedAt).toBeLessThan(10_000);

  const failed = lines.filter((line) => line.includes('Reconciliation failed'));
  expect(failed.length).toBeGreaterThan(0);
  expect(failed.filter((line) => !line.includes(`${closed.namespace}/forbidden`))).toEqual([]);
}, 120_000);

test('what cannot be served is tried ever more seldom, and recovers when it is put right', async () => {
  const { limited, open, closed, requests, clock, idle } = await startLimited();
  await poison(open, closed);
  const statusWrites = () =>
    requests.filter((request) => writeOf(request)?.what === 'PATCH oidcapplications/status');
  const reported = statusWrites().length;

  // An hour, half a minute at a time.
  const before = requests.length;
  for (let step = 0; step < 120; step += 1) {
    clock.advance(MINUTE / 2);
    await idle();
  }
  const asked = requests.slice(before);
  const creations = asked.filter((request) => writeOf(request)?.what === 'POST secrets');
  expect(creations.length).toBeGreaterThan(8);
  expect(creations.length).toBeLessThan(45);
  const looks = asked.filter(({ path }) => path.endsWith('/secrets/taken'));
  expect(looks.length).toBeGreaterThan(60);
  expect(looks.length).toBeLessThanOrEqual(121);
  expect(asked.filter((request) => writeOf(request)?.what === 'PATCH secrets')).toEqual([]);
  expect(statusWrites()).toHaveLength(reported);

  await admin.secrets.delete({ namespace: open.namespace, name: 'immutable' });
  await open.published('immutable', 2);
  await admin.secrets.delete({ namespace: open.namespace, name: 'taken' });
  clock.advance(MINUTE);
  await open.published('taken', 1);
  await limited.admitTo(closed.namespace);
  await eventually(async () => {
    clock.advance(5 * MINUTE);
    await idle();
    expect(isReady(await closed.application('forbidden'))).toBe(true);
  });
}, 120_000);
