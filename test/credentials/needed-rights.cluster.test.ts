import { expect, onTestFinished, test } from 'vitest';
import { clientSecrets, Workspace } from '../controller/harness.ts';
import { denyByWebhook } from '../process/denials.ts';
import { startOperatorProcess } from '../process/operator-process.ts';
import { cluster, eventually, testNamespace } from '../setup/cluster.ts';
import { deployedRights, type Right } from './deployed-rules.ts';
import { askForRotation } from './rig.ts';
import { Rights } from './rights.ts';

const RECONCILIATION = 'Reconciliation failed and is tried again';
const LIST = 'list failed and is tried again';
const WATCH = 'watch failed and is tried again';
const LEASE = 'The Lease could not be renewed';
const EVENT = 'An event was not recorded';
const PROVIDER = 'The check of a provider failed and is tried again';

/** What an operator that lacks a right fails to do. */
interface Failure {
  /** What brings it about; left out: the start. */
  readonly after?: (workspace: Workspace) => Promise<unknown>;
  /** The message of its log. */
  readonly told: string;
}

const FAILURES: Readonly<Record<string, Failure>> = {
  'get oidcapplications': { told: RECONCILIATION, after: unclearWrite },
  'list oidcapplications': { told: LIST },
  'watch oidcapplications': { told: WATCH },
  'patch oidcapplications/status': { told: RECONCILIATION, after: (at) => at.create('web') },
  'list oidcproviders': { told: LIST },
  'watch oidcproviders': { told: WATCH },
  'patch oidcproviders/status': { told: PROVIDER, after: provider },
  'get secrets': { told: RECONCILIATION, after: takenName },
  'list secrets': { told: LIST },
  'watch secrets': { told: WATCH },
  'create secrets': { told: RECONCILIATION, after: (at) => at.create('web') },
  'patch secrets': { told: RECONCILIATION, after: rotation },
  'delete secrets': { told: RECONCILIATION, after: move },
  'create events': { told: EVENT, after: (at) => at.create('web') },
  'patch events': { told: EVENT, after: sameEventTwice },
  'create leases': { told: LEASE },
  'get leases': { told: LEASE },
  'update leases': { told: LEASE },
};

/** On objects without a namespace, which are not granted here at all. */
const OF_THE_CLUSTER: readonly string[] = [
  'list clusteroidcproviders',
  'watch clusteroidcproviders',
  'patch clusteroidcproviders/status',
  'list namespaces',
  'watch namespaces',
];

/** For the finalizer, as test/controller-providers/deletion.cluster.test.ts has it. */
const OF_FINALIZERS = 'patch oidcapplications';

async function provider({ namespace }: Workspace): Promise<void> {
  await cluster.apply(`
apiVersion: keyturn.dev/v1alpha1
kind: OIDCProvider
metadata: {name: keycloak, namespace: ${namespace}}
spec:
  keycloak: {url: "https://sso.example.com", realm: shop}
  credentialsSecretRef: {name: missing}
`);
}

async function takenName(workspace: Workspace): Promise<void> {
  const { namespace } = workspace;
  await cluster.apply(
    `{apiVersion: v1, kind: Secret, metadata: {name: web, namespace: ${namespace}}}`,
  );
  await workspace.create('web');
}

async function publish(workspace: Workspace): Promise<void> {
  await workspace.create('web');
  await workspace.published('web', 1);
}

async function rotation(workspace: Workspace): Promise<void> {
  await publish(workspace);
  await askForRotation(workspace, 'web');
}

/** Fails in a way that leaves open whether the Secret was written. */
async function unclearWrite(workspace: Workspace): Promise<void> {
  await publish(workspace);
  const message = (_: unknown, preamble: string) => `${preamble}out of order`;
  const denial = { code: 500, reason: 'InternalError', message };
  onTestFinished(await denyByWebhook(workspace.namespace, 'web', denial));
  await askForRotation(workspace, 'web');
}

async function move(workspace: Workspace): Promise<void> {
  await publish(workspace);
  await workspace.edit('web', { secret: { name: 'moved' } });
}

async function sameEventTwice(workspace: Workspace): Promise<void> {
  await publish(workspace);
  for (const stray of ['b25l', 'dHdv']) {
    await workspace.tamper('web', { data: { 'previous-client-secret': stray } });
    await eventually(async () =>
      expect(clientSecrets(await workspace.secret('web')).previous).toBeUndefined(),
    );
  }
}

const nameOf = ({ verbs, resource }: Right) => `${verbs.join()} ${resource}`;

const rights = deployedRights().map((right) => [nameOf(right), right] as const);

test('for every right that is granted it is known what fails without it', () => {
  const known = [...Object.keys(FAILURES), ...OF_THE_CLUSTER, OF_FINALIZERS];
  expect(known.sort()).toEqual(rights.map(([name]) => name).sort());
});

test('without rights on the cluster, the list of ClusterOIDCProviders fails by name', async () => {
  const namespace = await testNamespace();
  const user = `operator-${namespace}`;
  await Rights.ofUser(namespace, user);
  const operator = await startOperatorProcess({
    args: [
      `--kubeconfig=${cluster.kubeConfigFor({ user }).path}`,
      ...[`--namespaces=${namespace}`, `--operator-namespace=${namespace}`],
    ],
  });
  await eventually(() =>
    expect(operator.output()).toContain('cannot list resource \\"clusteroidcproviders\\"'),
  );
});

test.for(rights.filter(([name]) => name in FAILURES))(
  'without the right to %s, something fails by name',
  async ([name, right]) => {
    const namespace = await testNamespace();
    const user = `operator-${namespace}`;
    const rights = await Rights.ofUser(namespace, user);
    await rights.withdraw(right);
    const operator = await startOperatorProcess({
      args: [
        ...[`--kubeconfig=${cluster.kubeConfigFor({ user }).path}`, `--namespaces=${namespace}`],
        '--cluster-providers=false',
        ...['--leader-elect', `--leader-election-namespace=${namespace}`, '--retry-period=1s'],
      ],
    });
    const failure = FAILURES[name];
    await failure?.after?.(new Workspace(namespace));
    const { verbs, resource } = right;
    const because = `cannot ${verbs.join()} resource "${resource}"`;
    await eventually(() =>
      expect(operator.entries()).toContainEqual(
        expect.objectContaining({
          msg: failure?.told,
          error: expect.stringContaining(because),
        }),
      ),
    );
  },
);
