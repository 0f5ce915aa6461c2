import { randomBytes } from 'node:crypto';
import {
  AppsV1Api,
  CoordinationV1Api,
  CoreV1Api,
  CustomObjectsApi,
  EventsV1Api,
  KubernetesObjectApi,
} from '@kubernetes/client-node';
import { inject, vi } from 'vitest';
import { accessControlPlane, type KubeConfigFile } from '../testbed/access.ts';
import { admitOperator } from '../testbed/install.ts';

const suffixBytes = 4;
const defaultTimeoutMs = 30_000;
const defaultIntervalMs = 50;

/** The control plane that all cluster tests of a run share. Do not stop or restart it. */
export const cluster = accessControlPlane(inject('controlPlane'));

const { kubeConfig } = cluster.adminKubeConfig;

/** The administrator's API clients. */
export const adminClient = {
  core: kubeConfig.makeApiClient(CoreV1Api),
  apps: kubeConfig.makeApiClient(AppsV1Api),
  events: kubeConfig.makeApiClient(EventsV1Api),
  coordination: kubeConfig.makeApiClient(CoordinationV1Api),
  customObjects: kubeConfig.makeApiClient(CustomObjectsApi),
  objects: KubernetesObjectApi.makeApiClient(kubeConfig),
} as const;

/** Creates a namespace of its own for a test and resolves to its name. */
export async function testNamespace(prefix = 'test'): Promise<string> {
  const name = `${prefix}-${randomBytes(suffixBytes).toString('hex')}`;
  await adminClient.core.createNamespace({ body: { metadata: { name } } });
  return name;
}

/** The operator's own credentials: a token of the ServiceAccount in deploy/base/rbac.yaml. */
export function operatorKubeConfig(): Promise<KubeConfigFile> {
  return cluster.kubeConfigForServiceAccount('keyturn-system', 'keyturn');
}

/** Lets the operator work in namespaces, where its rights are not those of the whole cluster. */
export async function admitOperatorTo(namespaces: readonly string[]): Promise<void> {
  if (inject('scope') === 'cluster') return;
  for (const namespace of namespaces) await admitOperator(cluster, namespace);
}

/** Repeats until the function succeeds and resolves to its result; rejects with its last error. */
export function eventually<T>(
  attempt: () => T | Promise<T>,
  { timeoutMs = defaultTimeoutMs, intervalMs = defaultIntervalMs } = {},
): Promise<T> {
  return vi.waitFor(attempt, { timeout: timeoutMs, interval: intervalMs });
}
