import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import { createTransport } from '../../src/kubernetes/transport.ts';
import { Workspace } from '../controller/harness.ts';
import { startOperatorProcess } from '../process/operator-process.ts';
import { cluster, eventually, testNamespace } from '../setup/cluster.ts';
import { issueClientCertificate, type KeyCertificate } from '../testbed/certificates.ts';
import { askForRotation, CredentialsFolder, writeKubeConfig } from './rig.ts';
import { Rights } from './rights.ts';

// As long as the operator may take to start and to publish.
const VALID_FOR_MS = 20_000;

function authority(): KeyCertificate {
  const read = (name: string) => readFileSync(join(cluster.address.directory, name), 'utf8');
  return { certificate: read('ca.crt'), key: read('ca.key') };
}

/** Waits until the API server does not take the certificate any more. */
async function whenExpired({ certificate, key }: KeyCertificate): Promise<void> {
  const server = cluster.adminKubeConfig.kubeConfig.getCurrentCluster();
  if (server === null) throw new Error('the kubeconfig has no current cluster');
  const base64 = (pem: string) => Buffer.from(pem).toString('base64');
  const kubeConfig = new KubeConfig();
  const user = { name: 'probe', certData: base64(certificate), keyData: base64(key) };
  kubeConfig.loadFromClusterAndUser(server, user);
  const transport = createTransport({ kubeConfig });
  const request = () => transport.request({ method: 'GET', path: '/version' });
  await eventually(() => expect(request()).rejects.toMatchObject({ status: 401 }), {
    timeoutMs: 2 * VALID_FOR_MS,
    intervalMs: 250,
  });
  await transport.close();
}

test('a client certificate that expired before it is replaced: the log tells, and the new one is used', {
  timeout: 180_000,
}, async () => {
  const namespace = await testNamespace();
  const workspace = new Workspace(namespace);
  const subject = { commonName: `operator-of-${namespace}` };
  await Rights.ofUser(namespace, subject.commonName);
  const folder = new CredentialsFolder();
  const replace = (issued: KeyCertificate) => {
    folder.replace('client.key', issued.key);
    folder.replace('client.crt', issued.certificate);
    return issued;
  };
  const first = replace(issueClientCertificate(authority(), subject, VALID_FOR_MS));
  const kubeconfig = writeKubeConfig(folder, cluster.adminKubeConfig.kubeConfig, {
    'client-certificate': 'client.crt',
    'client-key': 'client.key',
  });
  const operator = await startOperatorProcess({
    args: [
      ...[`--kubeconfig=${kubeconfig}`, `--namespaces=${namespace}`],
      '--cluster-providers=false',
    ],
  });
  await operator.untilReady();
  await workspace.create('web');
  await workspace.published('web', 1);

  await whenExpired(first);
  await askForRotation(workspace, 'web');
  await eventually(() => {
    const told = operator.entries().filter(({ error }) => error === 'Unauthorized');
    expect(told.length).toBeGreaterThan(2);
  });
  replace(issueClientCertificate(authority(), subject));
  await workspace.published('web', 2);
});
