/**
 * Generates the types of spec and status from the CRDs, the constants that code and CRD must agree on,
 * and the API reference. With --check it writes nothing and fails if a file is stale.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { compile, type JSONSchema } from 'json-schema-to-typescript';
import { reference } from './reference.ts';
import { at, pathOf, readDefinition, type Schema } from './schema.ts';

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

const REFERENCES: readonly (readonly [crd: string, page: string])[] = [
  ['crds/keyturn.dev_oidcapplications.yaml', 'docs/reference/oidcapplication.md'],
  ['crds/keyturn.dev_oidcproviders.yaml', 'docs/reference/oidcprovider.md'],
  ['crds/keyturn.dev_clusteroidcproviders.yaml', 'docs/reference/clusteroidcprovider.md'],
];

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

function mapValues<A, B>(
  record: Readonly<Record<string, A>>,
  map: (value: A) => B,
): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}

async function types({ crd, constants }: Output): Promise<string> {
  const [version] = readDefinition(crd).spec.versions;
  const schema = version.schema.openAPIV3Schema;
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
const files = [
  ...OUTPUTS.map(async (output) => [output.crd, output.types, await types(output)] as const),
  ...REFERENCES.map(async ([crd, page]) => [crd, page, reference(crd)] as const),
];
for (const [crd, path, wanted] of await Promise.all(files)) {
  const target = pathOf(path);
  if (!check) {
    writeFileSync(target, wanted);
  } else if (!existsSync(target) || readFileSync(target, 'utf8') !== wanted) {
    console.error(`${path} is stale: run "npm run generate" after a change of ${crd}`);
    process.exitCode = 1;
  }
}
