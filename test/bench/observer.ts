import { labels, MANAGED_BY } from '../../src/api/names.ts';
import { Reflector } from '../../src/kubernetes/reflector.ts';
import type { KubernetesObject, Resource } from '../../src/kubernetes/resource.ts';
import { Store } from '../../src/kubernetes/store.ts';
import type { Transport } from '../../src/kubernetes/transport.ts';
import {
  applicationResource,
  type ObservedApplication,
  type ObservedSecret,
  secretResource,
} from './observed.ts';

/** Sees all applications and backing Secrets by watches of its own. */
export class Observer {
  readonly applications = new Store<ObservedApplication>();
  readonly secrets = new Store<ObservedSecret>();
  readonly #ending = new AbortController();
  readonly #reflectors: readonly Promise<void>[];

  /** `onFault` is told of watches that broke: what is measured meanwhile is worth nothing. */
  constructor(transport: Transport, onFault: (message: string) => void) {
    const reflect = <T extends KubernetesObject>(
      resource: Resource<T>,
      store: Store<T>,
      labelSelector?: string,
    ) =>
      new Reflector<T>({
        transport,
        resource,
        store,
        onError: (error, { phase }) => onFault(`${phase} of ${resource.plural}: ${error}`),
        ...(labelSelector !== undefined && { labelSelector }),
      }).run(this.#ending.signal);
    this.#reflectors = [
      reflect(applicationResource, this.applications),
      reflect(secretResource, this.secrets, `${labels.managedBy}=${MANAGED_BY}`),
    ];
  }

  async whenSynced(): Promise<void> {
    await Promise.all([this.applications.whenSynced(), this.secrets.whenSynced()]);
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    await Promise.all(this.#reflectors);
  }
}
