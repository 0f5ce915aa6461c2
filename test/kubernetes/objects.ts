import type { KubernetesObject, Resource } from '../../src/kubernetes/resource.ts';

export interface ConfigMap extends KubernetesObject {
  data?: Record<string, string>;
}

function isConfigMap(raw: unknown): raw is ConfigMap {
  return (
    typeof raw === 'object' &&
    raw !== null &&
    'metadata' in raw &&
    typeof raw.metadata === 'object' &&
    raw.metadata !== null &&
    'name' in raw.metadata &&
    typeof raw.metadata.name === 'string'
  );
}

export const configMaps: Resource<ConfigMap> = {
  group: '',
  version: 'v1',
  plural: 'configmaps',
  kind: 'ConfigMap',
  namespaced: true,
  parse(raw) {
    if (!isConfigMap(raw) || raw.data?.['value'] === 'unreadable') {
      throw new TypeError('this is no ConfigMap');
    }
    return raw;
  },
};

/** A ConfigMap `ns/name` as the API server would show it. */
export function configMap(
  name: string,
  resourceVersion: string,
  more: { namespace?: string; uid?: string; finalizers?: string[]; value?: string } = {},
): ConfigMap {
  const { namespace = 'ns', uid = `uid-${name}`, finalizers, value } = more;
  return {
    metadata: { namespace, name, uid, resourceVersion, ...(finalizers && { finalizers }) },
    ...(value !== undefined && { data: { value } }),
  };
}
