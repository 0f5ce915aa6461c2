import type { ProviderTrouble } from './trouble.ts';

/** What is remembered of an application's provider from one reconciliation to the next. Disposable. */
export interface Memory {
  readonly uid: string;
  /** Undefined: the next reconciliation reads. */
  lastReadAt: number | undefined;
  /** When the rotation was begun that is on record and was certainly not sent. */
  unsentSince: number | undefined;
  /** Until when a revocation whose answer did not come may still take effect. */
  settlesAt: number | undefined;
  /** How often in a row the provider kept something from being done. */
  failures: number;
  /** What was reported of it last. */
  reported: ProviderTrouble | undefined;
}

/** The memories of all applications that have a provider. */
export class Memories {
  readonly #byKey = new Map<string, Memory>();

  /** What is remembered of `key`, which begins anew with another UID. */
  of(key: string, uid: string, begin: () => Pick<Memory, 'lastReadAt'>): Memory {
    const known = this.#byKey.get(key);
    if (known?.uid === uid) return known;
    const memory: Memory = {
      uid,
      ...begin(),
      unsentSince: undefined,
      settlesAt: undefined,
      failures: 0,
      reported: undefined,
    };
    this.#byKey.set(key, memory);
    return memory;
  }

  forget(key: string): void {
    this.#byKey.delete(key);
  }
}
