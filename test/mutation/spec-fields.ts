import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
}

interface Definition {
  readonly spec: {
    readonly versions: readonly {
      readonly schema: { readonly openAPIV3Schema: Schema };
    }[];
  };
}

const path = join(import.meta.dirname, '../../crds/keyturn.dev_oidcapplications.yaml');

/** The paths of all fields of spec, as in `secret.keys`; the entries of a map are not among them. */
export function specFields(): string[] {
  const definition: Definition = parse(readFileSync(path, 'utf8'));
  return definition.spec.versions.flatMap(({ schema }) => [
    ...pathsIn(schema.openAPIV3Schema.properties?.['spec'], ''),
  ]);
}

function* pathsIn(schema: Schema | undefined, prefix: string): Generator<string> {
  for (const [name, property] of Object.entries(schema?.properties ?? {})) {
    yield `${prefix}${name}`;
    yield* pathsIn(property, `${prefix}${name}.`);
  }
}
