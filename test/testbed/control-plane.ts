import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { accessControlPlane, type ControlPlaneAccess } from './access.ts';
import { ensureBinaries } from './build.ts';
import { apiServerArgs, controllerManagerArgs, etcdArgs } from './components.ts';
import { writePki } from './pki.ts';
import { freePort } from './ports.ts';
import { createProcessGroup, type SupervisedProcess } from './processes.ts';

export interface ControlPlaneOptions {
  /** The API server's port; a free one by default. */
  readonly port?: number;
  /** Added after the API server's own arguments. No secrets: arguments are public. */
  readonly apiServerArgs?: readonly string[];
  /** Writes the API server's audit log. */
  readonly audit?: {
    readonly logPath: string;
    /** An audit.k8s.io/v1 Policy in YAML; by default the metadata of each completed request. */
    readonly policy?: string;
  };
}

/** A running control plane: etcd, kube-apiserver and kube-controller-manager on 127.0.0.1. */
export interface ControlPlane extends ControlPlaneAccess {
  /** Ends the API server, by SIGTERM (watches are cut after 2 s) or as in a crash. Its data stays. */
  stopApiServer(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** Starts it again on the same port; resolves when it is ready. */
  startApiServer(): Promise<void>;
  restartApiServer(): Promise<void>;
  /** Ends everything and deletes all data. */
  stop(): Promise<void>;
}

const readyLimitMs = 120_000;
const readyPollMs = 50;
const answerLimitMs = 10_000;
const metadataPolicy = `
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules: [{level: Metadata}]
`;

/**
 * Starts a control plane, building it first where needed, and resolves when it is ready. It ends
 * with this process, however this process ends.
 */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const binaries = await ensureBinaries();
  const group = await createProcessGroup();
  const { directory } = group;
  try {
    const pki = writePki(directory);
    const port = options.port ?? (await freePort());
    const server = `https://127.0.0.1:${port}`;
    const access = accessControlPlane({ server, directory, kubectl: binaries.kubectl });
    const etcdUrl = `unix://${directory}/etcd.sock`;
    const apiServer = [
      ...apiServerArgs(etcdUrl, port, pki),
      ...auditArgs(directory, options.audit),
      ...(options.apiServerArgs ?? []),
    ];

    group.start('etcd', binaries.etcd, etcdArgs(join(directory, 'etcd'), etcdUrl));
    const launch = async () => {
      const launched = group.start('kube-apiserver', binaries.kubeApiServer, apiServer);
      await untilReady(access, launched);
      return launched;
    };
    let running = await launch();
    const controllerManager = access.kubeConfigFor({ user: 'system:kube-controller-manager' });
    group.start(
      'kube-controller-manager',
      binaries.kubeControllerManager,
      controllerManagerArgs(controllerManager.path, pki),
    );

    const stopApiServer: ControlPlane['stopApiServer'] = (signal) => running.stop(signal);
    const startApiServer = async () => {
      running = await launch();
    };
    return {
      ...access,
      stopApiServer,
      startApiServer,
      async restartApiServer() {
        await stopApiServer();
        await startApiServer();
      },
      stop: group.stop,
    };
  } catch (error) {
    await group.stop();
    throw error;
  }
}

function auditArgs(directory: string, audit: ControlPlaneOptions['audit']): string[] {
  if (audit === undefined) return [];
  const policyPath = join(directory, 'audit-policy.yaml');
  writeFileSync(policyPath, audit.policy ?? metadataPolicy);
  return [`--audit-policy-file=${policyPath}`, `--audit-log-path=${audit.logPath}`];
}

async function untilReady(access: ControlPlaneAccess, apiServer: SupervisedProcess) {
  const user = access.adminKubeConfig.kubeConfig.getCurrentUser();
  const cluster = access.adminKubeConfig.kubeConfig.getCurrentCluster();
  const pem = (base64: string | undefined) => Buffer.from(base64 ?? '', 'base64');
  const dispatcher = new Agent({
    headersTimeout: answerLimitMs,
    connect: { ca: pem(cluster?.caData), cert: pem(user?.certData), key: pem(user?.keyData) },
  });
  const deadline = Date.now() + readyLimitMs;
  let last = 'no answer';
  try {
    while (Date.now() < deadline) {
      apiServer.assertRunning();
      last = await request(`${access.address.server}/readyz?verbose`, { dispatcher }).then(
        async ({ statusCode, body }) => `${statusCode} ${await body.text()}`,
        (error: unknown) => String(error),
      );
      if (last.startsWith('200 ')) return;
      await delay(readyPollMs);
    }
  } finally {
    await dispatcher.close();
  }
  throw new Error(`kube-apiserver is not ready after ${readyLimitMs / 1000} s: ${last}`);
}
