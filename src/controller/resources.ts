import { GROUP, KIND, PLURAL, VERSION } from '../api/names.ts';
import type { OIDCApplicationSpec, OIDCApplicationStatus } from '../api/oidcapplication.gen.ts';
import { SecretValue } from '../api/secret-value.ts';
import { isJsonObject, type JsonObject } from '../kubernetes/json.ts';
import type { ManagedFieldsEntry, ObjectMeta, Resource } from '../kubernetes/resource.ts';

/** Metadata of a namespaced object that the API server has stored. */
export interface StoredMeta extends ObjectMeta {
  readonly namespace: string;
  readonly uid: string;
  readonly resourceVersion: string;
}

export interface OIDCApplication {
  readonly metadata: StoredMeta & { readonly generation: number };
  readonly spec: OIDCApplicationSpec;
  readonly status: OIDCApplicationStatus | undefined;
  /** The field manager that set `spec.revokePreviousSecret` to true. */
  readonly revokePreviousSecretManager: string | undefined;
}

export interface SecretObject {
  readonly metadata: StoredMeta;
  readonly data: Readonly<Record<string, SecretValue>>;
  readonly immutable: boolean;
  /** The field manager that last wrote each key of `data`; known of a Secret read on its own. */
  readonly managers: Readonly<Record<string, string>> | undefined;
}

export const applicationResource: Resource<OIDCApplication> = {
  group: GROUP,
  version: VERSION,
  plural: PLURAL,
  kind: KIND,
  namespaced: true,
  parse(raw) {
    const { metadata, spec, status } = objectOf(raw, KIND);
    // Neither labels nor annotations are of use, and some hold a copy of the whole.
    const { managedFields, labels, annotations, ...meta } = storedMeta(metadata, KIND);
    const stored = isJsonObject(spec) ? spec : {};
    return {
      metadata: { ...meta, generation: meta.generation ?? 0 },
      spec: stored,
      status: isJsonObject(status) && !isDefaulted(status) ? status : undefined,
      revokePreviousSecretManager:
        stored['revokePreviousSecret'] === true
          ? managerOf(managedFields, ['f:spec', 'f:revokePreviousSecret'])
          : undefined,
    };
  },
};

/** Whether it is what the API server fills in for a status that was never written. */
function isDefaulted(status: Readonly<Record<string, unknown>>): boolean {
  return status['observedGeneration'] === -1 && Object.keys(status).length === 1;
}

/** Secrets for the cache: without who wrote what, and without a copy of themselves in an annotation. */
export const secretResource: Resource<SecretObject> = {
  group: '',
  version: 'v1',
  plural: 'secrets',
  kind: 'Secret',
  namespaced: true,
  parse: (raw) => parseSecret(raw, () => undefined),
};

/** Secrets read on their own, with the field managers of their data. */
export const managedSecretResource: Resource<SecretObject> = {
  ...secretResource,
  parse: (raw) =>
    parseSecret(raw, (managedFields, keys) => {
      const managers: Record<string, string> = Object.create(null);
      for (const key of keys) {
        const manager = managerOf(managedFields, ['f:data', `f:${key}`]);
        if (manager !== undefined) managers[key] = manager;
      }
      return managers;
    }),
};

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

function parseSecret(
  raw: unknown,
  managersOf: (
    fields: readonly ManagedFieldsEntry[] | undefined,
    keys: readonly string[],
  ) => Record<string, string> | undefined,
): SecretObject {
  const { metadata, data, immutable } = objectOf(raw, 'Secret');
  const { managedFields, ...meta } = storedMeta(metadata, 'Secret');
  if (meta.annotations !== undefined) delete meta.annotations[LAST_APPLIED];
  // The keys are of others' choice: `constructor` and `__proto__` are names like any other.
  const values: Record<string, SecretValue> = Object.create(null);
  for (const [key, value] of Object.entries(isJsonObject(data) ? data : {})) {
    if (typeof value === 'string') values[key] = SecretValue.fromBase64(value);
  }
  return {
    metadata: meta,
    data: values,
    immutable: immutable === true,
    managers: managersOf(managedFields, Object.keys(values)),
  };
}

function managerOf(
  entries: readonly ManagedFieldsEntry[] | undefined,
  path: readonly string[],
): string | undefined {
  return entries?.findLast((entry) => owns(entry.fieldsV1, path))?.manager;
}

function owns(fields: unknown, path: readonly string[]): boolean {
  let at = fields;
  for (const step of path) {
    if (!isJsonObject(at) || !(step in at)) return false;
    at = at[step];
  }
  return true;
}

function objectOf(raw: unknown, kind: string): JsonObject {
  if (!isJsonObject(raw))
    throw new TypeError(`the API server sent a ${kind} that is not an object`);
  return raw;
}

function storedMeta(metadata: unknown, kind: string): StoredMeta {
  if (!isStoredMeta(metadata)) {
    throw new TypeError(`the API server sent a ${kind} without name, namespace, uid or version`);
  }
  return metadata;
}

function isStoredMeta(metadata: unknown): metadata is StoredMeta {
  return (
    isJsonObject(metadata) &&
    ['name', 'namespace', 'uid', 'resourceVersion'].every(
      (key) => typeof metadata[key] === 'string',
    )
  );
}
