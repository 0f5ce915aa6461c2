/**
 * Generates the types of spec and status from the CRDs, and the constants that code and CRD must agree
 * on. With --check it writes nothing and fails if a file is stale.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { compile, type JSONSchema } from 'json-schema-to-typescript';
import { parse } from 'yaml';

const ROOT = new URL('../', import.meta.url);

interface Output {
  readonly crd: string;
  readonly types: string;
  /** What is written after the types. */
  constants(schema: Schema): string[];
}

const OUTPUTS: readonly Output[] = [
  {
    crd: 'crds/keyturn.dev_oidcapplications.yaml',
    types: 'src/api/oidcapplication.gen.ts',
    constants(schema) {
      const rotation = at(schema, 'spec', 'rotation');
      return [
        '/** What the API server fills in where spec leaves it out. */',
        `export const SPEC_DEFAULTS = ${JSON.stringify(at(schema, 'spec').default, null, 2)} as const satisfies OIDCApplicationSpec;\n`,
        '/** The language of durations in spec, as a regular expression. */',
        `export const DURATION_PATTERN =\n  ${JSON.stringify(at(rotation, 'every').pattern)};\n`,
        '/** The language of times in spec, as a regular expression; the day must exist as well. */',
        `export const TIMESTAMP_PATTERN =\n  ${JSON.stringify(at(rotation, 'rotateAfter').pattern)};\n`,
      ];
    },
  },
  // An OIDCProvider is a ClusterOIDCProvider without grants.
  {
    crd: 'crds/keyturn.dev_clusteroidcproviders.yaml',
    types: 'src/api/oidcprovider.gen.ts',
    constants: () => [],
  },
];

/** What is read of a CRD's schema. */
interface Schema {
  type?: 'object' | 'array' | 'string' | 'boolean' | 'integer';
  title?: string;
  description?: string;
  enum?: string[];
  default?: object;
  pattern?: string;
  required?: string[];
  properties?: Record<string, Schema>;
  additionalProperties?: Schema;
  items?: Schema;
}

interface Definition {
  spec: { versions: { schema: { openAPIV3Schema: Schema } }[] };
}

/** The first sentence: types need no more, `kubectl explain` has the rest. */
function summary(description: string | undefined): string | undefined {
  return description?.split(/(?<=\.) /, 1)[0];
}

/** The part of a CRD's schema that a type can express. */
function typeSchema(schema: Schema): JSONSchema {
  const { type, title, properties, items, required, additionalProperties } = schema;
  const description = summary(schema.description);
  return {
    ...(type !== undefined && { type }),
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    ...(schema.enum !== undefined && { enum: schema.enum }),
    ...(required !== undefined && { required }),
    ...(items !== undefined && { items: typeSchema(items) }),
    ...(properties !== undefined && {
      properties: mapValues(properties, typeSchema),
      additionalProperties: false,
    }),
    ...(additionalProperties !== undefined && {
      additionalProperties: typeSchema(additionalProperties),
    }),
  };
}

function mapValues<A, B>(record: Record<string, A>, map: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}

/** The schema at a path of properties; fails where the CRD has none. */
function at(schema: Schema, ...path: string[]): Schema {
  return path.reduce((current, name) => {
    const next = current.properties?.[name];
    if (next === undefined) throw new Error(`the schema has no ${path.join('.')}`);
    return next;
  }, schema);
}

async function generate({ crd, constants }: Output): Promise<string> {
  const definition: Definition = parse(readFileSync(new URL(crd, ROOT), 'utf8'));
  const schema = definition.spec.versions[0]?.schema.openAPIV3Schema;
  if (schema === undefined) throw new Error(`${crd}: no schema`);
  const options = {
    bannerComment: '',
    style: { singleQuote: true, printWidth: 100 },
    ignoreMinAndMaxItems: true,
  };
  const compiled = await Promise.all(
    ['spec', 'status'].map((part) => compile(typeSchema(at(schema, part)), part, options)),
  );
  return [
    `// Generated from ${crd} by crds/generate.ts: do not edit.\n`,
    ...compiled,
    ...constants(schema),
  ].join('\n');
}

const { check } = parseArgs({ options: { check: { type: 'boolean', default: false } } }).values;
for (const output of OUTPUTS) {
  const target = new URL(output.types, ROOT);
  const wanted = await generate(output);
  if (!check) {
    writeFileSync(target, wanted);
  } else if (!existsSync(target) || readFileSync(target, 'utf8') !== wanted) {
    console.error(
      `${output.types} is stale: run "npm run generate" after a change of ${output.crd}`,
    );
    process.exitCode = 1;
  }
}
