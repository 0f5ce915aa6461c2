import { onTestFinished } from 'vitest';
import { Reflector } from '../../src/kubernetes/reflector.ts';
import { Store } from '../../src/kubernetes/store.ts';
import { createTransport } from '../../src/kubernetes/transport.ts';
import { type PlainSecret, plainSecretResource } from '../controller/harness.ts';
import { cluster } from '../setup/cluster.ts';

/**
 * Every state that the Secrets of a namespace go through. An application's are the one of its own
 * name and those whose names go on from it with a dot.
 */
export class SecretHistory {
  readonly #moments = new Map<string, ReadonlySet<string>[]>();
  readonly #secrets = new Map<string, PlainSecret>();

  static async start(namespace: string): Promise<SecretHistory> {
    const history = new SecretHistory();
    const store = new Store<PlainSecret>();
    store.subscribe(({ type, object }) => history.#observe(type === 'deleted', object));
    const { kubeConfig } = cluster.adminKubeConfig;
    const transport = createTransport({ kubeConfig });
    const resource = plainSecretResource;
    const reflector = new Reflector({ transport, resource, store, namespace });
    const ending = new AbortController();
    const running = reflector.run(ending.signal);
    onTestFinished(async () => {
      ending.abort();
      await running;
      await transport.close();
    });
    await store.whenSynced();
    return history;
  }

  /** All client secrets that the application ever published, in order. */
  seen(application: string): string[] {
    return [...new Set(this.#of(application).flatMap((values) => [...values]))];
  }

  /** Which of them, by their place in that order, were gone at some later moment. */
  lost(application: string): number[] {
    const moments = this.#of(application);
    return this.seen(application).flatMap((value, index) => {
      const first = moments.findIndex((values) => values.has(value));
      return moments.slice(first).every((values) => values.has(value)) ? [] : [index];
    });
  }

  #of(application: string): readonly ReadonlySet<string>[] {
    return this.#moments.get(application) ?? [];
  }

  #observe(deleted: boolean, secret: PlainSecret): void {
    const { name } = secret.metadata;
    if (deleted) this.#secrets.delete(name);
    else this.#secrets.set(name, secret);
    const [application = ''] = name.split('.', 1);
    const moments = this.#moments.get(application) ?? [];
    this.#moments.set(application, moments);
    moments.push(this.#valuesOf(application));
  }

  /** What consumers can sign in with: every value but the client ID, whatever its key. */
  #valuesOf(application: string): ReadonlySet<string> {
    const secrets = [...this.#secrets.values()].filter(
      ({ metadata }) => metadata.name.split('.', 1)[0] === application,
    );
    const values = secrets.flatMap(({ metadata, data }) => {
      const clientID = Buffer.from(`${metadata.namespace}.${application}`).toString('base64');
      return Object.values(data ?? {}).filter((value) => value !== clientID);
    });
    return new Set(values);
  }
}
