import { onTestFinished } from 'vitest';
import type { ClusterOIDCProviderSpec } from '../../src/api/oidcprovider.gen.ts';
import type { Access, AccessChange } from '../../src/controller/providers/access.ts';
import { ProviderController } from '../../src/controller/providers/controller.ts';
import {
  clusterProviderResource,
  type ProviderKind,
  type ProviderObject,
  providerResource,
} from '../../src/controller/providers/resources.ts';
import { applicationResource, type OIDCApplication } from '../../src/controller/resources.ts';
import { ResourceClient } from '../../src/kubernetes/client.ts';
import { EventRecorder } from '../../src/kubernetes/event-recorder.ts';
import type { KubernetesObject, Resource } from '../../src/kubernetes/resource.ts';
import { keyOf, Store } from '../../src/kubernetes/store.ts';
import { createTransport } from '../../src/kubernetes/transport.ts';
import { Watches, type WatchScope } from '../../src/kubernetes/watches.ts';
import { admin, plainSecretResource } from '../controller/harness.ts';
import { TestClock } from '../controller/test-clock.ts';
import { cluster, eventually, operatorKubeConfig, testNamespace } from '../setup/cluster.ts';
import type { PingOneSimulator } from '../simulators/pingone/simulator.ts';

const transport = createTransport({ kubeConfig: cluster.adminKubeConfig.kubeConfig });
const providers = {
  OIDCProvider: new ResourceClient(transport, providerResource),
  ClusterOIDCProvider: new ResourceClient(transport, clusterProviderResource),
};
const secrets = new ResourceClient(transport, plainSecretResource);

/** The provider controller alone, with the rights of deploy/, in a namespace of its own. */
export class ProviderRig {
  readonly namespace: string;
  readonly clock: TestClock;
  readonly controller: ProviderController;
  /** What its listeners were told. */
  readonly changes: AccessChange[] = [];
  /** The providers of which its observer was told. */
  readonly told: { readonly answered: ReadonlySet<string>; readonly gone: ReadonlySet<string> };
  /** Each watch it had begun: the plural, and which part. */
  readonly watches: readonly { plural: string; namespace?: string; name?: string }[];

  readonly #applications: Store<OIDCApplication>;

  private constructor(
    namespace: string,
    options: Awaited<ReturnType<typeof controllerOptions>>,
    { operatorNamespace }: { operatorNamespace: string | undefined },
  ) {
    this.namespace = namespace;
    this.told = options.told;
    this.watches = options.watches.begun;
    this.#applications = options.applications;
    this.clock = options.clock;
    this.controller = new ProviderController({
      ...options,
      namespaces: [namespace],
      operatorNamespace,
    });
    this.clock.onMoved(() => this.controller.queue.poke());
    this.controller.registry.subscribe((change) => this.changes.push(change));
  }

  /** Starts it; `tenants` are further namespaces whose applications it sees. */
  static async start({
    tenants = [],
    clusterProviders = false,
    knowsNamespace = true,
  }: {
    tenants?: readonly string[];
    clusterProviders?: boolean;
    knowsNamespace?: boolean;
  } = {}): Promise<ProviderRig> {
    const namespace = await testNamespace();
    const options = await controllerOptions(
      [namespace, ...tenants],
      clusterProviders,
      new TestClock(),
    );
    const rig = new ProviderRig(namespace, options, {
      operatorNamespace: knowsNamespace ? namespace : undefined,
    });
    const ending = new AbortController();
    onTestFinished(async () => {
      ending.abort();
      await rig.controller.stop();
    });
    await Promise.all([
      rig.controller.reflect(ending.signal),
      options.applications.whenSynced(ending.signal),
    ]);
    rig.controller.work();
    return rig;
  }

  async create(
    kind: ProviderKind,
    name: string,
    spec: ClusterOIDCProviderSpec,
  ): Promise<ProviderObject> {
    const namespaced = kind === 'OIDCProvider';
    const metadata = namespaced ? { name, namespace: this.namespace } : { name };
    if (!namespaced) onTestFinished(() => providers[kind].delete(metadata));
    return await providers[kind].create({
      apiVersion: 'keyturn.dev/v1alpha1',
      kind,
      metadata,
      spec,
    });
  }

  async edit(object: ProviderObject, spec: object): Promise<ProviderObject> {
    return await providers[object.kind].mergePatch(object.metadata, { spec });
  }

  async delete({ kind, metadata }: ProviderObject): Promise<void> {
    await providers[kind].delete(metadata);
  }

  async read({ kind, metadata }: ProviderObject): Promise<ProviderObject> {
    return await providers[kind].get(metadata);
  }

  /** Waits until Ready has this status and reason for the newest spec. */
  async settles(object: ProviderObject, status: string, reason: string): Promise<ProviderObject> {
    return await eventually(async () => {
      const found = await this.read(object);
      const ready = found.status.conditions?.find(({ type }) => type === 'Ready');
      const seen = `${ready?.status} ${ready?.reason} at ${ready?.observedGeneration}`;
      const wanted = `${status} ${reason} at ${found.metadata.generation}`;
      if (seen !== wanted) throw new Error(`${seen}, not ${wanted}: ${ready?.message}`);
      return found;
    });
  }

  /** Waits until Ready is False, for whatever reason. */
  async settlesFalse(object: ProviderObject): Promise<ProviderObject> {
    return await eventually(async () => {
      const found = await this.read(object);
      const ready = found.status.conditions?.find(({ type }) => type === 'Ready');
      if (ready?.status !== 'False') throw new Error(`Ready is ${ready?.status}`);
      return found;
    });
  }

  /** Creates or replaces a Secret with these values. */
  async setSecret(name: string, values: Readonly<Record<string, string>>): Promise<void> {
    const ref = { namespace: this.namespace, name };
    if ((await secrets.find(ref)) !== undefined) await secrets.delete(ref);
    await secrets.create({ apiVersion: 'v1', kind: 'Secret', metadata: ref, stringData: values });
  }

  /** What an application of the namespace may do, once it is not pending any more. */
  async access(
    provider: ProviderObject,
    clientID: string,
    { namespace = this.namespace, name = 'web' } = {},
  ): Promise<Exclude<Access, { kind: 'pending' }>> {
    const providerRef = { kind: provider.kind, name: provider.metadata.name };
    return await eventually(() => {
      const found = this.controller.registry.access({ namespace, name, providerRef, clientID });
      if (found.kind === 'pending') throw new Error('access is pending');
      return found;
    });
  }

  /** Creates an application that names the client. */
  async apply(
    provider: ProviderObject,
    clientID: string,
    { namespace = this.namespace, name = 'web' } = {},
  ): Promise<OIDCApplication> {
    const { kind, metadata } = provider;
    return await admin.applications.create({
      apiVersion: 'keyturn.dev/v1alpha1',
      kind: 'OIDCApplication',
      metadata: { namespace, name },
      spec: { clientID, providerRef: { kind, name: metadata.name } },
    });
  }

  async remove(name: string): Promise<void> {
    await admin.applications.delete({ namespace: this.namespace, name });
  }

  /** Waits until the controller has seen the application. */
  async sees(application: OIDCApplication): Promise<void> {
    await eventually(() => {
      if (this.#applications.get(keyOf(application)) === undefined) throw new Error('not seen');
    });
  }
}

/** Notes which watches were begun. */
class RecordingWatches extends Watches {
  readonly begun: { plural: string; namespace?: string; name?: string }[] = [];

  override begin<T extends KubernetesObject>(
    resource: Resource<T>,
    store: Store<T>,
    scope: WatchScope = {},
  ): void {
    const { signal: _, onError: _ignored, ...part } = scope;
    this.begun.push({ plural: resource.plural, ...part });
    super.begin(resource, store, scope);
  }
}

async function controllerOptions(
  namespaces: readonly string[],
  clusterProviders: boolean,
  clock: TestClock,
) {
  const { kubeConfig } = await operatorKubeConfig();
  const own = createTransport({ kubeConfig });
  const watches = new RecordingWatches({ transport: own, clock, onError: () => {} });
  onTestFinished(async () => {
    await watches.stop();
    await own.close();
  });
  const told = { answered: new Set<string>(), gone: new Set<string>() };
  const applications = new Store<OIDCApplication>();
  for (const namespace of namespaces) {
    watches.begin(applicationResource, applications, { namespace });
  }
  return {
    transport: own,
    fieldManager: 'keyturn',
    watches,
    applications,
    clusterProviders,
    concurrency: 20,
    clock,
    events: new EventRecorder({
      transport: own,
      reportingController: 'keyturn.dev/operator',
      reportingInstance: 'test',
    }),
    mayAct: () => true,
    told,
    observer: {
      answered: (provider: string) => void told.answered.add(provider),
      gone: (provider: string) => void told.gone.add(provider),
    },
    announced: () => {},
    onError: () => {},
  };
}

/** A spec that reaches the simulator with the credentials in the Secret of this name. */
export function pingOneSpec(
  { apiURL, authURL, environmentID, workerEnvironmentID }: PingOneSimulator,
  secretName = 'credentials',
): ClusterOIDCProviderSpec {
  return {
    insecure: true,
    pingone: { apiURL, authURL, environmentID, workerEnvironmentID },
    credentialsSecretRef: { name: secretName },
    requestsPerSecond: 100,
  };
}

export function workerCredentials({ worker }: PingOneSimulator): Record<string, string> {
  return { 'client-id': worker.clientID, 'client-secret': worker.clientSecret };
}
