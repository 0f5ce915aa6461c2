import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { effectiveSpec } from '../../src/api/application.ts';
import {
  DURATION_PATTERN,
  SPEC_DEFAULTS,
  TIMESTAMP_PATTERN,
} from '../../src/api/oidcapplication.gen.ts';

interface Schema {
  type: string;
  description?: string;
  default?: unknown;
  pattern?: string;
  maxLength?: number;
  enum?: string[];
  properties?: Record<string, Schema>;
  additionalProperties?: Schema;
  items?: Schema;
  'x-kubernetes-validations'?: { rule: string; message?: string }[];
}

const root = join(import.meta.dirname, '../..');
const crdPath = 'crds/keyturn.dev_oidcapplications.yaml';

const generated = ['src/api/oidcapplication.gen.ts', 'src/api/oidcprovider.gen.ts'];

const schemas = {
  oidcapplications: schemaIn(crdPath),
  oidcproviders: schemaIn('crds/keyturn.dev_oidcproviders.yaml'),
  clusteroidcproviders: schemaIn('crds/keyturn.dev_clusteroidcproviders.yaml'),
};
const fields = [...walk(schemas.oidcapplications, '')];
const allFields = Object.entries(schemas).flatMap(([plural, schema]) =>
  [...walk(schema, '')].map((field) => ({ ...field, field: `${plural}: ${field.path}` })),
);

function schemaIn(path: string): Schema {
  const definition: { spec: { versions: [{ schema: { openAPIV3Schema: Schema } }] } } = parse(
    readFileSync(join(root, path), 'utf8'),
  );
  return definition.spec.versions[0].schema.openAPIV3Schema;
}

function* walk(schema: Schema, path: string): Generator<{ path: string; schema: Schema }> {
  yield { path, schema };
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    yield* walk(property, path === '' ? name : `${path}.${name}`);
  }
  if (schema.items) yield* walk(schema.items, `${path}[]`);
  if (schema.additionalProperties) yield* walk(schema.additionalProperties, `${path}{}`);
}

function generator(...args: string[]) {
  return (directory: string) =>
    spawnSync(process.execPath, ['crds/generate.ts', ...args], {
      cwd: directory,
      encoding: 'utf8',
    });
}

test('the generated types are those of the CRD', () => {
  const { status, stderr } = generator('--check')(root);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test('the generator finds stale types and a stale reference, and renews them', () => {
  const copy = mkdtempSync(join(tmpdir(), 'crds-'));
  onTestFinished(() => rmSync(copy, { recursive: true }));
  for (const path of ['crds', 'docs/reference', 'package.json', ...generated]) {
    cpSync(join(root, path), join(copy, path), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  const yaml = readFileSync(join(copy, crdPath), 'utf8');
  writeFileSync(join(copy, crdPath), yaml.replaceAll('revokeRetiredBefore:', 'revokeOlderThan:'));

  const stale = generator('--check')(copy);
  expect(stale.status).toBe(1);
  const reason = `is stale: run "npm run generate" after a change of ${crdPath}`;
  expect(stale.stderr).toBe(
    `src/api/oidcapplication.gen.ts ${reason}\ndocs/reference/oidcapplication.md ${reason}\n`,
  );
  expect(generator()(copy).status).toBe(0);
  expect(generator('--check')(copy).status).toBe(0);
  expect(readFileSync(join(copy, 'src/api/oidcapplication.gen.ts'), 'utf8')).toContain(
    'revokeOlderThan?: string;',
  );
});

test('every field has a description', () => {
  const silent = allFields.filter(({ path, schema }) => {
    // Kubernetes describes metadata itself; values of a map have no field of their own.
    return path !== 'metadata' && !path.endsWith('{}') && !schema.description;
  });
  expect(silent.map(({ field }) => field)).toEqual([]);
});

test('every string of spec is bounded, so that rules over it have a bounded cost', () => {
  const unbounded = allFields.filter(
    ({ path, schema }) =>
      path.startsWith('spec') && schema.type === 'string' && !schema.enum && !schema.maxLength,
  );
  expect(unbounded.map(({ field }) => field)).toEqual([]);
});

test('no field of spec names a namespace, but for the grants of an administrator', () => {
  const naming = allFields.filter(
    ({ path }) => path.startsWith('spec') && /namespace/i.test(path.split('.').at(-1) ?? ''),
  );
  expect(naming.map(({ field }) => field)).toEqual([
    'clusteroidcproviders: spec.grants[].namespaces',
    'clusteroidcproviders: spec.grants[].namespaces[]',
    'clusteroidcproviders: spec.grants[].namespaceSelector',
  ]);
});

test('an OIDCProvider is a ClusterOIDCProvider without grants', () => {
  const namespaced = schemas.oidcproviders.properties?.['spec'];
  const { grants, ...properties } =
    schemas.clusteroidcproviders.properties?.['spec']?.properties ?? {};
  expect(grants).toBeDefined();
  expect(Object.keys(properties)).toEqual(Object.keys(namespaced?.properties ?? {}));
  const plain = (schema: unknown): unknown =>
    JSON.parse(
      JSON.stringify(schema, (key, value) =>
        key === 'description' || key === 'title' ? undefined : value,
      ),
    );
  expect(plain({ ...schemas.clusteroidcproviders.properties?.['spec'], properties })).toEqual(
    plain(namespaced),
  );
  expect(plain(schemas.clusteroidcproviders.properties?.['status'])).toEqual(
    plain(schemas.oidcproviders.properties?.['status']),
  );
});

test('every rule has a message, for servers that cannot evaluate an expression for it', () => {
  const rules = allFields.flatMap(({ schema }) => schema['x-kubernetes-validations'] ?? []);
  expect(rules.length).toBeGreaterThan(0);
  expect(rules.filter(({ message }) => !message)).toEqual([]);
});

test('durations and times have one language everywhere, in patterns and in rules', () => {
  const patterned = allFields.filter(({ schema }) => schema.pattern !== undefined);
  expect(patterned.map(({ field, schema }) => [field, schema.pattern])).toEqual([
    ['oidcapplications: spec.rotation.rotateAfter', TIMESTAMP_PATTERN],
    ['oidcapplications: spec.rotation.every', DURATION_PATTERN],
    ['oidcapplications: spec.rotation.retainPreviousFor', DURATION_PATTERN],
    ['oidcapplications: spec.revokeRetiredBefore', TIMESTAMP_PATTERN],
    ['oidcapplications: spec.revokeIssuedBefore', TIMESTAMP_PATTERN],
    ['oidcproviders: spec.requestTimeout', DURATION_PATTERN],
    ['oidcproviders: spec.resyncInterval', DURATION_PATTERN],
    ['clusteroidcproviders: spec.requestTimeout', DURATION_PATTERN],
    ['clusteroidcproviders: spec.resyncInterval', DURATION_PATTERN],
  ]);
  for (const { schema } of patterned) {
    const [validation] = schema['x-kubernetes-validations'] ?? [];
    expect(validation?.rule).toContain(`self.matches('${schema.pattern}') && `);
  }
});

test('a default of an object carries the defaults of its fields', () => {
  const nested = (schema: Schema): unknown => {
    const properties = Object.entries(schema.properties ?? {});
    const defaults = properties.map(([name, property]) => [name, nested(property)] as const);
    const present = defaults.filter(([, value]) => value !== undefined);
    return schema.type === 'object' && present.length > 0
      ? Object.fromEntries(present)
      : schema.default;
  };
  const withDefault = fields.filter(({ schema }) => schema.default !== undefined);
  expect(withDefault.length).toBeGreaterThan(0);
  for (const { schema } of withDefault) expect(schema.default).toEqual(nested(schema));
});

test('the code fills in the same defaults as the API server', () => {
  const metadata = { namespace: 'shop', name: 'web' };
  expect(effectiveSpec(metadata, {})).toEqual(effectiveSpec(metadata, SPEC_DEFAULTS));
});
