import { join } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import type { ControlPlaneAccess } from '../testbed/access.ts';

const manifest = join(import.meta.dirname, 'rbac.yaml');

/** Installs a ServiceAccount that may only read Secrets, and resolves to its credentials. */
export async function oidcServerKubeConfig(cluster: ControlPlaneAccess): Promise<KubeConfig> {
  await cluster.applyFile(manifest);
  const { kubeConfig } = await cluster.kubeConfigForServiceAccount('identity', 'oidc-server');
  return kubeConfig;
}
