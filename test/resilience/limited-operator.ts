import { randomBytes } from 'node:crypto';
import { deployedRules, rulesWithout } from '../credentials/deployed-rules.ts';
import { cluster } from '../setup/cluster.ts';
import type { KubeConfigFile } from '../testbed/access.ts';

/** A ServiceAccount that does the operator's work, but writes Secrets only where it is let. */
export interface LimitedOperator {
  readonly kubeConfig: KubeConfigFile['kubeConfig'];
  /** Lets it write Secrets in a namespace. */
  admitTo(namespace: string): Promise<void>;
}

export async function createLimitedOperator(): Promise<LimitedOperator> {
  const name = `limited-${randomBytes(4).toString('hex')}`;
  const subjects = `[{kind: ServiceAccount, name: ${name}, namespace: keyturn-system}]`;
  const clusterRole = (role: string) =>
    `{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: ${role}}`;
  const writing = { resource: 'secrets', verbs: ['create', 'patch', 'delete'] };
  const rules = rulesWithout(deployedRules('ClusterRole'), writing);
  await cluster.apply(`
apiVersion: v1
kind: ServiceAccount
metadata: {name: ${name}, namespace: keyturn-system}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: ${name}}
rules: ${JSON.stringify(rules)}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: ${name}}
roleRef: ${clusterRole(name)}
subjects: ${subjects}
`);
  const { kubeConfig } = await cluster.kubeConfigForServiceAccount('keyturn-system', name);
  return {
    kubeConfig,
    async admitTo(namespace) {
      await cluster.apply(`
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: keyturn, namespace: ${namespace}}
roleRef: ${clusterRole('keyturn')}
subjects: ${subjects}
`);
    },
  };
}
