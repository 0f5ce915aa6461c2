import { expect, test } from 'vitest';
import { SecretValue } from '../../src/api/secret-value.ts';
import {
  CredentialsWatch,
  credentialsIn,
  type SecretReference,
} from '../../src/controller/providers/credentials.ts';
import type { SecretObject } from '../../src/controller/resources.ts';
import type { Store } from '../../src/kubernetes/store.ts';

/** One watch that was begun, and the means to have it tell something. */
interface Begun {
  readonly ref: SecretReference;
  readonly signal: AbortSignal;
  readonly fail: (error: unknown) => void;
  readonly list: (...secrets: SecretObject[]) => Promise<void>;
}

function start() {
  const begun: Begun[] = [];
  const told: string[] = [];
  const watch = new CredentialsWatch({
    watch: (ref, store: Store<SecretObject>, onError, signal) => {
      const feed = store.feed(ref.namespace);
      const list = (...objects: SecretObject[]) =>
        feed.list(async () => ({ objects, unreadable: [] }));
      begun.push({ ref, signal, fail: onError, list });
    },
    onChange: (user) => told.push(user),
  });
  return { begun, told, watch };
}

function secret(values: Readonly<Record<string, string>>, version = '1'): SecretObject {
  const data = Object.entries(values).map(([key, text]) => [key, SecretValue.fromText(text)]);
  return {
    metadata: { namespace: 'shop', name: 'a', uid: 'a', resourceVersion: version },
    data: Object.fromEntries(data),
    immutable: false,
    managers: undefined,
  };
}

const a = { namespace: 'shop', name: 'a' };
const b = { namespace: 'shop', name: 'b' };

/** Lets what is settled be told. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

test('a Secret is watched once for all who use it, and not longer than that', async () => {
  const { begun, watch } = start();
  watch.use('one', a);
  watch.use('two', a);
  watch.use('one', a);
  expect(begun.map(({ ref }) => ref)).toEqual([a]);
  watch.use('one', b);
  expect(begun.map(({ ref, signal }) => [ref.name, signal.aborted])).toEqual([
    ['a', false],
    ['b', false],
  ]);
  watch.use('two', undefined);
  expect(begun.map(({ signal }) => signal.aborted)).toEqual([true, false]);
  watch.close();
  expect(begun.map(({ signal }) => signal.aborted)).toEqual([true, true]);
});

test('each user is told when the Secret was read, and of each change', async () => {
  const { begun, told, watch } = start();
  watch.use('one', a);
  watch.use('two', a);
  expect(watch.read(a)).toEqual({ kind: 'unread', fault: undefined });
  await begun[0]?.list();
  await settled();
  expect(told).toEqual(['one', 'two']);
  expect(watch.read(a)).toEqual({ kind: 'missing' });
  await begun[0]?.list(secret({ x: '1' }));
  expect(told).toEqual(['one', 'two', 'one', 'two']);
  expect(watch.read(a)).toMatchObject({ kind: 'found' });
});

test('a Secret that may not be read is told once, and then no more than that it was read', async () => {
  const { begun, told, watch } = start();
  watch.use('one', a);
  begun[0]?.fail(new Error('secrets "a" is forbidden'));
  begun[0]?.fail(new Error('secrets "a" is forbidden'));
  expect(told).toEqual(['one']);
  expect(watch.read(a)).toEqual({ kind: 'unread', fault: 'secrets "a" is forbidden' });
  await begun[0]?.list(secret({}));
  await settled();
  expect(watch.read(a)).toMatchObject({ kind: 'found' });
});

test.for<readonly [string, Record<string, string>, Record<string, string>, unknown]>([
  [
    'the default keys',
    { 'client-id': 'id', 'client-secret': 's3cret' },
    {},
    { clientID: 'id', clientSecret: SecretValue.fromText('s3cret') },
  ],
  [
    'other keys',
    { user: 'id', pass: 's3cret', 'client-id': 'no' },
    { clientIDKey: 'user', clientSecretKey: 'pass' },
    { clientID: 'id', clientSecret: SecretValue.fromText('s3cret') },
  ],
  [
    'a newline at the end',
    { 'client-id': 'id\n', 'client-secret': 's3cret\r\n' },
    {},
    { clientID: 'id', clientSecret: SecretValue.fromText('s3cret') },
  ],
  ['no client ID', { 'client-secret': 's3cret' }, {}, { missingKey: 'client-id' }],
  ['no client secret', { 'client-id': 'id' }, {}, { missingKey: 'client-secret' }],
  [
    'an empty one',
    { 'client-id': 'id', 'client-secret': '\n' },
    {},
    { missingKey: 'client-secret' },
  ],
])('credentials: %s', ([, values, keys, expected]) => {
  expect(credentialsIn(secret(values), { name: 'a', ...keys })).toEqual(expected);
});
