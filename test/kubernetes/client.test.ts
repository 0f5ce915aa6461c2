import { describe, expect, onTestFinished, test } from 'vitest';
import { isConflict, isNotFound } from '../../src/kubernetes/api-error.ts';
import { ResourceClient } from '../../src/kubernetes/client.ts';
import { resourcePath } from '../../src/kubernetes/resource.ts';
import { createTransport } from '../../src/kubernetes/transport.ts';
import { type ConfigMap, configMap, configMaps } from './objects.ts';
import { answer, answerStatus, type Script, scriptedServer } from './scripted-server.ts';

async function clientFor(script: Script) {
  const server = await scriptedServer(script);
  const transport = createTransport({ kubeConfig: server.kubeConfig });
  onTestFinished(() => transport.close());
  const client = new ResourceClient<ConfigMap>(transport, configMaps, { fieldManager: 'keyturn' });
  return { client, requests: server.requests };
}

const ref = { namespace: 'ns', name: 'a' };

describe('paths', () => {
  const crd = { group: 'keyturn.dev', version: 'v1', plural: 'things', namespaced: true };

  test('of collections, objects and subresources', () => {
    expect(resourcePath(configMaps, { namespace: 'ns' })).toBe('/api/v1/namespaces/ns/configmaps');
    expect(resourcePath(crd)).toBe('/apis/keyturn.dev/v1/things');
    expect(resourcePath(crd, ref, 'status')).toBe(
      '/apis/keyturn.dev/v1/namespaces/ns/things/a/status',
    );
    expect(resourcePath({ ...crd, namespaced: false }, { name: 'a' })).toBe(
      '/apis/keyturn.dev/v1/things/a',
    );
  });

  test.each(['', '.', '..'])('refuse %j as a name, which would address something else', (name) => {
    expect(() => resourcePath(configMaps, { namespace: 'ns', name })).toThrow(TypeError);
    expect(() => resourcePath(configMaps, { namespace: name, name: 'a' })).toThrow(TypeError);
  });

  test('keep a name from reaching out of its segment, and demand a namespace', () => {
    expect(resourcePath(configMaps, { namespace: 'ns', name: 'a/../b?c' })).toBe(
      '/api/v1/namespaces/ns/configmaps/a%2F..%2Fb%3Fc',
    );
    expect(() => resourcePath(configMaps, { name: 'a' })).toThrow(TypeError);
  });
});

test('find is undefined on 404 and on nothing else', async () => {
  const codes = [404, 403];
  const { client } = await clientFor((_, response) => {
    answerStatus(response, codes.shift() ?? 500, 'Told');
  });
  expect(await client.find(ref)).toBeUndefined();
  await expect(client.find(ref)).rejects.toMatchObject({ status: 403 });
});

test('list reads all pages', async () => {
  const { client, requests } = await clientFor(({ query }, response) => {
    const last = query.get('continue') === 'more';
    answer(response, 200, {
      metadata: last ? {} : { continue: 'more' },
      items: [configMap(last ? 'b' : 'a', '1')],
    });
  });
  const found = await client.list({ namespace: 'ns', labelSelector: 'x=y', limit: 1 });
  expect(found.map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
  expect(requests.map(({ query }) => query.toString())).toEqual([
    'limit=1&labelSelector=x%3Dy',
    'limit=1&labelSelector=x%3Dy&continue=more',
  ]);
});

test('writes name their field manager and their format', async () => {
  const { client, requests } = await clientFor((_, response) => {
    answer(response, 200, configMap('a', '2'));
  });
  await client.create(configMap('a', '1'));
  await client.mergePatch(ref, { data: null }, { subresource: 'status' });
  await client.delete(ref, { uid: 'u', resourceVersion: '2' });
  expect(
    requests.map(({ method, path, query, headers, body }) => [
      method,
      path,
      query.get('fieldManager'),
      headers['content-type'],
      JSON.parse(body),
    ]),
  ).toEqual([
    [
      'POST',
      '/api/v1/namespaces/ns/configmaps',
      'keyturn',
      'application/json',
      configMap('a', '1'),
    ],
    [
      'PATCH',
      '/api/v1/namespaces/ns/configmaps/a/status',
      'keyturn',
      'application/merge-patch+json',
      { data: null },
    ],
    [
      'DELETE',
      '/api/v1/namespaces/ns/configmaps/a',
      null,
      'application/json',
      { propagationPolicy: 'Background', preconditions: { uid: 'u', resourceVersion: '2' } },
    ],
  ]);
});

test('deleting what is not there is a 404, a failed precondition a Conflict', async () => {
  const answers: [number, string][] = [
    [404, 'NotFound'],
    [409, 'Conflict'],
  ];
  const { client } = await clientFor((_, response) => {
    answerStatus(response, ...(answers.shift() ?? ([500, ''] as const)));
  });
  const failures = [await client.delete(ref).catch(String), undefined];
  expect(failures[0]).toContain('NotFound');
  await expect(client.delete(ref)).rejects.toSatisfy(isConflict);
  expect(isNotFound(new Error('404'))).toBe(false);
});
