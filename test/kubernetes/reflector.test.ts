import type { ServerResponse } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ApiError, NetworkError } from '../../src/kubernetes/api-error.ts';
import type { Clock } from '../../src/kubernetes/clock.ts';
import {
  Reflector,
  type ReflectorErrorContext,
  type ReflectorOptions,
} from '../../src/kubernetes/reflector.ts';
import { keyOf, Store } from '../../src/kubernetes/store.ts';
import { createTransport } from '../../src/kubernetes/transport.ts';
import { type ConfigMap, configMap, configMaps } from './objects.ts';
import {
  answer,
  answerStatus,
  type ReceivedRequest,
  type ScriptedServer,
  scriptedServer,
  statusBody,
} from './scripted-server.ts';

type Reply = (response: ServerResponse, request: ReceivedRequest) => void;

interface Started {
  server: ScriptedServer;
  store: Store<ConfigMap>;
  errors: { error: unknown; context: ReflectorErrorContext }[];
  /** The queries of all requests so far: watches by where they start, lists by their page. */
  seen(): string[];
  stop(): Promise<void>;
}

/**
 * A reflector against an endpoint that answers lists and watches from the given replies in turn;
 * the last reply of each is repeated.
 */
async function start(
  lists: readonly Reply[],
  watches: readonly Reply[],
  options: Partial<ReflectorOptions<ConfigMap>> = {},
): Promise<Started> {
  let [listed, watched] = [0, 0];
  const server = await scriptedServer((request, response) => {
    if (request.query.get('watch') === 'true') {
      watches[Math.min(watched, watches.length - 1)]?.(response, request);
      watched += 1;
    } else {
      lists[Math.min(listed, lists.length - 1)]?.(response, request);
      listed += 1;
    }
  });
  const transport = createTransport({ kubeConfig: server.kubeConfig });
  const store = new Store<ConfigMap>();
  const errors: Started['errors'] = [];
  const reflector = new Reflector({
    transport,
    resource: configMaps,
    store,
    clock: hurried,
    random: () => 0,
    onError: (error, context) => errors.push({ error, context }),
    ...options,
  });
  const abort = new AbortController();
  const running = reflector.run(abort.signal);
  const stop = async (): Promise<void> => {
    abort.abort();
    await running;
    await transport.close();
  };
  onTestFinished(stop);
  const seen = (): string[] =>
    server.requests.map(({ query }) =>
      query.has('watch')
        ? `watch ${query.get('resourceVersion')}`
        : `list ${query.get('continue') ?? ''}`.trim(),
    );
  return { server, store, errors, seen, stop };
}

const soon = { timeout: 30_000 };

/** A clock on which hours pass between two looks: each fault is then the first after health. */
let hours = 0;
const hurried: Clock = {
  now: () => Date.now(),
  monotonic: () => {
    hours += 3_600_000;
    return hours;
  },
};

const list =
  (version: string, items: ConfigMap[], next?: string): Reply =>
  (response) =>
    answer(response, 200, {
      metadata: { resourceVersion: version, ...(next !== undefined && { continue: next }) },
      items,
    });

/** A watch that sends the lines and stays open. */
const open =
  (...lines: unknown[]): Reply =>
  (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    for (const line of lines) response.write(`${JSON.stringify(line)}\n`);
  };

/** A watch that sends the lines and ends. */
const ended =
  (...lines: unknown[]): Reply =>
  (response, request) => {
    open(...lines)(response, request);
    response.end();
  };

const event = (type: string, object: unknown) => ({ type, object });
const bookmark = (version: string) =>
  event('BOOKMARK', { metadata: { resourceVersion: version, annotations: {} } });

function versions(store: Store<ConfigMap>): Record<string, string> {
  return Object.fromEntries(
    [...store.values()].map((object) => [keyOf(object), object.metadata.resourceVersion ?? '']),
  );
}

describe('lists', () => {
  test('are read in pages and followed by a watch from their version', async () => {
    const { store, seen, server } = await start(
      [list('10', [configMap('a', '1')], 'page-2'), list('10', [configMap('b', '2')])],
      [open(event('ADDED', configMap('c', '11')))],
      { labelSelector: 'app=x', namespace: 'ns', pageSize: 1 },
    );
    await expect
      .poll(() => versions(store), soon)
      .toEqual({ 'ns/a': '1', 'ns/b': '2', 'ns/c': '11' });
    expect(store.hasSynced).toBe(true);
    expect(seen()).toEqual(['list', 'list page-2', 'watch 10']);
    expect(server.requests[0]?.path).toBe('/api/v1/namespaces/ns/configmaps');
    for (const { query } of server.requests) expect(query.get('labelSelector')).toBe('app=x');
    expect(server.requests[0]?.query.get('limit')).toBe('1');
    expect(server.requests[2]?.query.get('allowWatchBookmarks')).toBe('true');
    expect(server.requests[2]?.query.get('timeoutSeconds')).toBe('290');
  });

  test('are tried again after a fault, with the delay that the server asks for', async () => {
    const { store, errors } = await start(
      [
        (response) => answerStatus(response, 429, 'TooManyRequests', { 'retry-after': '2' }),
        (response) => answerStatus(response, 403, 'Forbidden'),
        list('10', []),
      ],
      [open()],
    );
    await store.whenSynced();
    expect(errors.map(({ context }) => context)).toEqual([
      { resource: 'configmaps', phase: 'list', retryInMs: 2000 },
      { resource: 'configmaps', phase: 'list', retryInMs: 400 },
    ]);
  });

  test('start again when a page has expired', async () => {
    const { store, seen } = await start(
      [
        list('10', [configMap('a', '1')], 'page-2'),
        (response) => answerStatus(response, 410, 'Expired'),
        list('20', [configMap('b', '2')]),
      ],
      [open()],
    );
    await store.whenSynced();
    expect(versions(store)).toEqual({ 'ns/b': '2' });
    await expect.poll(seen, soon).toEqual(['list', 'list page-2', 'list', 'watch 20']);
  });

  test('pass over an object that cannot be read, and leave it as it was known', async () => {
    const unreadable = { value: 'unreadable' };
    const { store, seen, errors } = await start(
      [
        list('10', [configMap('a', '1'), configMap('b', '2', unreadable)]),
        list('20', [configMap('a', '11', unreadable), configMap('c', '12')]),
      ],
      [(response) => answerStatus(response, 410, 'Expired'), open()],
    );
    await store.whenSynced();
    expect(versions(store)).toEqual({ 'ns/a': '1' });
    await expect.poll(seen, soon).toContain('watch 20');
    expect(versions(store)).toEqual({ 'ns/a': '1', 'ns/c': '12' });
    expect(errors.map(({ context }) => context)).toEqual([
      { resource: 'configmaps', phase: 'list', retryInMs: 0 },
      { resource: 'configmaps', phase: 'list', retryInMs: 0 },
    ]);
  });

  test('take smaller pages where a page is too large', async () => {
    const limits: (string | null)[] = [];
    const { store } = await start(
      [
        (response, { query }) => {
          limits.push(query.get('limit'));
          response.writeHead(200, { 'content-length': String(65 * 1024 * 1024) });
          const block = Buffer.alloc(1024 * 1024, ' ');
          const more = (): void => {
            while (response.writable && response.write(block));
          };
          response.on('drain', more);
          more();
        },
        (response, request) => {
          limits.push(request.query.get('limit'));
          list('10', [])(response, request);
        },
      ],
      [open()],
    );
    await store.whenSynced();
    expect(limits).toEqual(['500', '100']);
  });
});

describe('watches', () => {
  test('tell additions, changes and deletions', async () => {
    const { store } = await start(
      [list('10', [configMap('a', '1'), configMap('b', '2')])],
      [
        open(
          event('MODIFIED', configMap('a', '11')),
          event('DELETED', configMap('b', '12')),
          event('ADDED', configMap('c', '13')),
        ),
      ],
    );
    await expect.poll(() => versions(store), soon).toEqual({ 'ns/a': '11', 'ns/c': '13' });
  });

  test('that the server ends go on from the last version, bookmarks included', async () => {
    const { store, seen, errors } = await start(
      [list('10', [])],
      [ended(event('ADDED', configMap('a', '11'))), ended(bookmark('50')), open()],
    );
    await expect.poll(seen, soon).toEqual(['list', 'watch 10', 'watch 11', 'watch 50']);
    expect(versions(store)).toEqual({ 'ns/a': '11' });
    expect(errors).toEqual([]);
  });

  test('that end at once are backed off from, but not if they brought something', async () => {
    const { errors, seen } = await start(
      [list('10', [])],
      [ended(bookmark('11')), ended(), open()],
      {
        clock: { now: () => Date.now(), monotonic: () => 1 },
      },
    );
    await expect.poll(seen, soon).toEqual(['list', 'watch 10', 'watch 11', 'watch 11']);
    expect(errors).toMatchObject([{ error: { code: 'SHORT_WATCH' }, context: { retryInMs: 400 } }]);
  });

  test.each([
    ['status', (response: ServerResponse) => answerStatus(response, 410, 'Expired')],
    ['event', ended(event('ERROR', statusBody(410, 'Expired')))],
  ])('list again after a 410 as %s, which is not reported', async (_, expired) => {
    let drawn = 0;
    const random = (): number => {
      drawn += 1;
      return 0;
    };
    const { store, seen, errors } = await start(
      [list('10', [configMap('a', '1')]), list('30', [configMap('b', '25')])],
      [expired, open()],
      { random },
    );
    await expect.poll(seen, soon).toEqual(['list', 'watch 10', 'list', 'watch 30']);
    await expect.poll(() => versions(store), soon).toEqual({ 'ns/b': '25' });
    expect(errors).toEqual([]);
    // For each watch, and for a delay in between: what was just listed must not have expired.
    expect(drawn).toBe(3);
  });

  test('list again at once if they had gone on since the last list', async () => {
    const { seen } = await start(
      [list('10', []), list('30', [])],
      [
        ended(bookmark('15')),
        (response) => answerStatus(response, 410, 'Expired', { 'retry-after': '3600' }),
        open(),
      ],
    );
    await expect.poll(seen, soon).toEqual(['list', 'watch 10', 'watch 15', 'list', 'watch 30']);
  });

  test('stay at their version after an error event, and list again if it repeats', async () => {
    const broken = ended(event('ERROR', statusBody(500, 'InternalError')));
    const { seen, errors } = await start(
      [list('10', []), list('20', [])],
      [broken, broken, open()],
    );
    await expect.poll(seen, soon).toEqual(['list', 'watch 10', 'watch 10', 'list', 'watch 20']);
    expect(errors.map(({ error }) => error)).toEqual([expect.any(ApiError), expect.any(ApiError)]);
  });

  test('that the server is too busy for are tried again without listing', async () => {
    const busy: Reply = (response) => answerStatus(response, 429, 'TooManyRequests');
    const { seen } = await start([list('10', [])], [busy, busy, busy, open()]);
    await expect.poll(seen, soon).toEqual(['list', ...Array(4).fill('watch 10')]);
  });

  test('survive a reset connection, going on where it was cut', async () => {
    const reset: Reply = (response, request) => {
      open(event('ADDED', configMap('a', '11')))(response, request);
      response.write('{"type":"ADDED","object":{"meta', () => response.socket?.destroy());
    };
    const { store, seen, errors } = await start(
      [list('10', [])],
      [reset, open(event('ADDED', configMap('b', '12')))],
    );
    await expect.poll(() => versions(store), soon).toEqual({ 'ns/a': '11', 'ns/b': '12' });
    expect(seen()).toEqual(['list', 'watch 10', 'watch 11']);
    expect(errors).toMatchObject([
      { error: expect.any(NetworkError), context: { phase: 'watch' } },
    ]);
  });

  test('that stay silent are dropped and taken up again', async () => {
    const { seen, errors } = await start([list('10', [])], [open()], { idleTimeoutMs: 100 });
    await expect.poll(seen, soon).toEqual(['list', 'watch 10', 'watch 10']);
    expect(errors[0]).toMatchObject({ error: { code: 'UND_ERR_BODY_TIMEOUT' } });
  });

  test('understand lines that are split inside a character', async () => {
    const line = Buffer.from(
      `${JSON.stringify(event('ADDED', configMap('a', '11', { value: 'ü😀' })))}\n`,
    );
    const { store } = await start(
      [list('10', [])],
      [
        async (response) => {
          for (const byte of line) {
            response.write(Buffer.of(byte));
            await new Promise(setImmediate);
          }
        },
      ],
    );
    await expect.poll(() => store.get('ns/a')?.data, soon).toEqual({ value: 'ü😀' });
  });

  test.each([
    ['malformed JSON', '{"type":"ADDED",hunter2\n'],
    ['no event', '{"hello":"hunter2"}\n'],
    ['an event without a version', '{"type":"ADDED","object":{"metadata":{"name":"hunter2"}}}\n'],
    ['an over-long line', `"hunter2${'x'.repeat(17 * 1024 * 1024)}"\n`],
  ])('end at %s and go on; if it repeats they list again', async (_, line) => {
    const broken: Reply = (response) => response.write(line);
    const { seen, errors } = await start(
      [list('10', []), list('20', [])],
      [broken, broken, open()],
    );
    await expect.poll(seen, soon).toEqual(['list', 'watch 10', 'watch 10', 'list', 'watch 20']);
    expect(errors).toHaveLength(2);
    expect(errors.map(({ error }) => String(error)).join()).not.toContain('hunter2');
  });

  test('pass over an object that cannot be read, but see it deleted', async () => {
    const unreadable = configMap('u', '12', { value: 'unreadable' });
    const { store, errors } = await start(
      [list('10', [])],
      [
        open(
          event('ADDED', unreadable),
          event('DELETED', unreadable),
          event('ADDED', configMap('a', '13')),
        ),
      ],
    );
    await expect.poll(() => versions(store), soon).toEqual({ 'ns/a': '13' });
    expect(errors).toHaveLength(2);
  });
});

test('stopping ends the watch at once and takes nothing more in', async () => {
  const { store, stop, errors } = await start([list('10', [])], [open()]);
  await store.whenSynced();
  const startedAt = performance.now();
  await stop();
  expect(performance.now() - startedAt).toBeLessThan(2000);
  expect(errors).toEqual([]);
});
