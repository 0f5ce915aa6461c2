import { Gate } from './gate.ts';

/** What one feed of a store covers: a namespace, or everything. */
export interface Scope {
  /** Empty: everything. */
  namespace: string;
  gate: Gate;
  listed: boolean;
}

/** The scopes of a store's feeds, and whether all of them have listed. */
export class Scopes {
  readonly #scopes = new Map<string, Scope>();
  #synced = Promise.withResolvers<void>();

  get hasSynced(): boolean {
    return this.#scopes.size > 0 && this.#scopes.values().every((scope) => scope.listed);
  }

  /** Throws where a scope overlaps with another. */
  add(namespace: string): Scope {
    if (
      this.#scopes.has(namespace) ||
      this.#scopes.has('') ||
      (namespace === '' && this.#scopes.size > 0)
    ) {
      throw new TypeError('the store has a feed for this namespace already');
    }
    if (this.hasSynced) this.#synced = Promise.withResolvers();
    const scope = { namespace, gate: new Gate(), listed: false };
    this.#scopes.set(namespace, scope);
    return scope;
  }

  of(key: string): Scope | undefined {
    const namespace = key.slice(0, Math.max(0, key.indexOf('/')));
    return this.#scopes.get('') ?? this.#scopes.get(namespace);
  }

  markListed(scope: Scope): void {
    scope.listed = true;
    if (this.hasSynced) this.#synced.resolve();
  }

  /** Resolves once all have listed; rejects with the signal's reason. */
  async whenSynced(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (this.hasSynced) return;
    if (signal === undefined) return this.#synced.promise;
    const aborted = Promise.withResolvers<void>();
    const abort = (): void => aborted.reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    try {
      await Promise.race([this.#synced.promise, aborted.promise]);
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }
}
