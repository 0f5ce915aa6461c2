import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { KubeConfig } from '@kubernetes/client-node';
import type { Registry } from 'prom-client';
import { GROUP, labels, MANAGED_BY } from './api/names.ts';
import { Memories } from './controller/authority/memory.ts';
import { takeCensus } from './controller/census.ts';
import { ClockGuard } from './controller/clock-guard.ts';
import { indexApplications, indexSecrets } from './controller/indexes.ts';
import { ProviderController } from './controller/providers/controller.ts';
import { Reconciler } from './controller/reconcile.ts';
import {
  applicationResource,
  managedSecretResource,
  type OIDCApplication,
  type SecretObject,
  secretResource,
} from './controller/resources.ts';
import { RevocationTimer } from './controller/revocation-timer.ts';
import { wakeApplications } from './controller/wake.ts';
import { whenDefined } from './definitions.ts';
import { ResourceClient } from './kubernetes/client.ts';
import { type Clock, systemClock } from './kubernetes/clock.ts';
import { EventRecorder } from './kubernetes/event-recorder.ts';
import { LeaderElector } from './kubernetes/leader-election.ts';
import { Reachability } from './kubernetes/reachability.ts';
import type { KubernetesObject, Resource } from './kubernetes/resource.ts';
import { Store } from './kubernetes/store.ts';
import { createTransport, type ResponseInfo, type Transport } from './kubernetes/transport.ts';
import { Watches } from './kubernetes/watches.ts';
import { WorkQueue } from './kubernetes/work-queue.ts';
import { runWorkers, type Workers } from './kubernetes/workers.ts';
import { type Logger, messageOf } from './telemetry/log.ts';
import { createMetrics, type Metrics } from './telemetry/metrics.ts';

const FIELD_MANAGER = 'keyturn';
/** After an outage of the API server, what failed is tried again over so long. */
const RECOVERY_MS = 5_000;

export interface OperatorOptions {
  readonly kubeConfig: KubeConfig;
  /** Where to look for applications; everywhere if empty. */
  readonly namespaces: readonly string[];
  readonly concurrency: number;
  /** Whether applications may refer to ClusterOIDCProviders; default true. */
  readonly clusterProviders?: boolean;
  /** Where the credentials of ClusterOIDCProviders are; undefined: not known. */
  readonly operatorNamespace?: string;
  /** No rotation by `rotateAfter` or `every` starts; expiry and revocation go on. */
  readonly pauseRotations?: boolean;
  readonly log: Logger;
  readonly clock?: Clock;
  /** What to make of the API server's `Date` header before it is compared with the clock. */
  readonly serverTime?: (date: number) => number;
  /** Where several replicas run: only the holder of the Lease works. Undefined: this one works. */
  readonly leaderElection?: LeaderElection;
}

export interface LeaderElection {
  readonly namespace: string;
  /** The name of the Lease. */
  readonly name: string;
  readonly leaseDurationMs: number;
  readonly renewDeadlineMs: number;
  readonly retryPeriodMs: number;
}

/** The operator: caches, a queue, workers, and what they report to. */
export class Operator {
  readonly registry: Registry;
  readonly queue: WorkQueue;
  readonly #o: OperatorOptions;
  readonly #clock: Clock;
  readonly #clockGuard: ClockGuard;
  readonly #transport: Transport;
  readonly #applications: Store<OIDCApplication>;
  readonly #secrets: Store<SecretObject>;
  readonly #events: EventRecorder;
  readonly #providers: ProviderController;
  readonly #reachability: Reachability;
  readonly #metrics: Metrics;
  readonly #reconciler: Reconciler;
  readonly #elector: LeaderElector | undefined;
  readonly #leaseTransport: Transport | undefined;
  readonly #campaign = new AbortController();
  readonly #deposed = new AbortController();
  readonly #watches: Watches;
  #electing: Promise<void> | undefined;
  #workers: Workers | undefined;
  #awaited: readonly string[] = ['the API server'];
  #wasTrusted = true;

  constructor(options: OperatorOptions) {
    this.#o = options;
    this.#clock = options.clock ?? systemClock;
    this.#clockGuard = new ClockGuard(this.#clock);
    this.#reachability = new Reachability({
      clock: this.#clock,
      onRecovery: () => this.queue.retryAll(RECOVERY_MS),
    });
    this.#applications = this.#createStore('oidcapplications');
    this.#secrets = this.#createStore('secrets');
    indexApplications(this.#applications);
    indexSecrets(this.#secrets);
    this.#metrics = createMetrics({
      concurrency: options.concurrency,
      census: () => takeCensus(this.#applications, this.#secrets, this.#clockGuard.soundNow()),
      queue: () => this.queue,
      clockSkew: () => this.#clockGuard.skew(),
      providers: () => this.#providers.states(),
      isLeader: () => this.#awaited.length === 0 && this.#mayWrite(),
    });
    this.registry = this.#metrics.registry;
    this.#transport = createTransport({
      kubeConfig: options.kubeConfig,
      clock: this.#clock,
      userAgent: FIELD_MANAGER,
      onResponse: (info) => this.#onResponse(info),
      mayWrite: () => this.#mayWrite(),
    });
    if (options.leaderElection !== undefined) {
      // Renewals have connections of their own: a busy queue must not delay them.
      this.#leaseTransport = createTransport({
        kubeConfig: options.kubeConfig,
        clock: this.#clock,
        userAgent: `${FIELD_MANAGER}-leader-election`,
        connections: 2,
        onResponse: (info) => this.#onResponse(info),
      });
      this.#elector = this.#createElector(this.#leaseTransport, options.leaderElection);
    }
    this.queue = new WorkQueue({ clock: this.#clock, observer: this.#metrics.queue });
    this.#events = new EventRecorder({
      transport: this.#transport,
      reportingController: `${GROUP}/operator`,
      reportingInstance: `${FIELD_MANAGER}-${randomUUID()}`,
      clock: this.#clock,
      isBusy: () => this.queue.depth > 0,
      onDrop: () => this.#metrics.eventDropped(),
      onError: (error) =>
        options.log.warn({ error: messageOf(error) }, 'An event was not recorded'),
    });
    this.#watches = this.#createWatches();
    this.#providers = this.#createProviders();
    this.#reconciler = this.#createReconciler();
    wakeApplications(this.#applications, this.#secrets, this.#providers.registry, this.queue);
  }

  /** Looks at the clocks at once, as after a step or a wake-up. */
  poke(): void {
    this.queue.poke();
    this.#providers.queue.poke();
  }

  /** What is still awaited before applications are worked on; nothing once they are. */
  awaited(): readonly string[] {
    return this.#awaited;
  }

  /** Aborts once this process was the leader and is not any more: it must end. */
  get deposed(): AbortSignal {
    return this.#deposed.signal;
  }

  /**
   * Waits for the CRD, fills the caches, then starts to work, once it is the leader.
   *
   * @throws {NetworkError} if the API server cannot be reached at first
   */
  async start(signal: AbortSignal): Promise<void> {
    await this.#compareClocks();
    if (!(await this.#whenDefined(signal))) return;
    this.#awaited = ['the caches of OIDCApplications, Secrets and identity providers'];
    this.#reflect(applicationResource, this.#applications);
    this.#reflect(secretResource, this.#secrets, `${labels.managedBy}=${MANAGED_BY}`);
    await Promise.all([
      this.#applications.whenSynced(signal),
      this.#secrets.whenSynced(signal),
      this.#providers.reflect(signal),
    ]);
    this.#awaited = [];
    const { size } = this.#applications;
    this.#o.log.info({ applications: size, secrets: this.#secrets.size }, 'Caches are filled');
    if (this.#elector === undefined) this.#work();
    else this.#electing = this.#elector.run(this.#campaign.signal);
  }

  /** Lets what is under way finish, for at most `graceMs`; false if something had to be cut off. */
  async stop(graceMs: number): Promise<boolean> {
    const finished = (await this.#workers?.stop(graceMs)) ?? true;
    await this.#providers.stop();
    await this.#events.flush(Math.min(graceMs, 2_000));
    this.#campaign.abort();
    await this.#electing;
    await this.#watches.stop();
    await Promise.all([this.#transport.close(), this.#leaseTransport?.close()]);
    return finished;
  }

  #createElector(transport: Transport, lease: LeaderElection): LeaderElector {
    const { log } = this.#o;
    const identity = `${hostname()}_${randomUUID()}`;
    return new LeaderElector({
      ...lease,
      transport,
      identity,
      clock: this.#clock,
      onStartedLeading: () => {
        log.info({ identity }, 'This replica leads');
        this.#work();
      },
      onStoppedLeading: () => this.#deposed.abort(),
      onNewLeader: (leader) => log.info({ leader }, 'There is a new leader'),
      onError: (error) => log.warn({ error: messageOf(error) }, 'The Lease could not be renewed'),
    });
  }

  #mayWrite(): boolean {
    return this.#elector === undefined || this.#elector.isLeader();
  }

  #onResponse(info: ResponseInfo): void {
    this.#metrics.response(info);
    this.#reachability.observe(info);
    if (info.serverDate !== undefined) this.#observeServerTime(info.serverDate);
  }

  async #whenDefined(signal: AbortSignal): Promise<boolean> {
    const { log, clusterProviders = true } = this.#o;
    const onMissing = (definition: string) => {
      this.#awaited = [definition];
      log.warn(`Waiting for ${definition}: install it from crds/`);
    };
    const transport = this.#transport;
    return await whenDefined({ transport, clusterProviders, onMissing }, signal);
  }

  #createWatches(): Watches {
    return new Watches({
      transport: this.#transport,
      clock: this.#clock,
      onError: (error, context) =>
        this.#o.log.warn(
          { ...context, error: messageOf(error) },
          `${context.phase} failed and is tried again`,
        ),
    });
  }

  #createStore<T extends KubernetesObject>(resource: string): Store<T> {
    return new Store<T>({
      onError: (error) =>
        this.#o.log.error({ resource, error: messageOf(error) }, 'A change was not handled'),
    });
  }

  #reflect<T extends KubernetesObject>(
    resource: Resource<T>,
    store: Store<T>,
    labelSelector?: string,
  ): void {
    const { namespaces } = this.#o;
    const selector = labelSelector === undefined ? {} : { labelSelector };
    for (const namespace of namespaces.length === 0 ? [undefined] : namespaces) {
      this.#watches.begin(resource, store, {
        ...selector,
        ...(namespace !== undefined && { namespace }),
      });
    }
  }

  #createProviders(): ProviderController {
    const { namespaces, concurrency, clusterProviders = true, operatorNamespace, log } = this.#o;
    return new ProviderController({
      transport: this.#transport,
      fieldManager: FIELD_MANAGER,
      watches: this.#watches,
      applications: this.#applications,
      namespaces,
      clusterProviders,
      operatorNamespace,
      concurrency,
      clock: this.#clock,
      events: this.#events,
      mayAct: () => this.#mayWrite(),
      observer: this.#metrics.providers,
      announced: (provider, { status, reason, message }) =>
        log[status === 'True' ? 'info' : 'warn']({ provider, reason }, message),
      onError: (provider, error, retryInMs) =>
        log.warn(
          { provider, error: messageOf(error), retryInMs: Math.round(retryInMs) },
          'The check of a provider failed and is tried again',
        ),
    });
  }

  #createReconciler(): Reconciler {
    const fieldManager = FIELD_MANAGER;
    const timer = new RevocationTimer(this.#applications, this.#clock, this.#metrics.revoked);
    return new Reconciler({
      sources: {
        applications: this.#applications,
        secrets: this.#secrets,
        liveSecrets: new ResourceClient(this.#transport, managedSecretResource),
        clock: this.#clock,
        clockGuard: this.#clockGuard,
        memories: new Memories(),
        providers: this.#providers.registry,
        rotationsPaused: this.#o.pauseRotations ?? false,
      },
      writer: {
        secrets: this.#secrets,
        client: new ResourceClient(this.#transport, secretResource, { fieldManager }),
      },
      applications: new ResourceClient(this.#transport, applicationResource, { fieldManager }),
      events: this.#events,
      compareClocks: () => this.#compareClocks(),
      observer: {
        acted: (key, action) => {
          timer.acted(key, action);
          this.#metrics.step(action.kind);
        },
        announced: (application, { type, reason, note }) => {
          const reconcileID = this.#reconciler.idOf(application);
          const level = type === 'Normal' ? 'info' : 'warn';
          this.#o.log[level]({ application, reconcileID, reason }, note);
        },
        settled: (key) => timer.settled(key),
      },
    });
  }

  #work(): void {
    this.#providers.work();
    const { concurrency, log } = this.#o;
    this.#workers = runWorkers({
      queue: this.queue,
      concurrency,
      observer: this.#metrics.workers,
      reconcile: (key, signal) => this.#reconciler.reconcile(key, signal),
      onError: (application, error, retryInMs) =>
        log.warn(
          {
            application,
            reconcileID: this.#reconciler.idOf(application),
            error: messageOf(error),
            retryInMs: Math.round(retryInMs),
          },
          'Reconciliation failed and is tried again',
        ),
    });
  }

  async #compareClocks(): Promise<void> {
    await this.#transport.request({ method: 'GET', path: '/version' });
  }

  #observeServerTime(date: number): void {
    this.#clockGuard.observe(this.#o.serverTime?.(date) ?? date);
    const trusted = this.#clockGuard.isTrusted();
    if (trusted === this.#wasTrusted) return;
    this.#wasTrusted = trusted;
    const skewSeconds = Math.round((this.#clockGuard.skew() ?? 0) / 1000);
    if (trusted) this.#o.log.info({ skewSeconds }, 'The clocks agree again');
    else {
      this.#o.log.error(
        { skewSeconds },
        "This machine's clock and the API server's differ by more than 30 seconds: nothing is done by time",
      );
    }
  }
}
