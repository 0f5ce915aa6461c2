import { ApiException, PatchStrategy, setHeaderOptions } from '@kubernetes/client-node';
import { adminClient } from '../setup/cluster.ts';

const resource = {
  group: 'keyturn.dev',
  version: 'v1alpha1',
  plural: 'oidcapplications',
} as const;

/** What an application is made of here: anything, since the API server is to judge it. */
export type Fields = Readonly<Record<string, unknown>>;

/** The application web with this spec; without one, if it is undefined. */
export function application(spec: unknown): Fields {
  return {
    apiVersion: 'keyturn.dev/v1alpha1',
    kind: 'OIDCApplication',
    metadata: { name: 'web' },
    spec,
  };
}

/** Creates it, or only asks whether it could be created; resolves to what the API server made of it. */
export function create(namespace: string, body: Fields, { dryRun = false } = {}) {
  const options = { fieldValidation: 'Strict', ...(dryRun && { dryRun: 'All' }) };
  return adminClient.customObjects.createNamespacedCustomObject({
    ...resource,
    ...options,
    namespace,
    body,
  });
}

export function read(namespace: string) {
  return adminClient.customObjects.getNamespacedCustomObject({
    ...resource,
    namespace,
    name: 'web',
  });
}

/** Changes spec by a merge patch; null removes a field. */
export function patchSpec(namespace: string, spec: Fields) {
  return adminClient.customObjects.patchNamespacedCustomObject(
    { ...resource, namespace, name: 'web', body: { spec } },
    setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
  );
}

export function patchStatus(namespace: string, status: Fields) {
  return adminClient.customObjects.patchNamespacedCustomObjectStatus(
    { ...resource, namespace, name: 'web', body: { status } },
    setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
  );
}

/** `accepted`, or the message with which the API server refused the request. */
export async function verdict(request: Promise<unknown>): Promise<string> {
  try {
    await request;
    return 'accepted';
  } catch (error) {
    if (!(error instanceof ApiException) || typeof error.body !== 'string') throw error;
    const { message }: { message: string } = JSON.parse(error.body);
    return message;
  }
}

/** Asks whether a provider of this spec could be created; resolves to what the API server made of it. */
export function createProvider(
  kind: 'OIDCProvider' | 'ClusterOIDCProvider',
  namespace: string,
  spec: unknown,
) {
  const { group, version } = resource;
  const body = {
    apiVersion: `${group}/${version}`,
    kind,
    metadata: { name: 'provider' },
    spec,
  };
  const options = { group, version, fieldValidation: 'Strict', dryRun: 'All', body } as const;
  return kind === 'OIDCProvider'
    ? adminClient.customObjects.createNamespacedCustomObject({
        ...options,
        plural: 'oidcproviders',
        namespace,
      })
    : adminClient.customObjects.createClusterCustomObject({
        ...options,
        plural: 'clusteroidcproviders',
      });
}
