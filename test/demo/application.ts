import { parseTimestamp } from '../../src/api/timestamp.ts';
import { applicationResource, secretResource } from '../../src/controller/resources.ts';
import { ResourceClient } from '../../src/kubernetes/client.ts';
import type { Transport } from '../../src/kubernetes/transport.ts';
import type { ControlPlaneAccess } from '../testbed/access.ts';
import { printCommand, printManifest } from './terminal.ts';
import type { NamedSecret } from './token-endpoint.ts';

export const clientID = 'web-shop';

const web = { namespace: 'shop', name: 'web' } as const;

/** The application shop/web, as an administrator sees it. */
export interface Application {
  /** Prints and applies the application with these lines of spec, besides its client ID. */
  apply(spec?: readonly string[]): Promise<void>;
  /** Waits by `kubectl wait`, whose default is 30 s at most, and prints that. */
  waitFor(condition: string): Promise<void>;
  /** Prints what `kubectl get` says. */
  show(): Promise<void>;
  /** Reads the current client secret out of the backing Secret. */
  readSecret(version: number): Promise<NamedSecret>;
  /** Reads when the previous client secret ends, in epoch milliseconds. */
  readExpiry(): Promise<number>;
}

/**
 * Works on shop/web, which has the lines `reference` in its spec: by kubectl, and by requests where
 * that would print a client secret.
 */
export function administer(
  cluster: ControlPlaneAccess,
  transport: Transport,
  reference: readonly string[],
): Application {
  const applications = new ResourceClient(transport, applicationResource);
  const secrets = new ResourceClient(transport, secretResource);
  let applied: readonly string[] = [];

  const run = async (args: readonly string[], input = '') => {
    const command = `kubectl ${args.join(' ')}`;
    const { code, stdout, stderr } = await cluster.kubectl(args, { input });
    printCommand(command, stdout + stderr);
    if (code !== 0) throw new Error(`${command}: ${stderr.trim()}`);
  };

  return {
    async apply(spec = []) {
      const manifest = [
        'apiVersion: keyturn.dev/v1alpha1',
        'kind: OIDCApplication',
        `metadata: {name: ${web.name}, namespace: ${web.namespace}}`,
        'spec:',
        ...[`clientID: ${clientID}`, ...reference, ...spec].map((line) => `  ${line}`),
      ];
      printManifest(manifest, applied);
      applied = manifest;
      await run(['apply', '-f', '-'], manifest.join('\n'));
    },
    waitFor: (condition) => run(['wait', `--for=${condition}`, `oidcapp/${web.name}`]),
    show: () => run(['get', 'oidcapp']),
    async readSecret(version) {
      const value = (await secrets.get(web)).data['client-secret'];
      if (value === undefined) throw new Error('the backing Secret holds no client-secret');
      return { name: `the secret of version ${version}`, value };
    },
    async readExpiry() {
      const { status } = await applications.get(web);
      const expiresAt = parseTimestamp(status?.previousSecret?.expiresAt ?? '');
      if (expiresAt === undefined) throw new Error('status does not say when the secret expires');
      return expiresAt;
    },
  };
}
