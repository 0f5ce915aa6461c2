import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { issueClientCertificate } from './certificates.ts';
import { type Execution, execute } from './execute.ts';

/** Where a control plane is; plain data, to be handed to another process. */
export interface ControlPlaneAddress {
  readonly server: string;
  /** The control plane's folder; holds its certificate authority. */
  readonly directory: string;
  readonly kubectl: string;
}

/** Credentials, loaded and as a file (mode 0600) that lasts as long as the control plane. */
export interface KubeConfigFile {
  readonly kubeConfig: KubeConfig;
  readonly path: string;
}

interface KubectlOptions {
  readonly input?: string;
  /** The path of a kubeconfig; the administrator's by default. */
  readonly kubeconfig?: string;
}

/** What one can do with a control plane that runs, from any process of the machine. */
export interface ControlPlaneAccess {
  readonly address: ControlPlaneAddress;
  readonly adminKubeConfig: KubeConfigFile;
  /** Issues a client certificate for a user, with no rights but those that RBAC grants it. */
  kubeConfigFor(subject: { user: string; groups?: readonly string[] }): KubeConfigFile;
  /** Requests a token (24 h) for a ServiceAccount that exists. */
  kubeConfigForServiceAccount(namespace: string, name: string): Promise<KubeConfigFile>;
  /** Runs kubectl; resolves whatever its exit code. */
  kubectl(args: readonly string[], options?: KubectlOptions): Promise<Execution>;
  /** Applies YAML server-side as the administrator; rejects with kubectl's message. */
  apply(yaml: string): Promise<void>;
  /** Applies a file or all of a folder server-side as the administrator. */
  applyFile(path: string): Promise<void>;
}

const administrator = { user: 'admin', groups: ['system:masters'] } as const;
const tokenSeconds = 24 * 60 * 60;

/** Gives access to a control plane by its address. Nothing to close. */
export function accessControlPlane(address: ControlPlaneAddress): ControlPlaneAccess {
  const { directory, server } = address;
  const authority = {
    certificate: readFileSync(join(directory, 'ca.crt'), 'utf8'),
    key: readFileSync(join(directory, 'ca.key'), 'utf8'),
  };

  const toFile = (user: string, credentials: Credentials): KubeConfigFile => {
    const kubeConfig = new KubeConfig();
    const caData = toBase64(authority.certificate);
    kubeConfig.loadFromClusterAndUser(
      { name: 'testbed', server, caData, skipTLSVerify: false },
      { name: user, ...credentials },
    );
    const path = join(directory, `${randomUUID()}.kubeconfig`);
    writeFileSync(path, kubeConfig.exportConfig(), { mode: 0o600 });
    return { kubeConfig, path };
  };
  const kubeConfigFor: ControlPlaneAccess['kubeConfigFor'] = ({ user, groups = [] }) => {
    const issued = issueClientCertificate(authority, { commonName: user, organizations: groups });
    return toFile(user, {
      certData: toBase64(issued.certificate),
      keyData: toBase64(issued.key),
    });
  };

  const adminKubeConfig = kubeConfigFor(administrator);
  const kubectl: ControlPlaneAccess['kubectl'] = (args, options = {}) =>
    execute(address.kubectl, args, {
      input: options.input ?? '',
      env: {
        KUBECONFIG: options.kubeconfig ?? adminKubeConfig.path,
        KUBECACHEDIR: join(directory, 'kubectl-cache'),
      },
    });
  const applyFrom = async (source: string, input: string) => {
    const args = ['apply', '--server-side', '--force-conflicts', '--filename', source];
    const { code, stderr } = await kubectl(args, { input });
    if (code !== 0) throw new Error(`kubectl apply: ${stderr.trim()}`);
  };

  return {
    address,
    adminKubeConfig,
    kubeConfigFor,
    kubectl,
    async kubeConfigForServiceAccount(namespace, name) {
      const core = adminKubeConfig.kubeConfig.makeApiClient(CoreV1Api);
      const { status } = await core.createNamespacedServiceAccountToken({
        name,
        namespace,
        body: { spec: { audiences: [], expirationSeconds: tokenSeconds } },
      });
      const token = status?.token;
      if (!token) throw new Error(`no token for ServiceAccount ${namespace}/${name}`);
      return toFile(`system:serviceaccount:${namespace}:${name}`, { token });
    },
    apply: (yaml) => applyFrom('-', yaml),
    applyFile: (path) => applyFrom(path, ''),
  };
}

type Credentials =
  | { readonly token: string }
  | { readonly certData: string; readonly keyData: string };

function toBase64(pem: string): string {
  return Buffer.from(pem).toString('base64');
}
