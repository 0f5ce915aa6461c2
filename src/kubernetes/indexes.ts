type Indexer<T> = (object: T) => readonly string[];

interface Index<T> {
  indexer: Indexer<T>;
  /** Which keys carry which value; where it is one, as nearly always, without a Set around it. */
  keys: Map<string, string | Set<string>>;
}

const NO_VALUES: readonly string[] = [];

/** Secondary indexes over keyed objects. An indexer that throws indexes nothing and is reported. */
export class Indexes<T> {
  readonly #indexes = new Map<string, Index<T>>();
  readonly #onError: (error: unknown) => void;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  /** Adds an index and fills it from `entries`. Throws where the name is taken. */
  add(name: string, indexer: Indexer<T>, entries: Iterable<[string, T]>): void {
    if (this.#indexes.has(name)) throw new TypeError(`there is an index '${name}' already`);
    const index: Index<T> = { indexer, keys: new Map() };
    this.#indexes.set(name, index);
    for (const [key, object] of entries) this.#update(index, key, undefined, object);
  }

  /** The keys under a value. Throws on an unknown index. */
  keys(name: string, value: string): Iterable<string> {
    const index = this.#indexes.get(name);
    if (index === undefined) throw new TypeError(`there is no index '${name}'`);
    const keys = index.keys.get(value) ?? NO_VALUES;
    return typeof keys === 'string' ? [keys] : keys;
  }

  update(key: string, previous: T | undefined, next: T | undefined): void {
    for (const index of this.#indexes.values()) this.#update(index, key, previous, next);
  }

  #update(index: Index<T>, key: string, previous: T | undefined, next: T | undefined): void {
    const before = this.#valuesOf(index, previous);
    const after = this.#valuesOf(index, next);
    if (before.length === after.length && before.every((value, i) => value === after[i])) return;
    for (const value of before) remove(index.keys, value, key);
    for (const value of after) add(index.keys, value, key);
  }

  #valuesOf(index: Index<T>, object: T | undefined): readonly string[] {
    if (object === undefined) return NO_VALUES;
    try {
      return index.indexer(object);
    } catch (error) {
      this.#onError(error);
      return NO_VALUES;
    }
  }
}

function add(entries: Map<string, string | Set<string>>, value: string, key: string): void {
  const keys = entries.get(value);
  if (keys === undefined) entries.set(value, key);
  else if (typeof keys !== 'string') keys.add(key);
  else if (keys !== key) entries.set(value, new Set([keys, key]));
}

function remove(entries: Map<string, string | Set<string>>, value: string, key: string): void {
  const keys = entries.get(value);
  if (typeof keys !== 'string') keys?.delete(key);
  if (keys === key || (typeof keys === 'object' && keys.size === 0)) entries.delete(value);
}
