import type { Clock } from './clock.ts';
import { Reflector, type ReflectorErrorContext } from './reflector.ts';
import type { KubernetesObject, Resource } from './resource.ts';
import type { Store } from './store.ts';
import type { Transport } from './transport.ts';

export interface WatchesOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly onError: (error: unknown, context: ReflectorErrorContext) => void;
}

/** Which part of a resource is watched; what is left out selects all. */
export interface WatchScope {
  readonly namespace?: string;
  readonly labelSelector?: string;
  /** A single object. */
  readonly name?: string;
  /** Ends this watch alone. */
  readonly signal?: AbortSignal;
  /** Told of its faults besides. */
  readonly onError?: (error: unknown) => void;
}

/** The reflectors that fill stores, as long as they are wanted. */
export class Watches {
  readonly #o: WatchesOptions;
  readonly #ending = new AbortController();
  readonly #running = new Set<Promise<void>>();

  constructor(options: WatchesOptions) {
    this.#o = options;
  }

  /** Keeps the store equal to that part of the resource from now on. */
  begin<T extends KubernetesObject>(
    resource: Resource<T>,
    store: Store<T>,
    { name, signal, onError, ...selection }: WatchScope = {},
  ): void {
    const { transport, clock, onError: onAnyError } = this.#o;
    const reflector = new Reflector<T>({
      transport,
      clock,
      resource,
      store,
      ...selection,
      ...(name !== undefined && { fieldSelector: `metadata.name=${name}` }),
      onError: (error, context) => {
        onAnyError(error, context);
        onError?.(error);
      },
    });
    const { signal: ending } = this.#ending;
    const until = signal === undefined ? ending : AbortSignal.any([ending, signal]);
    const running = reflector.run(until).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Ends all of them. */
  async stop(): Promise<void> {
    this.#ending.abort();
    await Promise.all(this.#running);
  }
}
