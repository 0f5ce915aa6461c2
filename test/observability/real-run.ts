import { onTestFinished } from 'vitest';
import { admin, Workspace } from '../controller/harness.ts';
import { createProvider, oidcProviders } from '../controller-providers/oidc-provider.ts';
import { pingOneSpec, workerCredentials } from '../controller-providers/provider-rig.ts';
import { allowLease, type Replica, SHORT, startReplica } from '../high-availability/replicas.ts';
import { denyByPolicy } from '../process/denials.ts';
import { type Metrics, parseMetrics } from '../process/metrics.ts';
import { adminClient, eventually, testNamespace } from '../setup/cluster.ts';
import { type PingOneSimulator, startPingOneSimulator } from '../simulators/pingone/simulator.ts';
import type { Scrape } from './timeline.ts';

/** What was scraped in each situation. */
export interface RealRun {
  readonly namespace: string;
  readonly scrapes: Awaited<ReturnType<typeof passThrough>>;
}

/** Puts two replicas of the operator into every situation that an alert is for. */
export async function recordRun(): Promise<RealRun> {
  const fleet = await Fleet.start();
  return { namespace: fleet.workspace.namespace, scrapes: await passThrough(fleet) };
}

async function passThrough(fleet: Fleet) {
  const { workspace } = fleet;
  await fleet.join('first');
  await fleet.until({ leader_election_master_status: 1 });
  await fleet.join('second');
  await fleet.addProvider();
  for (const name of ['stuck', 'refused', 'patient']) await fleet.rotated(name);
  for (const name of ['late', 'suspended']) await fleet.established(name);
  const fine = await fleet.until(AT_REST);

  await workspace.tamper('stuck', { immutable: true });
  await workspace.edit('stuck', { revokePreviousSecret: true });
  const revocationOverdue = await fleet.until({ ...AT_REST, ...OVERDUE });
  await fleet.leave('first');
  const takenOver = await fleet.until({ ...AT_REST, ...OVERDUE });
  await admin.secrets.delete({ namespace: workspace.namespace, name: 'stuck' });
  const revoked = await fleet.until(AT_REST);

  const allowRevocation = await fleet.deny('refused');
  await workspace.edit('refused', { revokePreviousSecret: true });
  const revocationFailing = await fleet.until({
    ...{ ...AT_REST, ...OVERDUE },
    keyturn_revocations_failing: 1,
  });
  await allowRevocation();
  const allowRotation = await fleet.deny('late');
  await fleet.rotate('late');
  await fleet.until({ keyturn_rotations_overdue: 1, keyturn_revocations_overdue: 0 });
  const rotationOverdue = await fleet.until({ ...AT_REST, keyturn_rotations_overdue: 1 });
  await allowRotation();
  await workspace.published('late', 2);

  await fleet.rotate('patient');
  const rotationWaiting = await fleet.until({ ...AT_REST, keyturn_rotations_held: 1 });
  await workspace.edit('patient', { revokeRetiredBefore: new Date().toISOString() });
  await workspace.published('patient', 3);
  await workspace.edit('suspended', { suspend: true });
  await fleet.rotate('suspended');
  const rotationHeld = await fleet.until({ ...AT_REST, keyturn_rotations_held: 1 });
  await workspace.edit('suspended', { suspend: false });
  await workspace.published('suspended', 2);

  await fleet.loseProvider();
  const providerDown = await fleet.until({ ...AT_REST, keyturn_provider_ready: 0 });
  fleet.pingone.faults.disarm();
  const again = await fleet.until(AT_REST);

  await fleet.leave('second');
  const nobody = await fleet.scrape();
  await fleet.occupyLease();
  await fleet.join('third');
  const noLeader = await fleet.until({ leader_election_master_status: 0 });
  await fleet.freeLease();
  const recovered = await fleet.until(AT_REST);
  return {
    ...{ fine, revocationOverdue, takenOver, revoked, revocationFailing, rotationOverdue },
    ...{ rotationWaiting, rotationHeld, providerDown, again, nobody, noLeader, recovered },
  };
}

/** Sums over all replicas. */
type Sums = Readonly<Record<string, number>>;

const AT_REST: Sums = {
  leader_election_master_status: 1,
  keyturn_revocations_overdue: 0,
  keyturn_revocations_failing: 0,
  keyturn_rotations_overdue: 0,
  keyturn_rotations_held: 0,
  keyturn_provider_ready: 1,
};
const OVERDUE: Sums = { keyturn_revocations_overdue: 1 };

/** Replicas of the operator that come and go, in a namespace with an identity provider. */
class Fleet {
  readonly workspace: Workspace;
  readonly pingone: PingOneSimulator;
  readonly #replicas = new Map<string, Replica>();

  private constructor(workspace: Workspace, pingone: PingOneSimulator) {
    this.workspace = workspace;
    this.pingone = pingone;
  }

  static async start(): Promise<Fleet> {
    const workspace = new Workspace(await testNamespace('observe'));
    await allowLease(workspace.namespace);
    const pingone = await startPingOneSimulator({ rateLimit: 'none' });
    onTestFinished(() => pingone.stop());
    return new Fleet(workspace, pingone);
  }

  async join(name: string): Promise<void> {
    const flags = [...SHORT, '--cluster-providers=false'];
    this.#replicas.set(name, await startReplica(this.workspace, flags));
  }

  async leave(name: string): Promise<void> {
    await this.#replicas.get(name)?.operator.end('SIGTERM');
    this.#replicas.delete(name);
  }

  async scrape(): Promise<Scrape> {
    const metrics = await this.#metrics();
    return Object.fromEntries(metrics.map(([name, { samples }]) => [name, samples]));
  }

  /** Scrapes until the metrics, summed over all replicas, have these values. */
  async until(sums: Sums): Promise<Scrape> {
    return await eventually(async () => {
      const metrics = await this.#metrics();
      for (const [name, wanted] of Object.entries(sums)) {
        const found = metrics.reduce((sum, [, each]) => sum + each.value(name), 0);
        if (found !== wanted) throw new Error(`${name} is ${found}, not ${wanted}`);
      }
      return Object.fromEntries(metrics.map(([replica, { samples }]) => [replica, samples]));
    });
  }

  async #metrics(): Promise<[string, Metrics][]> {
    const answers = [...this.#replicas].map(
      async ([name, { operator }]): Promise<[string, Metrics]> => {
        const { body } = await operator.ask('/metrics');
        return [name, parseMetrics(body)];
      },
    );
    return await Promise.all(answers);
  }

  async established(name: string): Promise<void> {
    await this.workspace.create(name);
    await this.workspace.published(name, 1);
  }

  async rotated(name: string): Promise<void> {
    await this.established(name);
    await this.rotate(name);
    await this.workspace.published(name, 2);
  }

  async rotate(name: string): Promise<void> {
    await this.workspace.edit(name, { rotation: { rotateAfter: new Date().toISOString() } });
  }

  /** Has the API server refuse every update of the Secret; resolves to what ends that. */
  async deny(name: string): Promise<() => Promise<void>> {
    const end = await denyByPolicy(this.workspace.namespace, name, 'UPDATE', () => "'not now'");
    onTestFinished(end);
    const labels = () => ({ metadata: { labels: { probe: crypto.randomUUID() } } });
    await eventually(async () => {
      const refused = await this.workspace.tamper(name, labels()).then(
        () => false,
        () => true,
      );
      if (!refused) throw new Error(`updates of ${name} are not refused yet`);
    });
    return end;
  }

  async addProvider(): Promise<void> {
    const { pingone, workspace } = this;
    await createProvider(workspace.namespace, pingOneSpec(pingone), workerCredentials(pingone));
  }

  /** Cuts every connection to the provider, and has the operator check it. */
  async loseProvider(): Promise<void> {
    this.pingone.faults.arm({}, { kind: 'drop', when: 'before' }, 1_000_000);
    const provider = { namespace: this.workspace.namespace, name: 'pingone' };
    await oidcProviders.mergePatch(provider, { spec: { requestTimeout: '5s' } });
  }

  /** Somebody who does not work holds the Lease, and for long. */
  async occupyLease(): Promise<void> {
    await this.#setLease({ holderIdentity: 'somebody-else', leaseDurationSeconds: 3600 });
  }

  async freeLease(): Promise<void> {
    await this.#setLease({ holderIdentity: '', leaseDurationSeconds: 1 });
  }

  async #setLease(spec: { holderIdentity: string; leaseDurationSeconds: number }): Promise<void> {
    const lease = { namespace: this.workspace.namespace, name: 'keyturn' };
    const body = await adminClient.coordination.readNamespacedLease(lease);
    body.spec = { ...body.spec, ...spec };
    await adminClient.coordination.replaceNamespacedLease({ ...lease, body });
  }
}
