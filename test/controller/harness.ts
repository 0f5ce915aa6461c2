import type { KubeConfig } from '@kubernetes/client-node';
import { onTestFinished } from 'vitest';
import type { OIDCApplicationSpec } from '../../src/api/oidcapplication.gen.ts';
import type { OIDCApplication, StoredMeta } from '../../src/controller/resources.ts';
import { applicationResource } from '../../src/controller/resources.ts';
import { ResourceClient } from '../../src/kubernetes/client.ts';
import type { KubernetesObject, Resource } from '../../src/kubernetes/resource.ts';
import { createTransport } from '../../src/kubernetes/transport.ts';
import { Operator } from '../../src/operator.ts';
import { createLogger } from '../../src/telemetry/log.ts';
import {
  admitOperatorTo,
  cluster,
  eventually,
  operatorKubeConfig,
  testNamespace,
} from '../setup/cluster.ts';
import { TestClock } from './test-clock.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** A Secret as the API server stores it, values in clear: for tests alone. */
export interface PlainSecret extends KubernetesObject {
  metadata: StoredMeta;
  type?: string;
  immutable?: boolean;
  data?: Record<string, string>;
}

function isPlainSecret(raw: unknown): raw is PlainSecret {
  return typeof raw === 'object' && raw !== null && 'metadata' in raw;
}

export const plainSecretResource: Resource<PlainSecret> = {
  group: '',
  version: 'v1',
  plural: 'secrets',
  kind: 'Secret',
  namespaced: true,
  parse(raw) {
    if (!isPlainSecret(raw)) throw new TypeError('not a Secret');
    return raw;
  },
};

/** Clients for both resources; a change made with them has the field manager `test`. */
export function clientsFor(kubeConfig: KubeConfig) {
  const transport = createTransport({ kubeConfig });
  return {
    applications: new ResourceClient(transport, applicationResource, { fieldManager: 'test' }),
    secrets: new ResourceClient(transport, plainSecretResource, { fieldManager: 'test' }),
  };
}

/** The administrator's clients. */
export const admin = clientsFor(cluster.adminKubeConfig.kubeConfig);

export interface OperatorHandle {
  readonly operator: Operator;
  /** Every line of its log, from level trace on. */
  readonly lines: readonly string[];
  stop(): Promise<void>;
}

/** Starts the operator in this process, with the rights of deploy/, for the given namespaces alone. */
export async function startOperator(options: {
  namespaces: readonly string[];
  clock?: TestClock;
  kubeConfig?: KubeConfig;
  concurrency?: number;
  operatorNamespace?: string;
  pauseRotations?: boolean;
}): Promise<OperatorHandle> {
  const clock = options.clock ?? new TestClock();
  await admitOperatorTo(options.namespaces);
  const kubeConfig = options.kubeConfig ?? (await operatorKubeConfig()).kubeConfig;
  const lines: string[] = [];
  const operator = new Operator({
    kubeConfig,
    namespaces: options.namespaces,
    concurrency: options.concurrency ?? 20,
    // ClusterOIDCProviders are everybody's: an operator that does not need them leaves them alone.
    clusterProviders: options.operatorNamespace !== undefined,
    ...(options.operatorNamespace !== undefined && {
      operatorNamespace: options.operatorNamespace,
    }),
    pauseRotations: options.pauseRotations ?? false,
    log: createLogger({
      level: 'trace',
      format: 'json',
      sink: { write: (line) => lines.push(line) },
    }),
    clock,
    serverTime: clock.serverTime,
  });
  clock.onMoved(() => operator.poke());
  const ending = new AbortController();
  let stopped: Promise<void> | undefined;
  const stop = () => {
    ending.abort();
    stopped ??= operator.stop(10_000).then(() => undefined);
    return stopped;
  };
  onTestFinished(stop);
  await operator.start(ending.signal);
  return { operator, lines, stop };
}

/** A namespace, and the means to watch an operator work in it. */
export class Workspace {
  readonly namespace: string;
  readonly #clients: ReturnType<typeof clientsFor>;

  constructor(namespace: string, clients = admin) {
    this.namespace = namespace;
    this.#clients = clients;
  }

  async create(name: string, spec: OIDCApplicationSpec = {}): Promise<OIDCApplication> {
    const application = {
      apiVersion: 'keyturn.dev/v1alpha1',
      kind: 'OIDCApplication',
      metadata: { namespace: this.namespace, name },
      spec,
    };
    return await this.#clients.applications.create(application);
  }

  /** Merges `spec` into the application's. */
  async edit(name: string, spec: Readonly<Record<string, unknown>>): Promise<OIDCApplication> {
    return await this.#clients.applications.mergePatch(
      { namespace: this.namespace, name },
      { spec },
    );
  }

  async application(name: string): Promise<OIDCApplication> {
    return await this.#clients.applications.get({ namespace: this.namespace, name });
  }

  async secret(name: string): Promise<PlainSecret> {
    return await this.#clients.secrets.get({ namespace: this.namespace, name });
  }

  async findSecret(name: string): Promise<PlainSecret | undefined> {
    return await this.#clients.secrets.find({ namespace: this.namespace, name });
  }

  /** Merges `patch` into the Secret, as somebody else would. */
  async tamper(name: string, patch: Readonly<Record<string, unknown>>): Promise<PlainSecret> {
    return await this.#clients.secrets.mergePatch({ namespace: this.namespace, name }, patch);
  }

  /**
   * Waits until status has seen the newest spec and `expectation` holds, and resolves to the
   * application.
   */
  async reaches(
    name: string,
    expectation: (application: OIDCApplication) => void,
  ): Promise<OIDCApplication> {
    return await eventually(async () => {
      const application = await this.application(name);
      const { generation } = application.metadata;
      if (application.status?.observedGeneration !== generation) {
        throw new Error(`generation ${generation} of ${name} was not observed yet`);
      }
      expectation(application);
      return application;
    });
  }

  /** Waits until the application is Ready with its current secret at `version`. */
  async published(name: string, version: number): Promise<OIDCApplication> {
    return await this.reaches(name, (application) => {
      const found = application.status?.currentSecret?.version;
      if (found !== version) throw new Error(`version ${found} of ${name} is published`);
      if (conditionOf(application, 'Ready')?.status !== 'True') {
        throw new Error(`${name} is not ready: ${JSON.stringify(application.status?.conditions)}`);
      }
    });
  }
}

/** A namespace of its own with an operator that works in it. */
export class Scene extends Workspace {
  readonly clock: TestClock;
  readonly handle: OperatorHandle;

  private constructor(namespace: string, clock: TestClock, handle: OperatorHandle) {
    super(namespace);
    this.clock = clock;
    this.handle = handle;
  }

  static async start(): Promise<Scene> {
    const namespace = await testNamespace();
    const clock = new TestClock();
    return new Scene(namespace, clock, await startOperator({ namespaces: [namespace], clock }));
  }

  /** The operator's time, `ahead` milliseconds from now, as spec spells it. */
  time(ahead = 0): string {
    return new Date(this.clock.now() + ahead).toISOString();
  }
}

export function conditionOf(application: OIDCApplication, type: string) {
  return application.status?.conditions?.find((condition) => condition.type === type);
}

/** A value of a Secret in clear; undefined where the key is not there. */
export function plainValue(secret: PlainSecret | undefined, key: string): string | undefined {
  const base64 = secret?.data?.[key];
  return base64 === undefined ? undefined : Buffer.from(base64, 'base64').toString('utf8');
}

/** The current and the previous client secret under their default keys. */
export function clientSecrets(secret: PlainSecret | undefined) {
  return {
    current: plainValue(secret, 'client-secret'),
    previous: plainValue(secret, 'previous-client-secret'),
  };
}
