import { AppsV1Api, CoreV1Api } from '@kubernetes/client-node';
import { expect } from 'vitest';
import { type OperatorProcess, startOperatorProcess } from '../process/operator-process.ts';
import { eventually } from '../setup/cluster.ts';
import type { ControlPlaneAccess } from '../testbed/access.ts';

const NAMESPACE = 'keyturn-system';

/**
 * Plays the kubelet, as no containers run: starts the operator, with the arguments of its Deployment and
 * the token of its ServiceAccount, and reports its Pods ready. It ends with the test.
 */
export async function runPods(access: ControlPlaneAccess): Promise<OperatorProcess> {
  const { kubeConfig } = access.adminKubeConfig;
  const deployment = await kubeConfig
    .makeApiClient(AppsV1Api)
    .readNamespacedDeployment({ namespace: NAMESPACE, name: 'keyturn' });
  const { serviceAccountName = '', containers = [] } = deployment.spec?.template.spec ?? {};
  const { path } = await access.kubeConfigForServiceAccount(NAMESPACE, serviceAccountName);
  const operator = await startOperatorProcess({
    args: [
      ...(containers[0]?.args ?? []),
      `--kubeconfig=${path}`,
      `--leader-election-namespace=${NAMESPACE}`,
      `--operator-namespace=${NAMESPACE}`,
    ],
  });
  await operator.untilReady();
  await rollOut(access);
  return operator;
}

/** Reports each Pod ready as it comes, until the Deployment is rolled out. */
export async function rollOut(access: ControlPlaneAccess): Promise<void> {
  const { kubeConfig } = access.adminKubeConfig;
  const core = kubeConfig.makeApiClient(CoreV1Api);
  const apps = kubeConfig.makeApiClient(AppsV1Api);
  await eventually(async () => {
    const { items } = await core.listNamespacedPod({ namespace: NAMESPACE });
    for (const { metadata, status } of items) {
      if (status?.phase !== 'Running') await report(access, metadata?.name ?? '');
    }
    const { spec, status, metadata } = await apps.readNamespacedDeployment({
      namespace: NAMESPACE,
      name: 'keyturn',
    });
    expect(status).toMatchObject({
      observedGeneration: metadata?.generation,
      replicas: spec?.replicas,
      updatedReplicas: spec?.replicas,
      availableReplicas: spec?.replicas,
    });
  });
}

async function report(access: ControlPlaneAccess, pod: string): Promise<void> {
  const lastTransitionTime = new Date().toISOString();
  const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime }];
  const patch = JSON.stringify({ status: { phase: 'Running', conditions } });
  const args = ['patch', 'pod', pod, '--subresource=status', '--patch', patch];
  const { code, stderr } = await access.kubectl(['--namespace', NAMESPACE, ...args]);
  if (code !== 0) throw new Error(stderr);
}
