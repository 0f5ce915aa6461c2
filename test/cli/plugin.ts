import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { API_VERSION, KIND } from '../../src/api/names.ts';
import { type Application, applicationResource } from '../../src/cli/application.ts';
import { ResourceClient } from '../../src/kubernetes/client.ts';
import { createTransport } from '../../src/kubernetes/transport.ts';
import { admin } from '../controller/harness.ts';
import { builtPrograms } from '../process/bundle.ts';
import { cluster } from '../setup/cluster.ts';
import { type Execution, execute } from '../testbed/execute.ts';

export interface PluginOptions {
  /** The path of a kubeconfig; the administrator's by default. */
  readonly kubeconfig?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs the plugin as a process of its own, without a terminal, to its end. */
export async function keyturn(
  args: readonly string[],
  { kubeconfig = cluster.adminKubeConfig.path, env = {} }: PluginOptions = {},
): Promise<Execution> {
  const directory = await builtPrograms();
  return await execute(process.execPath, [join(directory, 'kubectl-keyturn.mjs'), ...args], {
    env: { HOME: join(directory, 'home'), KUBECONFIG: kubeconfig, NO_COLOR: '', ...env },
  });
}

/** Runs the plugin where nobody reads what it prints, and resolves to its exit code. */
export async function unread(args: readonly string[]): Promise<number | null> {
  const directory = await builtPrograms();
  const child = spawn(process.execPath, [join(directory, 'kubectl-keyturn.mjs'), ...args], {
    env: { ...process.env, KUBECONFIG: cluster.adminKubeConfig.path },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.destroy();
  child.stderr.destroy();
  return await new Promise((resolve, reject) => {
    child.once('error', reject).once('exit', resolve);
  });
}

/** Runs the plugin in a namespace. */
export function pluginIn({ namespace }: { readonly namespace: string }) {
  return (args: string, options: PluginOptions = {}): Promise<Execution> =>
    keyturn([...args.split(' ').filter(Boolean), '--namespace', namespace], options);
}

/** What a command printed that was to end well. */
export function stdoutOf({ code, stdout, stderr }: Execution): string {
  if (code !== 0) throw new Error(`exit code ${code}: ${stderr}${stdout}`);
  return stdout;
}

/** Puts labels on an application. */
export async function labelled(
  { namespace }: { readonly namespace: string },
  name: string,
  labels: Readonly<Record<string, string>>,
): Promise<void> {
  await admin.applications.mergePatch({ namespace, name }, { metadata: { labels } });
}

const applications = new ResourceClient(
  createTransport({ kubeConfig: cluster.adminKubeConfig.kubeConfig }),
  applicationResource,
);

/** The application with who wrote which of its fields. */
export async function storedApplication(
  { namespace }: { readonly namespace: string },
  name: string,
): Promise<Application> {
  return await applications.get({ namespace, name });
}

/** Applies a spec server-side, as a GitOps tool does. */
export async function appliedBy(
  manager: string,
  { namespace }: { readonly namespace: string },
  name: string,
  spec: object,
): Promise<void> {
  const args = ['apply', '--server-side', '--force-conflicts', '--field-manager', manager];
  const metadata = { namespace, name };
  const manifest = { apiVersion: API_VERSION, kind: KIND, metadata, spec };
  const { code, stderr } = await cluster.kubectl([...args, '--filename', '-'], {
    input: JSON.stringify(manifest),
  });
  if (code !== 0) throw new Error(stderr);
}
