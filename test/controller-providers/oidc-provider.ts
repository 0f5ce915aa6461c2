import { expect } from 'vitest';
import type { ClusterOIDCProviderSpec } from '../../src/api/oidcprovider.gen.ts';
import { type ProviderObject, providerResource } from '../../src/controller/providers/resources.ts';
import { ResourceClient } from '../../src/kubernetes/client.ts';
import { createTransport } from '../../src/kubernetes/transport.ts';
import { admin } from '../controller/harness.ts';
import { cluster, eventually } from '../setup/cluster.ts';

const transport = createTransport({ kubeConfig: cluster.adminKubeConfig.kubeConfig });
/** The administrator's client for OIDCProviders. */
export const oidcProviders = new ResourceClient(transport, providerResource);

/** Creates the OIDCProvider `pingone` with credentials, and waits until it is ready. */
export async function createProvider(
  namespace: string,
  spec: ClusterOIDCProviderSpec,
  credentials: Readonly<Record<string, string>>,
): Promise<void> {
  await createCredentials(namespace, 'credentials', credentials);
  await createReadyProvider(namespace, 'pingone', spec);
}

/** Creates a Secret with the operator's own credentials at a provider. */
export async function createCredentials(
  namespace: string,
  name: string,
  credentials: Readonly<Record<string, string>>,
): Promise<void> {
  await admin.secrets.create({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { namespace, name },
    stringData: { ...credentials },
  });
}

/** Creates an OIDCProvider, and waits until it is ready. */
export async function createReadyProvider(
  namespace: string,
  name: string,
  spec: ClusterOIDCProviderSpec,
): Promise<ProviderObject> {
  const metadata = { namespace, name };
  await oidcProviders.create({
    apiVersion: 'keyturn.dev/v1alpha1',
    kind: 'OIDCProvider',
    metadata,
    spec,
  });
  return await eventually(async () => {
    const found = await oidcProviders.get(metadata);
    const ready = found.status.conditions?.find(({ type }) => type === 'Ready');
    expect(ready).toMatchObject({ status: 'True' });
    return found;
  });
}
