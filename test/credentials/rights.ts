import { AuthorizationV1Api, type RbacV1Subject, type V1PolicyRule } from '@kubernetes/client-node';
import { cluster, eventually } from '../setup/cluster.ts';
import { deployedRules, type Right, rulesWithout } from './deployed-rules.ts';

const authorization = cluster.adminKubeConfig.kubeConfig.makeApiClient(AuthorizationV1Api);

/** What the operator is granted in deploy/, but in one namespace, so that it can be taken away there. */
export class Rights {
  readonly #namespace: string;
  readonly #subject: RbacV1Subject;
  readonly #user: string;

  private constructor(namespace: string, subject: RbacV1Subject, user: string) {
    this.#namespace = namespace;
    this.#subject = subject;
    this.#user = user;
  }

  static async ofAccount(namespace: string, account: string): Promise<Rights> {
    const subject = { kind: 'ServiceAccount', namespace, name: account };
    const user = `system:serviceaccount:${namespace}:${account}`;
    const rights = new Rights(namespace, subject, user);
    await rights.grantAll();
    return rights;
  }

  static async ofUser(namespace: string, user: string): Promise<Rights> {
    const apiGroup = 'rbac.authorization.k8s.io';
    const rights = new Rights(namespace, { kind: 'User', apiGroup, name: user }, user);
    await rights.grantAll();
    return rights;
  }

  async grantAll(): Promise<void> {
    await this.#write(deployedRules());
    await this.#until({ verbs: ['watch'], resource: 'secrets' }, true);
  }

  /** Resolves once the API server refuses what was withdrawn. */
  async withdraw(right: Right): Promise<void> {
    await this.#write(rulesWithout(deployedRules(), right));
    await this.#until(right, false);
  }

  /** Resolves once the API server allows again what was withdrawn. */
  async giveBack(right: Right): Promise<void> {
    await this.#write(deployedRules());
    await this.#until(right, true);
  }

  async #write(rules: readonly V1PolicyRule[]): Promise<void> {
    const apiVersion = 'rbac.authorization.k8s.io/v1';
    const metadata = { namespace: this.#namespace, name: 'operator' };
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'operator' };
    const role = { apiVersion, kind: 'Role', metadata, rules };
    const subjects = [this.#subject];
    const binding = { apiVersion, kind: 'RoleBinding', metadata, roleRef, subjects };
    await cluster.apply([role, binding].map((object) => JSON.stringify(object)).join('\n---\n'));
  }

  /** The authorizer learns of changes by a watch. */
  async #until({ verbs, resource, name }: Right, allowed: boolean): Promise<void> {
    const [plural = '', subresource] = resource.split('/');
    const rule = deployedRules().find(({ resources }) => resources?.includes(resource));
    const group = rule?.apiGroups?.[0] ?? '';
    await eventually(async () => {
      for (const verb of verbs) {
        const { status } = await authorization.createSubjectAccessReview({
          body: {
            spec: {
              user: this.#user,
              resourceAttributes: {
                namespace: this.#namespace,
                group,
                resource: plural,
                ...(subresource !== undefined && { subresource }),
                ...(name !== undefined && { name }),
                verb,
              },
            },
          },
        });
        if (status?.allowed !== allowed) throw new Error(`${verb} ${resource}: ${status?.allowed}`);
      }
    });
  }
}
