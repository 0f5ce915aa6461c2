import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { goBuild, requireGo } from './go.ts';
import { withFileLock } from './lock.ts';
import { cacheDirectory, etcd, kubernetes } from './versions.ts';

/** The paths of the programs that a control plane needs. */
export interface Binaries {
  readonly etcd: string;
  readonly kubeApiServer: string;
  readonly kubeControllerManager: string;
  readonly kubectl: string;
}

/**
 * Finds the programs: in KUBEBUILDER_ASSETS (kube-controller-manager and kubectl also in PATH),
 * else in the cache, and builds them into it where they are missing. Logs to stderr.
 */
export async function ensureBinaries(): Promise<Binaries> {
  const assets = process.env['KUBEBUILDER_ASSETS'];
  if (!assets) return builtBinaries();
  const find = (name: string) => findIn([assets], name);
  const missing = ['kube-apiserver', 'etcd'].filter((name) => find(name) === undefined);
  const [kubeApiServer, etcdBinary] = [find('kube-apiserver'), find('etcd')];
  if (kubeApiServer === undefined || etcdBinary === undefined) {
    throw new Error(`KUBEBUILDER_ASSETS names ${assets}, which lacks ${missing.join(' and ')}`);
  }
  const folders = [assets, ...(process.env['PATH'] ?? '').split(delimiter)];
  const kubeControllerManager = findIn(folders, 'kube-controller-manager');
  const kubectl = findIn(folders, 'kubectl');
  const given = { etcd: etcdBinary, kubeApiServer };
  if (kubeControllerManager !== undefined && kubectl !== undefined) {
    return { ...given, kubeControllerManager, kubectl };
  }
  const built = await builtBinaries();
  return {
    ...given,
    kubeControllerManager: kubeControllerManager ?? built.kubeControllerManager,
    kubectl: kubectl ?? built.kubectl,
  };
}

async function builtBinaries(): Promise<Binaries> {
  const cache = cacheDirectory();
  const folder = join(cache, 'bin');
  if (!existsSync(folder)) {
    await mkdir(cache, { recursive: true });
    const waiting = () => log('another process is building the control plane; waiting for it');
    await withFileLock(join(cache, 'build.lock'), waiting, async () => {
      if (!existsSync(folder)) await build(cache, folder);
    });
  }
  return {
    etcd: join(folder, 'etcd'),
    kubeApiServer: join(folder, 'kube-apiserver'),
    kubeControllerManager: join(folder, 'kube-controller-manager'),
    kubectl: join(folder, 'kubectl'),
  };
}

/** Builds into a temporary folder and renames it, so that `folder` exists only when complete. */
async function build(cache: string, folder: string): Promise<void> {
  await requireGo(etcd);
  await requireGo(kubernetes);
  await removeInterruptedBuilds(cache);
  log(
    `building etcd ${etcd.version} and Kubernetes ${kubernetes.version} from source into ${folder}.\n` +
      'This compiles some 2,000 Go packages and takes about 10 minutes on 2 cores, once a machine.',
  );
  const temporary = await mkdtemp(join(cache, 'bin.building-'));
  await goBuild({
    label: 'etcd',
    module: etcd,
    packages: ['go.etcd.io/etcd/server/v3'],
    output: join(temporary, 'etcd'),
  });
  const commands = ['kube-apiserver', 'kube-controller-manager', 'kubectl'];
  const [major = '', minor = ''] = kubernetes.version.split('.');
  await goBuild({
    label: commands.join(', '),
    module: kubernetes,
    packages: commands.map((command) => `k8s.io/kubernetes/cmd/${command}`),
    output: `${temporary}/`,
    // Without them, discovery reports v0.0.0 and the CEL libraries of newer versions are off.
    variables: {
      'k8s.io/component-base/version.gitVersion': `v${kubernetes.version}`,
      'k8s.io/component-base/version.gitMajor': major,
      'k8s.io/component-base/version.gitMinor': minor,
    },
  });
  await rename(temporary, folder);
}

async function removeInterruptedBuilds(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    if (name.startsWith('bin.building-')) await rm(join(cache, name), { recursive: true });
  }
}

function findIn(folders: readonly string[], name: string): string | undefined {
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

function log(message: string): void {
  process.stderr.write(`testbed: ${message}\n`);
}

if (import.meta.main) {
  for (const path of Object.values(await ensureBinaries())) process.stdout.write(`${path}\n`);
}
