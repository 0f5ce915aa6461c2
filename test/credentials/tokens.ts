import { KubeConfig } from '@kubernetes/client-node';
import { ApiError } from '../../src/kubernetes/api-error.ts';
import { createTransport } from '../../src/kubernetes/transport.ts';
import { adminClient, cluster, eventually } from '../setup/cluster.ts';

export interface RevocableToken {
  readonly token: string;
  /** Ends it; resolves once the API server does not know it any more. */
  revoke(): Promise<void>;
}

// The API server remembers for 10 s that it knew a token.
const REMEMBERED = { timeoutMs: 60_000, intervalMs: 250 };

/** Creates a ServiceAccount and resolves to a function that issues tokens of it. */
export async function createAccount(
  namespace: string,
  name: string,
): Promise<() => Promise<RevocableToken>> {
  await adminClient.core.createNamespacedServiceAccount({
    namespace,
    body: { metadata: { name } },
  });
  return () => issueToken(namespace, name);
}

/** A token that is bound to a Secret, and ends with it. */
async function issueToken(namespace: string, account: string): Promise<RevocableToken> {
  const { metadata } = await adminClient.core.createNamespacedSecret({
    namespace,
    body: { metadata: { generateName: 'token-' } },
  });
  const secret = { name: metadata?.name ?? '', uid: metadata?.uid ?? '' };
  const boundObjectRef = { apiVersion: 'v1', kind: 'Secret', ...secret };
  const { status } = await adminClient.core.createNamespacedServiceAccountToken({
    namespace,
    name: account,
    body: { spec: { audiences: [], boundObjectRef } },
  });
  const token = status?.token ?? '';
  return {
    token,
    async revoke() {
      await adminClient.core.deleteNamespacedSecret({ namespace, name: secret.name });
      await eventually(() => expectUnknown(token), REMEMBERED);
    },
  };
}

async function expectUnknown(token: string): Promise<void> {
  const server = cluster.adminKubeConfig.kubeConfig.getCurrentCluster();
  if (server === null) throw new Error('the kubeconfig has no current cluster');
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromClusterAndUser(server, { name: 'probe', token });
  const transport = createTransport({ kubeConfig });
  try {
    await transport.request({ method: 'GET', path: '/version' });
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return;
    throw error;
  } finally {
    await transport.close();
  }
  throw new Error('the token is still known');
}
