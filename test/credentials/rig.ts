import { mkdtempSync, renameSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { expect, onTestFinished } from 'vitest';
import { Workspace } from '../controller/harness.ts';
import { type FaultProxy, startFaultProxy } from '../fault-proxy/fault-proxy.ts';
import { type ProxiedRequest, writeOf } from '../fault-proxy/request.ts';
import { type OperatorProcess, startOperatorProcess } from '../process/operator-process.ts';
import { cluster } from '../setup/cluster.ts';

/** An answer that passed through the proxy. */
export interface PassedAnswer {
  readonly request: ProxiedRequest;
  /** The write in short, as in `PATCH secrets`. */
  readonly what: string | undefined;
  readonly status: number;
  /** In milliseconds of performance.now(). */
  readonly at: number;
}

/** An operator that works in one namespace, by way of a proxy, with credentials of its own. */
export interface Rig {
  readonly workspace: Workspace;
  readonly proxy: FaultProxy;
  readonly operator: OperatorProcess;
  readonly answers: readonly PassedAnswer[];
  /** The answers to a kind of write, of those that were carried out or refused. */
  writes(what: string, outcome: 'carried out' | 'refused'): PassedAnswer[];
}

/** A folder for credentials, which the test takes along. */
export class CredentialsFolder {
  readonly #path = mkdtempSync(join(tmpdir(), 'keyturn-credentials-'));

  constructor() {
    onTestFinished(() => rm(this.#path, { recursive: true }));
  }

  path(name: string): string {
    return join(this.#path, name);
  }

  /** Replaces a file in one step, as whoever rotates credentials does. */
  replace(name: string, content: string): string {
    const path = this.path(name);
    writeFileSync(`${path}.new`, content, { mode: 0o600 });
    renameSync(`${path}.new`, path);
    return path;
  }
}

/** A proxy in front of the API server that adds no credentials of its own. */
export async function startProxy(): Promise<FaultProxy> {
  const server = cluster.adminKubeConfig.kubeConfig.getCurrentCluster();
  if (server === null) throw new Error('the kubeconfig has no current cluster');
  const target = new KubeConfig();
  target.loadFromClusterAndUser(server, { name: 'whoever asks' });
  const proxy = await startFaultProxy(target);
  onTestFinished(proxy.stop);
  return proxy;
}

/** Writes a kubeconfig for the cluster of `target`, whose CA is in `ca.crt`, and for `user`. */
export function writeKubeConfig(
  folder: CredentialsFolder,
  target: KubeConfig,
  user: Readonly<Record<string, unknown>>,
): string {
  const { server, caData = '' } = target.getCurrentCluster() ?? {};
  const ca = folder.replace('ca.crt', Buffer.from(caData, 'base64').toString());
  const config = {
    clusters: [{ name: 'c', cluster: { server, 'certificate-authority': ca } }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  };
  return folder.replace('kubeconfig', JSON.stringify(config));
}

/** Starts the operator with `user`, as a kubeconfig spells it, and waits until it is ready. */
export async function startRig(options: {
  readonly namespace: string;
  readonly folder: CredentialsFolder;
  readonly user: Readonly<Record<string, unknown>>;
  readonly args?: readonly string[];
}): Promise<Rig> {
  const { namespace, folder, user, args = [] } = options;
  const proxy = await startProxy();
  const answers: PassedAnswer[] = [];
  proxy.intercept({
    onAnswer(request, status) {
      answers.push({ request, what: writeOf(request)?.what, status, at: performance.now() });
      return undefined;
    },
  });
  const kubeconfig = writeKubeConfig(folder, proxy.kubeConfig.kubeConfig, user);
  const operator = await startOperatorProcess({
    args: [
      ...[`--kubeconfig=${kubeconfig}`, `--namespaces=${namespace}`],
      ...['--cluster-providers=false', ...args],
    ],
  });
  await operator.untilReady();
  return {
    workspace: new Workspace(namespace),
    proxy,
    operator,
    answers,
    writes: (what, outcome) =>
      answers.filter(
        (answer) => answer.what === what && answer.status >= 400 === (outcome === 'refused'),
      ),
  };
}

/** Asks for a rotation of the application's client secret. */
export async function askForRotation(workspace: Workspace, name: string): Promise<void> {
  await workspace.edit(name, { rotation: { rotateAfter: new Date().toISOString() } });
}

/** Fails if tries came faster than with pauses that double each time; they vary by chance, and by load. */
export function expectGrowingPauses(tries: readonly PassedAnswer[], firstMs: number): void {
  const elapsed = (tries.at(-1)?.at ?? 0) - (tries[0]?.at ?? 0);
  expect(elapsed).toBeGreaterThanOrEqual((firstMs / 4) * (2 ** (tries.length - 1) - 1));
}
