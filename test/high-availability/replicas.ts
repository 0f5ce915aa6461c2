import { onTestFinished } from 'vitest';
import type { Workspace } from '../controller/harness.ts';
import { type FaultProxy, startFaultProxy } from '../fault-proxy/fault-proxy.ts';
import { isWrite, type ProxiedRequest } from '../fault-proxy/request.ts';
import { type OperatorProcess, startOperatorProcess } from '../process/operator-process.ts';
import { adminClient, cluster, eventually, operatorKubeConfig } from '../setup/cluster.ts';

/** One of several operators that share a Lease, each behind a proxy of its own. */
export interface Replica {
  readonly operator: OperatorProcess;
  readonly proxy: FaultProxy;
  /** What it has sent but for reads and renewals, answered or not. */
  readonly writes: readonly ProxiedRequest[];
  /** When the API server has answered its renewals, in milliseconds of performance.now(). */
  readonly renewals: readonly number[];
  leads(): boolean;
}

/** Lets the operator's ServiceAccount use a Lease in `namespace` too. */
export async function allowLease(namespace: string): Promise<void> {
  await cluster.apply(`
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: keyturn-leader-election, namespace: ${namespace}}
rules:
  - {apiGroups: [coordination.k8s.io], resources: [leases], verbs: [create, get, update]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: keyturn-leader-election, namespace: ${namespace}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: keyturn-leader-election}
subjects: [{kind: ServiceAccount, name: keyturn, namespace: keyturn-system}]
`);
}

/** A Lease that runs out after 3 s. */
export const SHORT = ['--lease-duration=3s', '--renew-deadline=2s', '--retry-period=1s'];

/** Starts a replica and waits until its caches are filled. */
export async function startReplica(
  { namespace }: Workspace,
  flags: readonly string[] = [],
): Promise<Replica> {
  const proxy = await startFaultProxy((await operatorKubeConfig()).kubeConfig);
  onTestFinished(proxy.stop);
  const writes: ProxiedRequest[] = [];
  const renewals: number[] = [];
  proxy.intercept({
    onRequest(request) {
      if (isWrite(request) && !isOnLease(request)) writes.push(request);
      return undefined;
    },
    onAnswer(request, status) {
      if (isWrite(request) && isOnLease(request) && status < 300) renewals.push(performance.now());
      return undefined;
    },
  });
  const operator = await startOperatorProcess({
    args: [
      `--kubeconfig=${proxy.kubeConfig.path}`,
      `--namespaces=${namespace}`,
      '--leader-elect',
      `--leader-election-namespace=${namespace}`,
      ...flags,
    ],
  });
  await operator.untilReady();
  const leads = () => operator.entries().some(({ msg }) => msg === 'This replica leads');
  return { operator, proxy, writes, renewals, leads };
}

/** Starts two replicas, of which the first leads. */
export async function startPair(
  workspace: Workspace,
  flags: readonly string[] = [],
): Promise<{ leader: Replica; standby: Replica }> {
  await allowLease(workspace.namespace);
  const leader = await startReplica(workspace, flags);
  await eventually(() => {
    if (!leader.leads()) throw new Error('nobody leads yet');
  });
  const standby = await startReplica(workspace, flags);
  return { leader, standby };
}

export function isOnLease({ path }: ProxiedRequest): boolean {
  return path.includes('/leases');
}

/** When the Lease was renewed last, by its holder's clock, in epoch milliseconds. */
export async function lastRenewal(namespace: string): Promise<number> {
  const { spec } = await adminClient.coordination.readNamespacedLease({
    namespace,
    name: 'keyturn',
  });
  return new Date(spec?.renewTime ?? 0).getTime();
}
