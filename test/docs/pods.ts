import { AppsV1Api, CoreV1Api } from '@kubernetes/client-node';
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
  await reportReady(access, deployment.spec?.replicas ?? 1);
  return operator;
}

async function reportReady(access: ControlPlaneAccess, replicas: number): Promise<void> {
  const core = access.adminKubeConfig.kubeConfig.makeApiClient(CoreV1Api);
  const names = await eventually(async () => {
    const { items } = await core.listNamespacedPod({ namespace: NAMESPACE });
    if (items.length !== replicas) throw new Error(`there are ${items.length} Pods`);
    return items.map(({ metadata }) => metadata?.name ?? '');
  });
  const lastTransitionTime = new Date().toISOString();
  const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime }];
  const patch = JSON.stringify({ status: { phase: 'Running', conditions } });
  const args = ['patch', 'pod', ...names, '--subresource=status', '--patch', patch];
  const { code, stderr } = await access.kubectl(['--namespace', NAMESPACE, ...args]);
  if (code !== 0) throw new Error(stderr);
  await eventually(async () => {
    const apps = access.adminKubeConfig.kubeConfig.makeApiClient(AppsV1Api);
    const { status } = await apps.readNamespacedDeployment({
      namespace: NAMESPACE,
      name: 'keyturn',
    });
    if (status?.availableReplicas !== replicas) throw new Error('the Deployment is not available');
  });
}
