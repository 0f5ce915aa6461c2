import { expect, onTestFinished, test } from 'vitest';
import { clientSecrets, MINUTE, startOperator, Workspace } from '../controller/harness.ts';
import { TestClock } from '../controller/test-clock.ts';
import { startFaultProxy } from '../fault-proxy/fault-proxy.ts';
import { eventually, operatorKubeConfig, testNamespace } from '../setup/cluster.ts';

test('after a long outage, what failed is tried again when the API server answers, not when its backoff ends', async () => {
  const proxy = await startFaultProxy((await operatorKubeConfig()).kubeConfig);
  onTestFinished(() => proxy.stop());
  const namespace = await testNamespace();
  const workspace = new Workspace(namespace);
  const clock = new TestClock();
  const { kubeConfig } = proxy.kubeConfig;
  const { operator } = await startOperator({ namespaces: [namespace], clock, kubeConfig });
  await workspace.create('web');
  await workspace.published('web', 1);
  await workspace.edit('web', {
    rotation: { rotateAfter: new Date(clock.now()).toISOString(), retainPreviousFor: '1m' },
  });
  await workspace.published('web', 2);

  const end = proxy.intercept({ onRequest: () => 'reset' });
  proxy.cut(() => true);
  clock.advance(2 * MINUTE);
  const key = `${namespace}/web`;
  await eventually(() => expect(operator.queue.retries(key)).toBeGreaterThan(0));
  // As after an hour of failures: the next retry is minutes away.
  for (let failure = 0; failure < 20; failure += 1) operator.queue.retry(key);
  end();

  await eventually(async () => {
    expect(clientSecrets(await workspace.secret('web')).previous).toBeUndefined();
  });
}, 180_000);
