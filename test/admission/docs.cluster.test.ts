import { globSync, readFileSync } from 'node:fs';
import type { KubernetesObject } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { cluster, testNamespace } from '../setup/cluster.ts';

interface Example {
  readonly file: string;
  readonly object: KubernetesObject;
}

/** The complete objects in the code blocks of the documents; a Kustomization is only for kustomize. */
const examples = ['README.md', ...globSync('docs/**/*.md')].flatMap((file): Example[] =>
  [...readFileSync(file, 'utf8').matchAll(/^```yaml\n(.*?)^```/gms)].flatMap(([, block = '']) =>
    parseAllDocuments(block)
      .map((document): KubernetesObject => document.toJS())
      .filter((object) => object?.kind !== undefined && object.kind !== 'Kustomization')
      .map((object) => ({ file, object })),
  ),
);

test('there are examples of every kind', () => {
  const kinds = new Set(examples.map(({ object }) => object.kind));
  for (const kind of ['OIDCApplication', 'OIDCProvider', 'ClusterOIDCProvider']) {
    expect(kinds).toContain(kind);
  }
});

const namespace = await testNamespace('docs');

test.for(examples.map(({ file, object }) => [file, object] as const))(
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
