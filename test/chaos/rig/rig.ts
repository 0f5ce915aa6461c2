import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ControlPlaneAccess } from '../../testbed/access.ts';
import type { SentWrite } from '../checker/traffic.ts';
import { REPLICAS } from '../plan/actions.ts';
import { Api } from './api.ts';
import { buildOperator } from './build.ts';
import { Clocks } from './clock.ts';
import { Contest } from './contest.ts';
import { Member } from './member.ts';
import { Recorder } from './recorder.ts';
import { User } from './user.ts';
import { Values } from './values.ts';

export interface RigOptions {
  readonly controlPlane: ControlPlaneAccess;
  readonly namespaces: readonly string[];
  readonly onWrite: (write: SentWrite) => void;
  readonly onLine: (replica: number, line: string) => void;
  readonly onExit: (replica: number, how: string) => void;
}

/** A Lease that runs out after 3 s. */
const LEASE = ['--lease-duration=3s', '--renew-deadline=2s', '--retry-period=1s'];

/** The operator's replicas, what they work on, and everything that can be done to them. */
export class Rig {
  readonly api: Api;
  readonly clocks: Clocks;
  readonly contest: Contest;
  readonly values: Values;
  readonly recorder: Recorder;
  readonly user: User;
  readonly members: readonly Member[];
  readonly namespaces: readonly string[];
  readonly #directory: string;

  static async start(options: RigOptions): Promise<Rig> {
    const { controlPlane, namespaces } = options;
    const directory = mkdtempSync(join(tmpdir(), 'keyturn-chaos-'));
    const clocks = new Clocks(directory, REPLICAS);
    const contest = new Contest();
    const values = new Values();
    const api = new Api(controlPlane.adminKubeConfig.kubeConfig);
    for (const name of namespaces) {
      await api.send('POST', '/api/v1/namespaces', { metadata: { name } });
    }
    const [leaseNamespace = ''] = namespaces;
    await controlPlane.apply(leaseRights(leaseNamespace));
    const recorder = new Recorder(api, clocks, contest, values, namespaces);
    await recorder.start();
    const program = await buildOperator(directory);
    const args = [
      `--namespaces=${namespaces.join(',')}`,
      '--cluster-providers=false',
      '--leader-elect',
      `--leader-election-namespace=${leaseNamespace}`,
      ...LEASE,
    ];
    const kubeConfig = await controlPlane.kubeConfigForServiceAccount('keyturn-system', 'keyturn');
    const members = await Promise.all(
      Array.from({ length: REPLICAS }, (_, index) =>
        Member.start({
          index,
          program,
          args,
          kubeConfig,
          contest,
          clock: clocks.fileOf(index),
          home: directory,
          serverTime: (date) => clocks.trueTime(date),
          onWrite: options.onWrite,
          onLine: (line) => options.onLine(index, line),
          onExit: (how) => options.onExit(index, how),
        }),
      ),
    );
    return new Rig({ api, clocks, contest, values, recorder, members, namespaces, directory });
  }

  private constructor(parts: {
    api: Api;
    clocks: Clocks;
    contest: Contest;
    values: Values;
    recorder: Recorder;
    members: readonly Member[];
    namespaces: readonly string[];
    directory: string;
  }) {
    this.api = parts.api;
    this.clocks = parts.clocks;
    this.contest = parts.contest;
    this.values = parts.values;
    this.recorder = parts.recorder;
    this.user = new User(parts.api, parts.recorder);
    this.members = parts.members;
    this.namespaces = parts.namespaces;
    this.#directory = parts.directory;
  }

  get leasePath(): string {
    return `/apis/coordination.k8s.io/v1/namespaces/${this.namespaces[0]}/leases/keyturn`;
  }

  async stop(): Promise<void> {
    await Promise.all(this.members.map((member) => member.stop()));
    await this.recorder.stop();
    await this.api.close();
    rmSync(this.#directory, { recursive: true });
  }
}

/** The rights of deploy/base/rbac.yaml on the Lease, in a namespace of the run's own. */
function leaseRights(namespace: string): string {
  return `
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: keyturn-leader-election, namespace: ${namespace}}
rules:
  - {apiGroups: [coordination.k8s.io], resources: [leases], verbs: [create]}
  - apiGroups: [coordination.k8s.io]
    resources: [leases]
    resourceNames: [keyturn]
    verbs: [get, update, patch]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: keyturn-leader-election, namespace: ${namespace}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: keyturn-leader-election}
subjects: [{kind: ServiceAccount, name: keyturn, namespace: keyturn-system}]
`;
}
