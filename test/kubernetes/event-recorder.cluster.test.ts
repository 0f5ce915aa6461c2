import { randomUUID } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { EventRecorder, type RecordedEvent } from '../../src/kubernetes/event-recorder.ts';
import { createTransport } from '../../src/kubernetes/transport.ts';
import { adminClient, cluster, operatorKubeConfig, testNamespace } from '../setup/cluster.ts';

test('events reach kubectl: created, counted as a series, and made anew when gone', async () => {
  const namespace = await testNamespace();
  const transport = createTransport({ kubeConfig: (await operatorKubeConfig()).kubeConfig });
  onTestFinished(() => transport.close());
  const errors: unknown[] = [];
  const recorder = new EventRecorder({
    transport,
    reportingController: 'keyturn.dev/operator',
    reportingInstance: 'keyturn-0',
    onError: (error) => errors.push(error),
  });
  const event: RecordedEvent = {
    regarding: {
      apiVersion: 'keyturn.dev/v1alpha1',
      kind: 'OIDCApplication',
      namespace,
      name: 'web',
      uid: randomUUID(),
    },
    related: { apiVersion: 'v1', kind: 'Secret', namespace, name: 'web-oidc' },
    type: 'Warning',
    reason: 'RevocationFailed',
    action: 'RevokePrevious',
    note: 'ü'.repeat(2000),
  };
  const stored = async () => (await adminClient.events.listNamespacedEvent({ namespace })).items;

  recorder.record(event);
  await recorder.flush(30_000);
  expect(errors).toEqual([]);
  expect(await stored()).toMatchObject([
    { reason: 'RevocationFailed', type: 'Warning', reportingController: 'keyturn.dev/operator' },
  ]);

  for (let count = 0; count < 9; count += 1) recorder.record(event);
  await recorder.flush(30_000);
  expect(errors).toEqual([]);
  expect(await stored()).toMatchObject([{ series: { count: 10 } }]);
  const { stdout } = await cluster.kubectl(['events', '-n', namespace]);
  expect(stdout).toMatch(/Warning\s+RevocationFailed\s+OIDCApplication\/web/);

  await adminClient.events.deleteCollectionNamespacedEvent({ namespace });
  recorder.record(event);
  await recorder.flush(30_000);
  expect(errors).toEqual([]);
  expect(await stored()).toMatchObject([{ series: { count: 11 } }]);
});
