import { isJsonObject, type JsonObject, objectAt } from '../kubernetes/json.ts';
import type { ManagedFieldsEntry } from '../kubernetes/resource.ts';
import type { Application } from './application.ts';

/** The name under which the plugin owns what it writes. */
export const FIELD_MANAGER = 'kubectl-keyturn';

/** A field of spec and what it is set to. */
export interface Field {
  readonly path: readonly string[];
  readonly value: string;
}

/** Managers that apply a manifest again and again, although they write by update. */
const APPLIERS =
  /^(argocd-.*|kustomize-controller|helm-controller|helm|kubectl-client-side-apply)$/i;

/** The default that the API server fills in is owned by whoever created the object. */
const DEFAULT_RETENTION = '24h';

/** Who applies the field from elsewhere, and would set it back: a GitOps tool, or any other applier. */
export function applierOf({ metadata, spec }: Application, field: Field): string | undefined {
  const path = ['f:spec', ...field.path.map((step) => `f:${step}`)];
  const owners = (metadata.managedFields ?? []).filter(
    (entry) => entry.manager !== FIELD_MANAGER && owns(entry.fieldsV1, path),
  );
  const filledIn = valueAt(spec, field.path) === DEFAULT_RETENTION;
  return owners.find((owner) => isApplier(owner, filledIn))?.manager;
}

function isApplier({ manager = '', operation }: ManagedFieldsEntry, filledIn: boolean): boolean {
  return operation === 'Apply' || (APPLIERS.test(manager) && !filledIn);
}

/** The field manager of `spec.<field>`, whoever it is. */
export function managerOf({ metadata }: Application, field: string): string | undefined {
  const path = ['f:spec', `f:${field}`];
  return metadata.managedFields?.findLast(({ fieldsV1 }) => owns(fieldsV1, path))?.manager;
}

function owns(fields: unknown, path: readonly string[]): boolean {
  const [step, ...rest] = path;
  if (step === undefined) return true;
  return isJsonObject(fields) && step in fields && owns(fields[step], rest);
}

/**
 * What the plugin has to apply so that `fields` are set: whatever it applied before and does not name
 * again would be removed.
 */
export function specToApply(application: Application, fields: readonly Field[]): JsonObject {
  const own = application.metadata.managedFields?.find(
    ({ manager, operation }) => manager === FIELD_MANAGER && operation === 'Apply',
  );
  const spec = ownedPart(objectAt(own?.fieldsV1, 'f:spec'), application.spec);
  return fields.reduce((document, { path, value }) => withValue(document, path, value), spec);
}

function ownedPart(fields: JsonObject, value: unknown): JsonObject {
  const part: Record<string, unknown> = {};
  for (const [step, inner] of Object.entries(fields)) {
    const key = step.slice('f:'.length);
    const member = isJsonObject(value) ? value[key] : undefined;
    if (member === undefined) continue;
    part[key] = isJsonObject(member) && isJsonObject(inner) ? ownedPart(inner, member) : member;
  }
  return part;
}

/** `document` with `value` at `path`. */
export function withValue(
  document: JsonObject,
  [step, ...rest]: readonly string[],
  value: string,
): JsonObject {
  if (step === undefined) return document;
  const member = rest.length === 0 ? value : withValue(objectAt(document, step), rest, value);
  return { ...document, [step]: member };
}

export function valueAt(document: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, step) => (isJsonObject(at) ? at[step] : undefined), document);
}
