import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import type { Options } from './options.ts';
import { firstLineOf, StartError } from './start-error.ts';
import { useTokenFiles } from './token-files.ts';

// What KubeConfig makes up where it finds neither a file nor a service account.
const MADE_UP_SERVER = 'http://localhost:8080';

/**
 * Loads the kubeconfig that the options name, else ~/.kube/config, else the Pod's service account.
 *
 * @throws {StartError} if there is none, or none that names a cluster
 */
export function loadKubeConfig({
  kubeconfig,
  context,
}: Pick<Options, 'kubeconfig' | 'context'>): KubeConfig {
  const described =
    kubeconfig === undefined ? 'The kubeconfig ~/.kube/config' : `The kubeconfig ${kubeconfig}`;
  const config = new KubeConfig();
  try {
    const files = kubeconfig === undefined ? undefined : filesOf(kubeconfig);
    const isList = kubeconfig?.includes(delimiter) === true;
    if (files !== undefined && isList) process.env['KUBECONFIG'] = files.join(delimiter);
    if (kubeconfig === undefined || isList) config.loadFromDefault();
    else config.loadFromFile(kubeconfig);
    useTokenFiles(config, files ?? [join(homedir(), '.kube', 'config')]);
  } catch (error) {
    const reason = error instanceof TypeError ? 'it is not a kubeconfig' : firstLineOf(error);
    throw new StartError(`${described} cannot be read: ${reason}`);
  }
  if (kubeconfig === undefined && config.getCurrentCluster()?.server === MADE_UP_SERVER) {
    throw new StartError('No cluster to connect to: name a kubeconfig with --kubeconfig.');
  }
  if (context !== undefined) config.setCurrentContext(context);
  const obstacle = contextObstacle(config);
  if (obstacle !== undefined) throw new StartError(`${described} ${obstacle}.`);
  return config;
}

/** As with kubectl, a list may name files that are not there, but not only such. */
function filesOf(kubeconfig: string): readonly string[] {
  const files = kubeconfig.split(delimiter).filter((file) => file !== '');
  const existing = files.filter((file) => existsSync(file));
  return existing.length === 0 ? files : existing;
}

function contextObstacle(config: KubeConfig): string | undefined {
  const name: unknown = config.getCurrentContext();
  const contexts = config.getContexts().map((context) => context.name);
  const choice =
    contexts.length === 0 ? 'and no context at all' : `but these: ${contexts.join(', ')}`;
  if (typeof name !== 'string' || name === '') return `has no current context, ${choice}`;
  const found = config.getContextObject(name);
  if (found === null) return `has no context "${name}", ${choice}`;
  return config.getCurrentCluster() === null
    ? `has no cluster "${found.cluster}", which its context "${name}" names`
    : undefined;
}
