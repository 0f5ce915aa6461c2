import { InvalidSpecError } from '../../api/application.ts';
import { keyOf, type Store } from '../../kubernetes/store.ts';
import { backendOf } from './configure.ts';
import { keyOfProvider, type ProviderObject } from './resources.ts';

const BACKEND_INDEX = 'backend';

/** The provider resources of both kinds, as they are cached. */
export class ProviderDirectory {
  readonly #namespaced: Store<ProviderObject>;
  readonly #clusterWide: Store<ProviderObject>;

  constructor(namespaced: Store<ProviderObject>, clusterWide: Store<ProviderObject>) {
    this.#namespaced = namespaced;
    this.#clusterWide = clusterWide;
    for (const store of [namespaced, clusterWide]) store.addIndex(BACKEND_INDEX, backendsOf);
  }

  get(providerKey: string): ProviderObject | undefined {
    const slash = providerKey.indexOf('/');
    const key = providerKey.slice(slash + 1);
    return this.#storeOf(providerKey.slice(0, slash)).get(key);
  }

  all(): readonly ProviderObject[] {
    return [this.#namespaced, this.#clusterWide].flatMap((store) => [...store.values()]);
  }

  clusterWide(): Iterable<ProviderObject> {
    return this.#clusterWide.values();
  }

  /** The providers behind which a backend is. */
  behind(backend: string): readonly ProviderObject[] {
    return [this.#namespaced, this.#clusterWide].flatMap((store) =>
      store.byIndex(BACKEND_INDEX, backend),
    );
  }

  /** Those behind which the same is as behind this one, itself included. */
  peersOf(object: ProviderObject): readonly ProviderObject[] {
    return backendsOf(object).flatMap((backend) => this.behind(backend));
  }

  /** Calls `listener` with the key of each provider that somebody changed. */
  subscribe(listener: (providerKey: string) => void): void {
    for (const store of [this.#namespaced, this.#clusterWide]) {
      store.subscribe(({ object, own }) => {
        if (!own) listener(keyOfProvider(object));
      });
    }
  }

  /** Runs a write that answers with the object. */
  async write(object: ProviderObject, write: () => Promise<ProviderObject>): Promise<void> {
    await this.#storeOf(object.kind).write(keyOf(object), write);
  }

  #storeOf(kind: string): Store<ProviderObject> {
    return kind === 'OIDCProvider' ? this.#namespaced : this.#clusterWide;
  }
}

/** None where spec does not tell it. */
function backendsOf({ spec }: ProviderObject): readonly string[] {
  try {
    return [backendOf(spec)];
  } catch (error) {
    if (error instanceof InvalidSpecError) return [];
    throw error;
  }
}
