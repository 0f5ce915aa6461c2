interface Entry {
  key: string;
  at: number;
  index: number;
}

/** A binary heap of one time a key, the earliest first; setting and removing cost O(log n). */
export class DeadlineHeap {
  readonly #heap: Entry[] = [];
  readonly #entries = new Map<string, Entry>();

  /** The earliest time, or Infinity. */
  get earliest(): number {
    return this.#heap[0]?.at ?? Number.POSITIVE_INFINITY;
  }

  get(key: string): number | undefined {
    return this.#entries.get(key)?.at;
  }

  /** The keys whose time is after `at`, in no order. */
  laterThan(at: number): string[] {
    return this.#heap.filter((entry) => entry.at > at).map(({ key }) => key);
  }

  /** Sets or replaces the time of a key. */
  set(key: string, at: number): void {
    const existing = this.#entries.get(key);
    if (existing === undefined) {
      const entry = { key, at, index: this.#heap.length };
      this.#entries.set(key, entry);
      this.#heap.push(entry);
      this.#rise(entry);
    } else if (existing.at !== at) {
      existing.at = at;
      this.#rise(existing);
      this.#sink(existing);
    }
  }

  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    const last = this.#heap.pop();
    if (last === undefined || last === entry) return;
    this.#place(last, entry.index);
    this.#rise(last);
    this.#sink(last);
  }

  /** Removes and returns a key whose time is `now` or earlier. */
  takeDue(now: number): string | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.at > now) return undefined;
    this.delete(first.key);
    return first.key;
  }

  #rise(entry: Entry): void {
    for (;;) {
      const parent = this.#heap[(entry.index - 1) >> 1];
      if (entry.index === 0 || parent === undefined || parent.at <= entry.at) return;
      this.#swap(entry, parent);
    }
  }

  #sink(entry: Entry): void {
    for (;;) {
      const left = this.#heap[2 * entry.index + 1];
      const right = this.#heap[2 * entry.index + 2];
      const child = right !== undefined && left !== undefined && right.at < left.at ? right : left;
      if (child === undefined || child.at >= entry.at) return;
      this.#swap(entry, child);
    }
  }

  #swap(a: Entry, b: Entry): void {
    const { index } = a;
    this.#place(a, b.index);
    this.#place(b, index);
  }

  #place(entry: Entry, index: number): void {
    entry.index = index;
    this.#heap[index] = entry;
  }
}
