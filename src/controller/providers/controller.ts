import { API_VERSION } from '../../api/names.ts';
import type { Condition } from '../../api/oidcprovider.gen.ts';
import { ResourceClient } from '../../kubernetes/client.ts';
import type { Clock } from '../../kubernetes/clock.ts';
import type { EventRecorder } from '../../kubernetes/event-recorder.ts';
import { Store } from '../../kubernetes/store.ts';
import type { Transport } from '../../kubernetes/transport.ts';
import type { Watches } from '../../kubernetes/watches.ts';
import { WorkQueue } from '../../kubernetes/work-queue.ts';
import { runWorkers, type Workers } from '../../kubernetes/workers.ts';
import { systemTiming } from '../../providers/pingone/timing.ts';
import { type OIDCApplication, secretResource } from '../resources.ts';
import type { ProviderRegistry } from './access.ts';
import { CredentialsWatch } from './credentials.ts';
import { ProviderDirectory } from './directory.ts';
import { Links } from './links.ts';
import { NamespaceLabels } from './namespaces.ts';
import type { ProviderObserver, ProviderState } from './observer.ts';
import { ProviderReconciler } from './reconcile.ts';
import { Registry } from './registry.ts';
import {
  clusterProviderResource,
  keyOfProvider,
  namespaceResource,
  type ProviderKind,
  type ProviderObject,
  providerResource,
} from './resources.ts';

export interface ProviderControllerOptions {
  readonly transport: Transport;
  readonly fieldManager: string;
  readonly watches: Watches;
  readonly applications: Store<OIDCApplication>;
  /** Where to look for OIDCProviders; everywhere if empty. */
  readonly namespaces: readonly string[];
  /** Whether there are ClusterOIDCProviders. */
  readonly clusterProviders: boolean;
  readonly operatorNamespace: string | undefined;
  /** How many applications are worked on at once. */
  readonly concurrency: number;
  readonly clock: Clock;
  readonly events: EventRecorder;
  readonly mayAct: () => boolean;
  readonly observer: ProviderObserver;
  readonly announced: (provider: string, condition: Condition) => void;
  readonly onError: (provider: string, error: unknown, retryInMs: number) => void;
}

const CHECKS_AT_ONCE = 8;

/** The OIDCProviders and ClusterOIDCProviders, and who may do what with them. */
export class ProviderController {
  readonly registry: ProviderRegistry;
  readonly queue: WorkQueue;
  readonly #o: ProviderControllerOptions;
  readonly #stores: Readonly<Record<ProviderKind, Store<ProviderObject>>>;
  readonly #credentials: CredentialsWatch;
  readonly #directory: ProviderDirectory;
  readonly #links: Links;
  readonly #reconciler: ProviderReconciler;
  #workers: Workers | undefined;

  constructor(options: ProviderControllerOptions) {
    const { clock, applications, watches, concurrency, transport, fieldManager, observer } =
      options;
    this.#o = options;
    this.queue = new WorkQueue({ clock, baseDelayMs: 1_000, maxDelayMs: 60_000 });
    this.#stores = { OIDCProvider: new Store(), ClusterOIDCProvider: new Store() };
    const { OIDCProvider, ClusterOIDCProvider } = this.#stores;
    const directory = new ProviderDirectory(OIDCProvider, ClusterOIDCProvider);
    this.#directory = directory;
    const wake = (key: string) => this.queue.add(key);
    directory.subscribe(wake);
    const labels = new NamespaceLabels({
      watch: (store) => watches.begin(namespaceResource, store),
      onChange: () => registry.labelsChanged(),
    });
    const registry = new Registry(directory, labels, applications);
    this.registry = registry;
    this.#credentials = new CredentialsWatch({
      watch: (ref, store, onError, signal) =>
        watches.begin(secretResource, store, { ...ref, onError, signal }),
      onChange: wake,
    });
    const now = () => clock.monotonic();
    this.#links = new Links({
      observer,
      timing: { ...systemTiming, now: () => clock.now() },
      now,
      callsAtOnce: Math.max(1, Math.floor(concurrency / 4)),
      budget: { most: Math.max(1, Math.floor((concurrency * 3) / 4)), taken: 0 },
    });
    this.#reconciler = new ProviderReconciler({
      ...options,
      directory,
      registry,
      credentials: this.#credentials,
      links: this.#links,
      clients: {
        OIDCProvider: new ResourceClient(transport, providerResource, { fieldManager }),
        ClusterOIDCProvider: new ResourceClient(transport, clusterProviderResource, {
          fieldManager,
        }),
      },
      announce: (object, condition) => this.#announce(object, condition),
      gone: observer.gone,
      wake,
    });
  }

  /** Fills the caches of providers; resolves when they are filled. */
  async reflect(signal: AbortSignal): Promise<void> {
    const { namespaces, clusterProviders, watches } = this.#o;
    const { OIDCProvider, ClusterOIDCProvider } = this.#stores;
    if (namespaces.length === 0) watches.begin(providerResource, OIDCProvider);
    for (const namespace of namespaces) {
      watches.begin(providerResource, OIDCProvider, { namespace });
    }
    if (clusterProviders) watches.begin(clusterProviderResource, ClusterOIDCProvider);
    const filled = [OIDCProvider, ...(clusterProviders ? [ClusterOIDCProvider] : [])];
    await Promise.all(filled.map((store) => store.whenSynced(signal)));
  }

  /** How each provider fares. */
  states(): readonly ProviderState[] {
    return this.#directory.all().map((object) => {
      const key = keyOfProvider(object);
      const ready = object.status.conditions?.some(
        ({ type, status }) => type === 'Ready' && status === 'True',
      );
      return { key, ready: ready ?? false, circuitOpen: this.#links.isOpen(key) };
    });
  }

  /** Begins to read credentials and to check providers. */
  work(): void {
    this.#workers = runWorkers({
      queue: this.queue,
      concurrency: CHECKS_AT_ONCE,
      reconcile: (key, signal) => this.#reconciler.reconcile(key, signal),
      onError: this.#o.onError,
    });
  }

  /** Ends checks at once, and connections when the calls under way have ended. */
  async stop(): Promise<void> {
    await this.#workers?.stop(0);
    this.#credentials.close();
    await this.#links.close();
  }

  #announce(object: ProviderObject, condition: Condition): void {
    const { status, reason, message } = condition;
    const { events, announced } = this.#o;
    const { kind, metadata } = object;
    const { name, uid, namespace } = metadata;
    events.record({
      regarding: {
        apiVersion: API_VERSION,
        kind,
        name,
        uid,
        ...(namespace !== undefined && { namespace }),
      },
      type: status === 'True' ? 'Normal' : 'Warning',
      reason,
      note: message,
      action: 'Check',
    });
    announced(keyOfProvider(object), condition);
  }
}
