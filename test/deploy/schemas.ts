import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  arrayAt,
  isJsonObject,
  type JsonObject,
  objectAt,
  stringAt,
} from '../../src/kubernetes/json.ts';
import type { ControlPlaneAccess } from '../testbed/access.ts';

/**
 * Writes a JSON Schema for each kind that an API server knows, as kubeconform reads them, and resolves
 * to the template of their location.
 */
export async function writeSchemas(access: ControlPlaneAccess): Promise<string> {
  const { stdout } = await access.kubectl(['get', '--raw', '/openapi/v2']);
  const served: unknown = JSON.parse(stdout);
  const definitions = mapValues(objectAt(served, 'definitions'), strict);
  const folder = mkdtempSync(join(tmpdir(), 'keyturn-schemas-'));
  writeFileSync(join(folder, 'all.json'), JSON.stringify({ definitions }));
  for (const [name, schema] of Object.entries(definitions)) {
    const reference = { $ref: `all.json#/definitions/${name}` };
    for (const file of filesOf(schema)) {
      writeFileSync(join(folder, file), JSON.stringify(reference));
    }
  }
  return join(folder, '{{.ResourceKind}}-{{.Group}}-{{.ResourceAPIVersion}}.json');
}

/** Where kubeconform finds the schema of each kind that a definition is for. */
function filesOf(schema: unknown): string[] {
  return arrayAt(schema, 'x-kubernetes-group-version-kind').map((each) => {
    const [group, version, kind] = ['group', 'version', 'kind'].map((key) => stringAt(each, key));
    return `${kind?.toLowerCase()}-${group || version}-${version}.json`;
  });
}

/** No fields but those that are known, and numbers where the API takes them for text. */
function strict(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strict);
  if (!isJsonObject(schema)) return schema;
  if (schema['format'] === 'int-or-string') return { type: ['integer', 'string'] };
  const copy = mapValues(schema, strict);
  const isClosed =
    isJsonObject(schema['properties']) &&
    schema['additionalProperties'] === undefined &&
    schema['x-kubernetes-preserve-unknown-fields'] !== true;
  return isClosed ? { ...copy, additionalProperties: false } : copy;
}

function mapValues(object: JsonObject, map: (value: unknown) => unknown): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]));
}
