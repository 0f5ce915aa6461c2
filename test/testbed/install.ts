import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  AuthorizationV1Api,
  RbacAuthorizationV1Api,
  type V1RoleBinding,
} from '@kubernetes/client-node';
import { parseAllDocuments } from 'yaml';
import type { ControlPlaneAccess } from './access.ts';

const root = join(import.meta.dirname, '../..');

// The API server delays each create by 2 s as long as the definition is younger than 2 s
// (apiextensions-apiserver, customresource_handler.go).
const slowCreateMs = 2_000;

// kubectl fails at once, instead of waiting, where a definition has no conditions yet.
const established = ['--for=condition=Established', '--timeout=60s'];
const establishedLimitMs = 60_000;

// The authorizer learns of a binding by a watch.
const authorizerPollMs = 50;

/** Installs all custom resource definitions and waits until objects of them are created at speed. */
export async function installCustomResources(access: ControlPlaneAccess): Promise<void> {
  const directory = join(root, 'crds');
  const files = readdirSync(directory).filter((name) => name.endsWith('.yaml'));
  for (const file of files) await access.applyFile(join(directory, file));
  const deadline = Date.now() + establishedLimitMs;
  for (;;) {
    const { code, stderr } = await access.kubectl(['wait', 'crd', '--all', ...established]);
    if (code === 0) break;
    if (Date.now() > deadline) {
      throw new Error(`custom resource definitions are not established: ${stderr}`);
    }
  }
  await delay(slowCreateMs);
}

/** Installs the operator's namespace, ServiceAccount and rights, as they are deployed. */
export function installOperatorRights(access: ControlPlaneAccess): Promise<void> {
  return access.applyFile(join(root, 'deploy/base/rbac.yaml'));
}

/** Installs what the operator has where it works in chosen namespaces: no rights on any yet. */
export async function installNamespacedRights(access: ControlPlaneAccess): Promise<void> {
  const documents = parseAllDocuments(readFileSync(join(root, 'deploy/base/rbac.yaml'), 'utf8'));
  const kept = documents.filter((document) => document.get('kind') !== 'ClusterRoleBinding');
  await access.apply(kept.map(String).join('---\n'));
}

/** Lets the operator work in a namespace, as the overlay does; resolves once it may. */
export async function admitOperator(access: ControlPlaneAccess, namespace: string): Promise<void> {
  const { kubeConfig } = access.adminKubeConfig;
  const authorization = kubeConfig.makeApiClient(AuthorizationV1Api);
  const isAdmitted = async () => {
    const user = 'system:serviceaccount:keyturn-system:keyturn';
    const resourceAttributes = { namespace, resource: 'secrets', verb: 'watch' };
    const body = { spec: { user, resourceAttributes } };
    const { status } = await authorization.createSubjectAccessReview({ body });
    return status?.allowed === true;
  };
  if (await isAdmitted()) return;
  const path = join(root, 'deploy/overlays/namespaced/role-bindings.yaml');
  const [document] = parseAllDocuments(readFileSync(path, 'utf8'));
  document?.setIn(['metadata', 'namespace'], namespace);
  const binding: V1RoleBinding = document?.toJS();
  const rbac = kubeConfig.makeApiClient(RbacAuthorizationV1Api);
  await rbac.createNamespacedRoleBinding({ namespace, body: binding });
  while (!(await isAdmitted())) await delay(authorizerPollMs);
}
