import { isDeepStrictEqual } from 'node:util';
import { Store } from '../../kubernetes/store.ts';
import type { NamespaceObject } from './resources.ts';

export interface NamespaceLabelsOptions {
  /** Keeps the store equal to the cluster's namespaces from now on. */
  readonly watch: (store: Store<NamespaceObject>) => void;
  /** Told when labels have become known, or have changed. */
  readonly onChange: () => void;
}

/** The labels of namespaces, which are watched once they are asked for. */
export class NamespaceLabels {
  readonly #o: NamespaceLabelsOptions;
  #store: Store<NamespaceObject> | undefined;

  constructor(options: NamespaceLabelsOptions) {
    this.#o = options;
  }

  /** Undefined while they are not known. */
  of(namespace: string): Readonly<Record<string, string>> | undefined {
    this.#store ??= this.#begin();
    return this.#store.get(namespace)?.metadata.labels;
  }

  #begin(): Store<NamespaceObject> {
    const { watch, onChange } = this.#o;
    const store = new Store<NamespaceObject>();
    store.subscribe(({ object, previous, initial }) => {
      const changed = !isDeepStrictEqual(object.metadata.labels, previous?.metadata.labels);
      if (changed && !initial) onChange();
    });
    watch(store);
    void store.whenSynced().then(onChange);
    return store;
  }
}
