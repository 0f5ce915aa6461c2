import { describe, expect, test } from 'vitest';
import { type Change, type Feed, keyOf, Store } from '../../src/kubernetes/store.ts';
import { type ConfigMap, configMap } from './objects.ts';

/** A change in short, for comparing. */
function short({ type, object, previous, own, initial }: Change<ConfigMap>): string {
  const { name, resourceVersion } = object.metadata;
  const from = previous === undefined ? '' : ` from ${previous.metadata.resourceVersion}`;
  return `${type} ${name}@${resourceVersion}${from}${own ? ' own' : ''}${initial ? ' initial' : ''}`;
}

interface Fixture {
  store: Store<ConfigMap>;
  feed: Feed<ConfigMap>;
  told: string[];
}

/** A store that has listed `objects`. */
async function listed(...objects: ConfigMap[]): Promise<Fixture> {
  const store = new Store<ConfigMap>();
  const feed = store.feed();
  await list(feed, ...objects);
  const told: string[] = [];
  store.subscribe((change) => told.push(short(change)));
  return { store, feed, told };
}

function list(feed: Feed<ConfigMap>, ...objects: ConfigMap[]): Promise<void> {
  return feed.list(async () => ({ objects, unreadable: [] }));
}

/** A write whose answer the test decides on. */
function openWrite(store: Store<ConfigMap>, key: string) {
  const { promise, resolve, reject } = Promise.withResolvers<ConfigMap>();
  const started = Promise.withResolvers<void>();
  const written = store.write(key, () => {
    started.resolve();
    return promise;
  });
  return { written, answer: resolve, fail: reject, started: started.promise };
}

describe('keys', () => {
  test('are namespace/name, and the name alone for what has no namespace', () => {
    expect(keyOf({ namespace: 'ns', name: 'a' })).toBe('ns/a');
    expect(keyOf({ metadata: { name: 'a' } })).toBe('a');
  });
});

describe('lists and events', () => {
  test('the first list is told as initial additions, then the store has synced', async () => {
    const store = new Store<ConfigMap>();
    const told: string[] = [];
    store.subscribe((change) => told.push(short(change)));
    expect(store.hasSynced).toBe(false);
    const synced = store.whenSynced();
    await list(store.feed(), configMap('a', '1'), configMap('b', '2'));
    await synced;
    expect(store.hasSynced).toBe(true);
    expect(told).toEqual(['added a@1 initial', 'added b@2 initial']);
    expect([...store.values()].map(keyOf)).toEqual(['ns/a', 'ns/b']);
    expect(store.size).toBe(2);
  });

  test('a relist tells what was added, modified, deleted, and nothing of the rest', async () => {
    const { feed, told } = await listed(
      configMap('same', '1'),
      configMap('new', '2'),
      configMap('gone', '3'),
    );
    await list(feed, configMap('same', '1'), configMap('new', '5'), configMap('fresh', '6'));
    expect(told).toEqual(['modified new@5 from 2', 'added fresh@6', 'deleted gone@3 from 3']);
  });

  test('an object of another uid is told as deleted and added, by relist and by event', async () => {
    const { store, feed, told } = await listed(configMap('a', '1', { uid: 'first' }));
    await list(feed, configMap('a', '2', { uid: 'second' }));
    feed.observe(configMap('a', '3', { uid: 'third' }));
    expect(told).toEqual(['deleted a@1 from 1', 'added a@2', 'deleted a@2 from 2', 'added a@3']);
    expect(store.get('ns/a')?.metadata.uid).toBe('third');
  });

  test('what could not be read stays as it was', async () => {
    const { store, feed, told } = await listed(configMap('a', '1'));
    await feed.list(async () => ({ objects: [], unreadable: ['ns/a'] }));
    expect(store.get('ns/a')?.metadata.resourceVersion).toBe('1');
    expect(told).toEqual([]);
  });

  test('a list that fails changes nothing, and writes go on after it', async () => {
    const { store, feed, told } = await listed(configMap('a', '1'));
    const failing = feed.list(() => Promise.reject(new Error('no list')));
    await expect(failing).rejects.toThrow('no list');
    await store.write('ns/a', async () => configMap('a', '2'));
    expect(store.get('ns/a')?.metadata.resourceVersion).toBe('2');
    expect(told).toEqual([]);
  });

  test('events of a version that is known already are not told again', async () => {
    const { feed, told } = await listed(configMap('a', '1'));
    feed.observe(configMap('a', '1'));
    expect(told).toEqual([]);
  });

  test('a deletion of what is not known is not told', async () => {
    const { feed, told } = await listed();
    feed.observeDeletion('ns/a', 'uid-a', configMap('a', '2'));
    expect(told).toEqual([]);
  });

  test('each feed replaces its own namespace only, and all are waited for', async () => {
    const store = new Store<ConfigMap>();
    const one = store.feed('one');
    const two = store.feed('two');
    await list(one, configMap('a', '1', { namespace: 'one' }));
    expect(store.hasSynced).toBe(false);
    await list(two, configMap('b', '2', { namespace: 'two' }));
    expect(store.hasSynced).toBe(true);
    await list(one);
    expect([...store.values()].map(keyOf)).toEqual(['two/b']);
    expect(() => store.feed('one')).toThrow(TypeError);
    expect(() => store.feed()).toThrow(TypeError);
  });

  test('whenSynced ends with the reason of its signal', async () => {
    const store = new Store<ConfigMap>();
    const abort = new AbortController();
    const synced = store.whenSynced(abort.signal);
    abort.abort(new Error('stopped'));
    await expect(synced).rejects.toThrow('stopped');
    await expect(store.whenSynced(abort.signal)).rejects.toThrow('stopped');
  });
});

describe('subscribers and indexes', () => {
  test('a subscriber that throws is reported and hurts nobody', async () => {
    const errors: unknown[] = [];
    const store = new Store<ConfigMap>({ onError: (error) => errors.push(error) });
    store.subscribe(() => {
      throw new Error('subscriber');
    });
    const told: string[] = [];
    const unsubscribe = store.subscribe((change) => told.push(change.type));
    const feed = store.feed();
    await list(feed, configMap('a', '1'));
    unsubscribe();
    feed.observe(configMap('a', '2'));
    expect(told).toEqual(['added']);
    expect(errors.map(String)).toEqual(['Error: subscriber', 'Error: subscriber']);
    expect(store.get('ns/a')?.metadata.resourceVersion).toBe('2');
  });

  test('an index follows additions, changes and deletions', async () => {
    const { store, feed } = await listed(configMap('a', '1', { value: 'x' }));
    store.addIndex('value', (object) => Object.values(object.data ?? {}));
    feed.observe(configMap('b', '2', { value: 'x' }));
    expect(store.byIndex('value', 'x').map(keyOf)).toEqual(['ns/a', 'ns/b']);
    feed.observe(configMap('a', '3', { value: 'y' }));
    feed.observeDeletion('ns/b', 'uid-b', undefined);
    expect(store.byIndex('value', 'x')).toEqual([]);
    expect(store.byIndex('value', 'y').map((object) => object.metadata.resourceVersion)).toEqual([
      '3',
    ]);
  });

  test('an indexer that throws is reported, and the object is there none the less', async () => {
    const errors: unknown[] = [];
    const store = new Store<ConfigMap>({ onError: (error) => errors.push(error) });
    store.addIndex('broken', () => {
      throw new Error('indexer');
    });
    await list(store.feed(), configMap('a', '1'));
    expect(store.size).toBe(1);
    expect(errors.map(String)).toContain('Error: indexer');
    expect(store.byIndex('broken', 'x')).toEqual([]);
  });
});

describe('own writes', () => {
  test('the answer is shown at once, and told when its echo comes', async () => {
    const { store, feed, told } = await listed(configMap('a', '1'));
    await store.write('ns/a', async () => configMap('a', '2'));
    expect(store.get('ns/a')?.metadata.resourceVersion).toBe('2');
    expect(told).toEqual([]);
    feed.observe(configMap('a', '2'));
    expect(told).toEqual(['modified a@2 from 1 own']);
  });

  test('an echo that comes before the answer is known for what it is', async () => {
    const { store, feed, told } = await listed(configMap('a', '1'));
    const write = openWrite(store, 'ns/a');
    await write.started;
    feed.observe(configMap('a', '2'));
    feed.observe(configMap('a', '3'));
    write.answer(configMap('a', '2'));
    await write.written;
    expect(store.get('ns/a')?.metadata.resourceVersion).toBe('3');
    expect(told).toEqual(['modified a@2 from 1 own', 'modified a@3 from 2']);
  });

  test('events older than the answer are not shown', async () => {
    const { store, feed, told } = await listed(configMap('a', '1'));
    await store.write('ns/a', async () => configMap('a', '4'));
    feed.observe(configMap('a', '2'));
    expect(store.get('ns/a')?.metadata.resourceVersion).toBe('4');
    feed.observe(configMap('a', '4'));
    // Somebody's change 2 is in 4 too: the subscribers must hear of it.
    expect(told).toEqual(['modified a@4 from 1']);
  });

  test('two writes in a row are told once, as our own', async () => {
    const { store, feed, told } = await listed(configMap('a', '1'));
    await store.write('ns/a', async () => configMap('a', '2'));
    await store.write('ns/a', async () => configMap('a', '3'));
    feed.observe(configMap('a', '2'));
    feed.observe(configMap('a', '3'));
    feed.observe(configMap('a', '4'));
    expect(told).toEqual(['modified a@3 from 1 own', 'modified a@4 from 3']);
  });

  test('writes of one key run one after the other, of two keys together', async () => {
    const { store } = await listed();
    const first = openWrite(store, 'ns/a');
    const second = openWrite(store, 'ns/a');
    const other = openWrite(store, 'ns/b');
    await Promise.all([first.started, other.started]);
    let running = false;
    void second.started.then(() => {
      running = true;
    });
    await new Promise(setImmediate);
    expect(running).toBe(false);
    first.answer(configMap('a', '1'));
    await second.started;
    second.answer(configMap('a', '2'));
    other.answer(configMap('b', '3'));
    await Promise.all([first.written, second.written, other.written]);
    expect(store.get('ns/a')?.metadata.resourceVersion).toBe('2');
  });

  test('a write that changed nothing leaves no expectation behind', async () => {
    const { store, feed, told } = await listed(configMap('a', '1'));
    await store.write('ns/a', async () => configMap('a', '1'));
    feed.observe(configMap('a', '2'));
    expect(told).toEqual(['modified a@2 from 1']);
  });

  test('a failed write releases what was held back', async () => {
    const { store, feed, told } = await listed(configMap('a', '1'));
    const write = openWrite(store, 'ns/a');
    await write.started;
    feed.observe(configMap('a', '2'));
    expect(store.get('ns/a')?.metadata.resourceVersion).toBe('1');
    write.fail(new Error('refused'));
    await expect(write.written).rejects.toThrow('refused');
    expect(told).toEqual(['modified a@2 from 1']);
  });

  test('a deletion after our write is believed', async () => {
    const { store, feed, told } = await listed(configMap('a', '1'));
    await store.write('ns/a', async () => configMap('a', '2'));
    feed.observeDeletion('ns/a', 'uid-a', configMap('a', '3'));
    expect(store.get('ns/a')).toBeUndefined();
    expect(told).toEqual(['deleted a@3 from 1']);
  });

  test('a deletion that overtakes the answer is not undone by it', async () => {
    const { store, feed } = await listed(configMap('a', '1'));
    const write = openWrite(store, 'ns/a');
    await write.started;
    feed.observeDeletion('ns/a', 'uid-a', configMap('a', '3'));
    write.answer(configMap('a', '2'));
    await write.written;
    expect(store.get('ns/a')).toBeUndefined();
  });

  test('the deletion of a predecessor does not hide what we created after it', async () => {
    const { store, feed, told } = await listed(configMap('a', '1', { uid: 'old' }));
    await store.write('ns/a', async () => configMap('a', '3', { uid: 'new' }));
    feed.observeDeletion('ns/a', 'old', configMap('a', '2', { uid: 'old' }));
    expect(store.get('ns/a')?.metadata.uid).toBe('new');
    feed.observe(configMap('a', '3', { uid: 'new' }));
    expect(told).toEqual(['deleted a@1 from 1', 'added a@3']);
  });

  test('a list waits for writes under way and makes later ones wait', async () => {
    const { store, feed, told } = await listed(configMap('a', '1'));
    const early = openWrite(store, 'ns/a');
    await early.started;
    const order: string[] = [];
    const snapshot = Promise.withResolvers<ConfigMap[]>();
    const listing = feed.list(async () => {
      order.push('list');
      return { objects: await snapshot.promise, unreadable: [] };
    });
    const late = store.write('ns/b', async () => {
      order.push('late write');
      return configMap('b', '9');
    });
    await new Promise(setImmediate);
    expect(order).toEqual([]);
    early.answer(configMap('a', '2'));
    await early.written;
    snapshot.resolve([configMap('a', '2')]);
    await Promise.all([listing, late]);
    expect(order).toEqual(['list', 'late write']);
    expect(told).toEqual(['modified a@2 from 1']);
    expect(store.get('ns/b')?.metadata.resourceVersion).toBe('9');
  });

  test('a relist ends the wait for an echo that was lost', async () => {
    const { store, feed, told } = await listed(configMap('a', '1'));
    await store.write('ns/a', async () => configMap('a', '2'));
    await list(feed, configMap('a', '3'));
    feed.observe(configMap('a', '4'));
    expect(told).toEqual(['modified a@3 from 1', 'modified a@4 from 3']);
  });

  test('a write outside of what the store is fed with is passed through', async () => {
    const store = new Store<ConfigMap>();
    store.feed('other');
    const written = await store.write('ns/a', async () => configMap('a', '1'));
    expect(written.metadata.name).toBe('a');
    expect(store.size).toBe(0);
  });
});

describe('own deletions', () => {
  test('the object is gone at once, and told when the echo comes', async () => {
    const { store, feed, told } = await listed(configMap('a', '1'));
    await store.remove('ns/a', async () => {});
    expect(store.get('ns/a')).toBeUndefined();
    feed.observeDeletion('ns/a', 'uid-a', configMap('a', '2'));
    expect(told).toEqual(['deleted a@2 from 1 own']);
  });

  test("somebody's change before it does not show the object again", async () => {
    const { store, feed, told } = await listed(configMap('a', '1'));
    await store.remove('ns/a', async () => {});
    feed.observe(configMap('a', '2'));
    expect(store.get('ns/a')).toBeUndefined();
    feed.observeDeletion('ns/a', 'uid-a', configMap('a', '3'));
    expect(told).toEqual(['deleted a@3 from 1']);
  });

  test('an object that finalizers keep stays until it is really gone', async () => {
    const { store, feed, told } = await listed(configMap('a', '1', { finalizers: ['x/y'] }));
    await store.remove('ns/a', async () => {});
    expect(store.get('ns/a')).toBeDefined();
    feed.observeDeletion('ns/a', 'uid-a', configMap('a', '3'));
    expect(told).toEqual(['deleted a@3 from 1']);
  });

  test('a finalizer that we did not know of shows the object again', async () => {
    const { store, feed, told } = await listed(configMap('a', '1'));
    await store.remove('ns/a', async () => {});
    const terminating = configMap('a', '3', { finalizers: ['x/y'] });
    terminating.metadata.deletionTimestamp = '2026-11-24T10:00:00Z';
    feed.observe(terminating);
    expect(store.get('ns/a')?.metadata.resourceVersion).toBe('3');
    expect(told).toEqual(['modified a@3 from 1']);
  });

  test('a predecessor that takes its time to go does not show again', async () => {
    const { store, feed, told } = await listed(configMap('a', '1', { uid: 'old' }));
    await store.write('ns/a', async () => configMap('a', '4', { uid: 'new' }));
    await store.remove('ns/a', async () => {});
    const terminating = configMap('a', '2', { uid: 'old', finalizers: ['x/y'] });
    terminating.metadata.deletionTimestamp = '2026-11-24T10:00:00Z';
    feed.observe(terminating);
    feed.observeDeletion('ns/a', 'old', configMap('a', '3', { uid: 'old' }));
    expect(store.get('ns/a')).toBeUndefined();
    feed.observe(configMap('a', '4', { uid: 'new' }));
    feed.observeDeletion('ns/a', 'new', configMap('a', '5', { uid: 'new' }));
    expect(store.get('ns/a')).toBeUndefined();
    expect(told).toEqual(['deleted a@5 from 1']);
  });

  test('a relist without the object tells the deletion', async () => {
    const { store, feed, told } = await listed(configMap('a', '1'));
    await store.remove('ns/a', async () => {});
    await list(feed);
    expect(store.size).toBe(0);
    expect(told).toEqual(['deleted a@1 from 1']);
  });

  test('a successor that we create is shown, and told after the deletion', async () => {
    const { store, feed, told } = await listed(configMap('a', '1', { uid: 'old' }));
    await store.remove('ns/a', async () => {});
    await store.write('ns/a', async () => configMap('a', '3', { uid: 'new' }));
    feed.observeDeletion('ns/a', 'old', configMap('a', '2', { uid: 'old' }));
    expect(store.get('ns/a')?.metadata.uid).toBe('new');
    feed.observe(configMap('a', '3', { uid: 'new' }));
    expect(told).toEqual(['deleted a@1 from 1 own', 'added a@3 own']);
  });
});

describe('refreshing', () => {
  test('what was read is shown at once, and told as others’ when the watch comes to it', async () => {
    const { store, feed, told } = await listed(configMap('a', '1'));
    await store.refresh('ns/a', async () => configMap('a', '3'));
    expect(store.get('ns/a')?.metadata.resourceVersion).toBe('3');
    feed.observe(configMap('a', '2'));
    expect(store.get('ns/a')?.metadata.resourceVersion).toBe('3');
    expect(told).toEqual([]);
    feed.observe(configMap('a', '3'));
    expect(told).toEqual(['modified a@3 from 1']);
  });

  test('what is known already is not awaited', async () => {
    const { store, feed, told } = await listed(configMap('a', '1'));
    await store.refresh('ns/a', async () => configMap('a', '1'));
    feed.observe(configMap('a', '2'));
    expect(told).toEqual(['modified a@2 from 1']);
  });

  test('what is not there any more is gone at once, and told when the watch comes to it', async () => {
    const { store, feed, told } = await listed(configMap('a', '1'));
    await store.refresh('ns/a', async () => undefined);
    expect(store.get('ns/a')).toBeUndefined();
    feed.observe(configMap('a', '2'));
    expect(store.get('ns/a')).toBeUndefined();
    feed.observeDeletion('ns/a', 'uid-a', configMap('a', '3'));
    expect(told).toEqual(['deleted a@3 from 1']);
  });

  test('a successor of what is gone is not hidden, though the watch tells of both meanwhile', async () => {
    const { store, feed } = await listed(configMap('a', '1', { uid: 'first' }));
    await store.refresh('ns/a', async () => {
      feed.observeDeletion('ns/a', 'first', configMap('a', '2', { uid: 'first' }));
      feed.observe(configMap('a', '3', { uid: 'second' }));
      return undefined;
    });
    expect(store.get('ns/a')?.metadata.uid).toBe('second');
  });

  test('what neither the cache nor the API server has is nothing', async () => {
    const { store, feed, told } = await listed();
    await store.refresh('ns/a', async () => undefined);
    feed.observe(configMap('a', '1'));
    expect(told).toEqual(['added a@1']);
  });

  test('a read that fails changes nothing', async () => {
    const { store, feed, told } = await listed(configMap('a', '1'));
    const failing = store.refresh('ns/a', () => Promise.reject(new Error('no answer')));
    await expect(failing).rejects.toThrow('no answer');
    feed.observe(configMap('a', '2'));
    expect(told).toEqual(['modified a@2 from 1']);
  });
});
