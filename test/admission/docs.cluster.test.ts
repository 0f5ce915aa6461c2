import { readFileSync } from 'node:fs';
import type { KubernetesObject } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { codeBlocks, DOCUMENTS } from '../docs/markdown.ts';
import { cluster, testNamespace } from '../setup/cluster.ts';

interface Example {
  readonly file: string;
  readonly object: KubernetesObject & { readonly spec?: object };
}

const apiVersion = 'keyturn.dev/v1alpha1';
const WHOLES = [
  {
    has: ['secret', 'rotation', 'revokeIssuedBefore'],
    object: {
      apiVersion,
      kind: 'OIDCApplication',
      metadata: { name: 'part', namespace: 'shop' },
      spec: {},
    },
  },
  {
    has: ['grants'],
    object: {
      apiVersion,
      kind: 'ClusterOIDCProvider',
      metadata: { name: 'part' },
      spec: {
        keycloak: { url: 'https://sso.example.com', realm: 'shop' },
        credentialsSecretRef: { name: 'keycloak-credentials' },
      },
    },
  },
];

/** What the code blocks of the documents hold, object by object. */
const blocks = DOCUMENTS.flatMap((file) =>
  codeBlocks(readFileSync(file, 'utf8').split('\n'))
    .filter(({ language }) => language === 'yaml')
    .flatMap(({ content }) => parseAllDocuments(content))
    .map((document): Example => ({ file, object: document.toJS() })),
);

/** The complete ones; a Kustomization is only for kustomize. */
const complete = blocks.filter(
  ({ object: { kind } }) => kind !== undefined && kind !== 'Kustomization',
);

/** Those that show a part of spec alone, put into an object of the kind that has such a part. */
const parts = blocks.flatMap(({ file, object: { kind, spec } }): Example[] => {
  if (kind !== undefined || spec === undefined) return [];
  const whole = WHOLES.find(({ has }) => Object.keys(spec).some((field) => has.includes(field)));
  if (whole === undefined) return [];
  return [{ file, object: { ...whole.object, spec: { ...whole.object.spec, ...spec } } }];
});

test('there are examples of every kind', () => {
  const kinds = new Set(complete.map(({ object }) => object.kind));
  for (const kind of ['OIDCApplication', 'OIDCProvider', 'ClusterOIDCProvider']) {
    expect(kinds).toContain(kind);
  }
  expect(new Set(parts.map(({ file }) => file))).toEqual(
    new Set(['docs/consumers.md', 'docs/incident-response.md', 'docs/providers.md']),
  );
});

const namespace = await testNamespace('docs');

test.for([...complete, ...parts].map(({ file, object }) => [file, object] as const))(
  'the API server takes the example of %s',
  async ([, object]) => {
    const metadata = { ...object.metadata };
    if (metadata.namespace !== undefined) metadata.namespace = namespace;
    const input = JSON.stringify({ ...object, metadata });
    const args = ['create', '--dry-run=server', '--validate=strict', '--filename=-'];
    const { code, stderr } = await cluster.kubectl(args, { input });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  },
);
