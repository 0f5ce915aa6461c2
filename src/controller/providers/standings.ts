import type { GuardedProvider } from './access.ts';
import { keyOfProvider, type ProviderObject } from './resources.ts';

/** What came of the last look at a provider. */
export type Standing =
  | { readonly kind: 'pending' }
  /** `served`: it was in order before, with the same spec. */
  | { readonly kind: 'failed'; readonly reason: string; readonly served: boolean }
  | {
      readonly kind: 'ready';
      readonly provider: GuardedProvider;
      /** The operator's own client: where it is, as a backend, and its client ID. */
      readonly ownClient: { readonly backend: string; readonly clientID: string };
    };

/** A standing, and the object that it is about. */
export interface Entry {
  readonly object: ProviderObject;
  readonly standing: Standing;
}

/** What is known of each provider. */
export class Standings {
  readonly #entries = new Map<string, Entry>();

  /** Takes an entry, or undefined where the provider is gone. Returns whether that is news. */
  set(key: string, entry: Entry | undefined): boolean {
    if (isSame(this.#entries.get(key), entry)) return false;
    if (entry === undefined) this.#entries.delete(key);
    else this.#entries.set(key, entry);
    return true;
  }

  /** The object that was looked at last. */
  lastObject(key: string): ProviderObject | undefined {
    return this.#entries.get(key)?.object;
  }

  /** What is known of the provider with the spec that it has now. */
  of(object: ProviderObject): Standing {
    const entry = this.#entries.get(keyOfProvider(object));
    return entry !== undefined && isSameSpec(entry.object, object)
      ? entry.standing
      : { kind: 'pending' };
  }

  /** Whether the operator itself signs in there with this client. */
  isOwnClient(backend: string, clientID: string): boolean {
    return this.#entries.values().some(({ standing }) => {
      if (standing.kind !== 'ready') return false;
      const { ownClient } = standing;
      return ownClient.backend === backend && ownClient.clientID === clientID;
    });
  }
}

function isSame(a: Entry | undefined, b: Entry | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return isSameSpec(a.object, b.object) && isSameStanding(a.standing, b.standing);
}

function isSameSpec({ metadata: a }: ProviderObject, { metadata: b }: ProviderObject): boolean {
  return a.uid === b.uid && a.generation === b.generation;
}

function isSameStanding(a: Standing, b: Standing): boolean {
  switch (a.kind) {
    case 'pending':
      return b.kind === 'pending';
    case 'failed':
      return b.kind === 'failed' && a.reason === b.reason && a.served === b.served;
    case 'ready':
      return b.kind === 'ready' && a.provider === b.provider;
  }
}
