import { setTimeout as delay } from 'node:timers/promises';
import { ResourceClient } from '../../src/kubernetes/client.ts';
import { resourcePath } from '../../src/kubernetes/resource.ts';
import { createTransport, type Transport } from '../../src/kubernetes/transport.ts';
import type { KubeConfigFile } from '../testbed/access.ts';
import { startControlPlane } from '../testbed/control-plane.ts';
import { installCustomResources, installOperatorRights } from '../testbed/install.ts';
import type { ProcessGroup } from '../testbed/processes.ts';
import { namespaceName } from './applications.ts';
import { applicationResource, type ObservedApplication, secretResource } from './observed.ts';
import { Observer } from './observer.ts';
import { OperatorProcess } from './operator-process.ts';

export interface BenchClusterOptions {
  /** Where operators run. */
  readonly group: ProcessGroup;
  /** The bundled operator. */
  readonly program: string;
  readonly namespaces: number;
  /** How many requests the load generator sends at once. */
  readonly concurrency: number;
  readonly onFault: (message: string) => void;
}

/** A control plane of its own, the load generator's access to it, and the operator to be started. */
export interface BenchCluster {
  readonly applications: ResourceClient<ObservedApplication>;
  readonly observer: Observer;
  readonly adminKubeConfig: KubeConfigFile;
  /** The operator's own credentials. */
  readonly operatorKubeConfig: KubeConfigFile;
  startOperator(): Promise<OperatorProcess>;
  /** Deletes all applications, then all Secrets. No operator must run. */
  clear(): Promise<void>;
  stop(): Promise<void>;
}

const COLLECTION_TIMEOUT_MS = 120_000;
const GONE_LIMIT_MS = 60_000;
const GONE_POLL_MS = 50;

/** Starts a control plane with everything installed but no operator running. */
export async function startBenchCluster(options: BenchClusterOptions): Promise<BenchCluster> {
  const controlPlane = await startControlPlane();
  const { kubeConfig } = controlPlane.adminKubeConfig;
  const transport = createTransport({ kubeConfig, connections: options.concurrency });
  const close = async () => {
    await transport.close();
    await controlPlane.stop();
  };
  try {
    await installOperatorRights(controlPlane);
    await installCustomResources(controlPlane);
    await createNamespaces(transport, options.namespaces);
    const operatorKubeConfig = await controlPlane.kubeConfigForServiceAccount(
      'keyturn-system',
      'keyturn',
    );
    const observer = new Observer(transport, options.onFault);
    await observer.whenSynced();
    return {
      applications: new ResourceClient(transport, applicationResource),
      observer,
      adminKubeConfig: controlPlane.adminKubeConfig,
      operatorKubeConfig,
      startOperator: () =>
        OperatorProcess.start({ ...options, kubeConfigPath: operatorKubeConfig.path }),
      clear: () => clear(transport, observer, options.namespaces),
      async stop() {
        await observer.stop();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function createNamespaces(transport: Transport, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const body = { metadata: { name: namespaceName(index) } };
    await transport.request({ method: 'POST', path: '/api/v1/namespaces', body });
  }
}

async function clear(transport: Transport, observer: Observer, namespaces: number): Promise<void> {
  for (const resource of [applicationResource, secretResource]) {
    for (let index = 0; index < namespaces; index += 1) {
      const path = resourcePath(resource, { namespace: namespaceName(index) });
      await transport.request({ method: 'DELETE', path, timeoutMs: COLLECTION_TIMEOUT_MS });
    }
  }
  const deadline = performance.now() + GONE_LIMIT_MS;
  while (observer.applications.size + observer.secrets.size > 0) {
    if (performance.now() > deadline) throw new Error('deleted objects are still there');
    await delay(GONE_POLL_MS);
  }
}
