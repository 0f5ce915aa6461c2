export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}
export interface ManagedFieldsEntry {
  manager?: string;
  operation?: string;
  subresource?: string;
  time?: string;
  fieldsType?: string;
  fieldsV1?: unknown;
}
export interface ObjectMeta {
  name: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: OwnerReference[];
  creationTimestamp?: string;
  deletionTimestamp?: string;
  finalizers?: string[];
  managedFields?: ManagedFieldsEntry[];
}
export interface KubernetesObject {
  apiVersion?: string;
  kind?: string;
  metadata: ObjectMeta;
}
export interface Resource<T extends KubernetesObject> {
  group: string;
  version: string;
  plural: string;
  kind: string;
  namespaced: boolean;
  parse(raw: unknown): T;
}
export interface ObjectRef {
  namespace?: string;
  name: string;
}

/**
 * The API path of a collection, of one object, or of its subresource.
 * Throws on a name that would address something else, above all an empty one.
 */
export function resourcePath(
  resource: Pick<Resource<KubernetesObject>, 'group' | 'version' | 'plural' | 'namespaced'>,
  ref: { namespace?: string | undefined; name?: string | undefined } = {},
  subresource?: string,
): string {
  const root =
    resource.group === ''
      ? `/api/${resource.version}`
      : `/apis/${resource.group}/${resource.version}`;
  const scope =
    resource.namespaced && ref.namespace !== undefined
      ? `/namespaces/${pathSegment(ref.namespace)}`
      : '';
  const name = ref.name === undefined ? '' : `/${pathSegment(ref.name)}`;
  if (resource.namespaced && name !== '' && scope === '') {
    throw new TypeError(`${resource.plural} are namespaced: a namespace is needed`);
  }
  return `${root}${scope}/${resource.plural}${name}${subresource === undefined ? '' : `/${subresource}`}`;
}

function pathSegment(name: string): string {
  if (name === '' || name === '.' || name === '..') {
    throw new TypeError(`'${name}' cannot be the name of an object`);
  }
  return encodeURIComponent(name);
}
