import { GROUP, VERSION } from '../../api/names.ts';
import type {
  ClusterOIDCProviderSpec,
  ClusterOIDCProviderStatus,
} from '../../api/oidcprovider.gen.ts';
import { isJsonObject, objectAt, stringAt } from '../../kubernetes/json.ts';
import type { ObjectMeta, Resource } from '../../kubernetes/resource.ts';
import { keyOf } from '../../kubernetes/store.ts';

/** Metadata of an object that the API server has stored, of a namespace or of the cluster. */
interface StoredMeta extends ObjectMeta {
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation: number;
}

export type ProviderKind = 'OIDCProvider' | 'ClusterOIDCProvider';

/** An OIDCProvider, which never has grants, or a ClusterOIDCProvider. */
export interface ProviderObject {
  readonly kind: ProviderKind;
  readonly metadata: StoredMeta;
  readonly spec: ClusterOIDCProviderSpec;
  readonly status: ClusterOIDCProviderStatus;
}

export interface NamespaceObject {
  readonly metadata: ObjectMeta;
}

export const providerResource = resourceOf('OIDCProvider', 'oidcproviders');
export const clusterProviderResource = resourceOf('ClusterOIDCProvider', 'clusteroidcproviders');

/** Namespaces with their labels alone. */
export const namespaceResource: Resource<NamespaceObject> = {
  group: '',
  version: 'v1',
  plural: 'namespaces',
  kind: 'Namespace',
  namespaced: false,
  parse(raw) {
    const { name, uid, resourceVersion, labels = {} } = metaOf(raw, 'Namespace');
    return { metadata: { name, uid, resourceVersion, labels } };
  },
};

/** The key that an application's reference to the provider has. */
export function keyOfProvider(provider: ProviderObject): string {
  return `${provider.kind}/${keyOf(provider)}`;
}

function resourceOf(kind: ProviderKind, plural: string): Resource<ProviderObject> {
  return {
    group: GROUP,
    version: VERSION,
    plural,
    kind,
    namespaced: kind === 'OIDCProvider',
    parse(raw) {
      const { managedFields: _, ...metadata } = metaOf(raw, kind);
      const spec: unknown = objectAt(raw, 'spec');
      if (!isSpec(spec)) throw new TypeError(`the API server sent a ${kind} without its spec`);
      return { kind, metadata, spec, status: objectAt(raw, 'status') };
    },
  };
}

function metaOf(raw: unknown, kind: string): StoredMeta {
  const metadata = { generation: 0, ...objectAt(raw, 'metadata') };
  if (!isStored(metadata)) {
    throw new TypeError(`the API server sent a ${kind} without name, uid or version`);
  }
  return metadata;
}

function isStored(metadata: unknown): metadata is StoredMeta {
  return ['name', 'uid', 'resourceVersion'].every((key) => stringAt(metadata, key) !== undefined);
}

/** What the API server has validated but for what is needed to name it. */
function isSpec(spec: unknown): spec is ClusterOIDCProviderSpec {
  return isJsonObject(spec) && stringAt(spec['credentialsSecretRef'], 'name') !== undefined;
}
