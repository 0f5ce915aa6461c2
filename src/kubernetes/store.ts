import { Indexes } from './indexes.ts';
import { type Observation, OwnWrites, observationOf, type Step } from './own-writes.ts';
import type { KubernetesObject, ObjectRef } from './resource.ts';
import { type Scope, Scopes } from './scopes.ts';

/** What happened to one object, as the subscribers of a store are told. */
export interface Change<T> {
  type: 'added' | 'modified' | 'deleted';
  object: T;
  /** What subscribers were told last. */
  previous?: T;
  /** True for the echo of a write of ours that nobody else's change is mixed with. */
  own: boolean;
  /** True while the first list is being taken in. */
  initial: boolean;
}

/** What a reflector tells a store about one namespace, or about all. */
export interface Feed<T> {
  /** Runs `fetch` while no write is under way, then takes its result for the whole truth. */
  list(fetch: () => Promise<Listing<T>>): Promise<void>;
  observe(object: T): void;
  observeDeletion(key: string, uid: string | undefined, final: T | undefined): void;
}

export interface Listing<T> {
  objects: readonly T[];
  /** Keys that are there but could not be read: what the store has of them stays. */
  unreadable: readonly string[];
}

/** `namespace/name`, or the name alone where there is no namespace. */
export function keyOf(object: ObjectRef | { metadata: ObjectRef }): string {
  const { namespace, name } = 'metadata' in object ? object.metadata : object;
  return namespace === undefined || namespace === '' ? name : `${namespace}/${name}`;
}

/**
 * A cache of one resource, fed by reflectors, that never shows an object older than our own last
 * write of it. Its objects are shared: treat them as immutable. Exceptions of subscribers and
 * indexers go to `onError`.
 */
export class Store<T extends KubernetesObject> {
  readonly #objects = new Map<string, T>();
  readonly #writes = new Map<string, OwnWrites<T>>();
  readonly #scopes = new Scopes();
  readonly #subscribers = new Set<(change: Change<T>) => void>();
  readonly #onError: (error: unknown) => void;
  readonly #indexes: Indexes<T>;

  constructor(options?: { onError?: (error: unknown) => void }) {
    this.#onError = options?.onError ?? (() => {});
    this.#indexes = new Indexes(this.#onError);
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  values(): IterableIterator<T> {
    return this.#objects.values();
  }

  get size(): number {
    return this.#objects.size;
  }

  /** True once every feed has listed. */
  get hasSynced(): boolean {
    return this.#scopes.hasSynced;
  }

  /** Resolves once every feed has listed; rejects with the signal's reason. */
  whenSynced(signal?: AbortSignal): Promise<void> {
    return this.#scopes.whenSynced(signal);
  }

  /** Adds an index; the indexer must be a pure function of the object. */
  addIndex(name: string, indexer: (object: T) => readonly string[]): void {
    this.#indexes.add(name, indexer, this.#objects);
  }

  byIndex(name: string, value: string): T[] {
    const found: T[] = [];
    for (const key of this.#indexes.keys(name, value)) {
      const object = this.#objects.get(key);
      if (object !== undefined) found.push(object);
    }
    return found;
  }

  /** Calls `subscriber` synchronously on each change, until the returned function is called. */
  subscribe(subscriber: (change: Change<T>) => void): () => void {
    this.#subscribers.add(subscriber);
    return () => this.#subscribers.delete(subscriber);
  }

  /**
   * Runs a write that answers with the object, and shows the answer at once. Writes of one key
   * run one after the other; do not nest them. The feed must select the object as written.
   */
  write(key: string, write: () => Promise<T>): Promise<T> {
    return this.#exclusively(key, async () => {
      const object = await write();
      return { result: object, answer: observationOf(object), own: true };
    });
  }

  /**
   * Reads an object and shows it as it is, or as gone, before the watch tells of it: for where the
   * cache is known to be older.
   */
  async refresh(key: string, read: () => Promise<T | undefined>): Promise<void> {
    await this.#exclusively(key, async () => {
      const uid = this.#objects.get(key)?.metadata.uid;
      const object = await read();
      const gone = uid === undefined ? undefined : { object, uid, version: undefined };
      const answer = object === undefined ? gone : observationOf(object);
      return { result: undefined, answer, own: false };
    });
  }

  /**
   * Runs a deletion, whose precondition must be the UID that is cached, and shows the object as
   * gone at once unless finalizers keep it.
   */
  async remove(key: string, remove: () => Promise<void>): Promise<void> {
    await this.#exclusively(key, async () => {
      const before = this.#objects.get(key)?.metadata;
      await remove();
      const kept = (before?.finalizers?.length ?? 0) > 0;
      const answer = kept ? undefined : { object: undefined, uid: before?.uid, version: undefined };
      return { result: undefined, answer, own: true };
    });
  }

  /** Registers a source of truth for a namespace, or for all; the store waits for its list. */
  feed(namespace = ''): Feed<T> {
    const scope = this.#scopes.add(namespace);
    return {
      list: (fetch) => scope.gate.list(async () => this.#replace(scope, await fetch())),
      observe: (object) => this.#observe(keyOf(object), observationOf(object)),
      observeDeletion: (key, uid, final) =>
        this.#observe(key, { object: undefined, uid, version: undefined, final }),
    };
  }

  async #exclusively<R>(
    key: string,
    run: () => Promise<{ result: R; answer: Observation<T> | undefined; own: boolean }>,
  ): Promise<R> {
    const scope = this.#scopes.of(key);
    if (scope === undefined) return (await run()).result;
    const writes = this.#writesOf(key);
    try {
      return await writes.inTurn(() =>
        scope.gate.write(async () => {
          writes.begin();
          let outcome: Awaited<ReturnType<typeof run>> | undefined;
          try {
            outcome = await run();
            return outcome.result;
          } finally {
            writes.end(outcome?.answer, outcome?.own);
          }
        }),
      );
    } finally {
      if (writes.idle) this.#writes.delete(key);
    }
  }

  #writesOf(key: string): OwnWrites<T> {
    let writes = this.#writes.get(key);
    if (writes === undefined) {
      writes = new OwnWrites({
        get: () => this.#objects.get(key),
        set: (object) => this.#put(key, object),
        take: (step) => this.#take(key, step, false),
      });
      this.#writes.set(key, writes);
    }
    return writes;
  }

  #observe(key: string, observation: Observation<T>): void {
    const writes = this.#writes.get(key);
    if (writes === undefined) {
      this.#take(key, { before: this.#objects.get(key), observation, own: false }, false);
      return;
    }
    writes.observe(observation);
    if (writes.idle) this.#writes.delete(key);
  }

  #replace(scope: Scope, { objects, unreadable }: Listing<T>): void {
    const initial = !scope.listed;
    const missing = new Set(this.#objects.keys());
    // What we deleted is no longer cached, but the subscribers may not have been told yet.
    for (const key of this.#writes.keys()) missing.add(key);
    for (const key of unreadable) missing.delete(key);
    for (const object of objects) {
      const key = keyOf(object);
      missing.delete(key);
      this.#relist(key, observationOf(object), initial);
    }
    for (const key of missing) {
      if (this.#scopes.of(key) !== scope) continue;
      this.#relist(key, { object: undefined, uid: undefined, version: undefined }, initial);
    }
    this.#scopes.markListed(scope);
  }

  #relist(key: string, observation: Observation<T>, initial: boolean): void {
    const writes = this.#writes.get(key);
    const step = writes?.relist(observation) ?? {
      before: this.#objects.get(key),
      observation,
      own: false,
    };
    this.#take(key, step, initial);
    if (writes?.idle === true) this.#writes.delete(key);
  }

  #take(key: string, { before, observation, own }: Step<T>, initial: boolean): void {
    const { object, final } = observation;
    if (object === undefined) {
      this.#put(key, undefined);
      if (before !== undefined) {
        this.#tell({ type: 'deleted', object: final ?? before, previous: before, own, initial });
      }
    } else if (before === undefined) {
      this.#put(key, object);
      this.#tell({ type: 'added', object, own, initial });
    } else if (before.metadata.uid !== object.metadata.uid) {
      this.#put(key, undefined);
      this.#tell({ type: 'deleted', object: before, previous: before, own, initial });
      this.#put(key, object);
      this.#tell({ type: 'added', object, own, initial });
    } else {
      this.#put(key, object);
      if (before.metadata.resourceVersion === object.metadata.resourceVersion) return;
      this.#tell({ type: 'modified', object, previous: before, own, initial });
    }
  }

  #put(key: string, object: T | undefined): void {
    this.#indexes.update(key, this.#objects.get(key), object);
    if (object === undefined) this.#objects.delete(key);
    else this.#objects.set(key, object);
  }

  #tell(change: Change<T>): void {
    for (const subscriber of this.#subscribers) {
      try {
        subscriber(change);
      } catch (error) {
        this.#onError(error);
      }
    }
  }
}
