import { randomBytes } from 'node:crypto';
import { CoreV1Api } from '@kubernetes/client-node';
import { expect } from 'vitest';
import type { OIDCApplicationSpec } from '../../../src/api/oidcapplication.gen.ts';
import { ApiError } from '../../../src/kubernetes/api-error.ts';
import { clientsFor } from '../../controller/harness.ts';
import { eventually } from '../../setup/cluster.ts';
import { type ControlPlane, startControlPlane } from '../../testbed/control-plane.ts';
import { kustomize } from '../manifests.ts';

/** What each user has in every namespace: one of the roles that every cluster has. */
const ROLES = { viewer: 'view', editor: 'edit', revoker: 'admin' } as const;

type Applications = ReturnType<typeof clientsFor>['applications'];

/** A control plane with the gate installed, and three users. */
export interface Gate {
  readonly controlPlane: ControlPlane;
  readonly namespace: string;
  readonly admin: Applications;
  readonly viewer: Applications;
  readonly editor: Applications;
  readonly revoker: Applications;
  /** The path of a user's kubeconfig. */
  kubeconfig(user: keyof typeof ROLES): string;
}

const NAMESPACE = 'shop';

export async function startGate(): Promise<Gate> {
  const controlPlane = await startControlPlane();
  await controlPlane.apply(await kustomize(controlPlane, 'deploy/overlays/revoke-gate'));
  const { adminKubeConfig } = controlPlane;
  const core = adminKubeConfig.kubeConfig.makeApiClient(CoreV1Api);
  await core.createNamespace({ body: { metadata: { name: NAMESPACE } } });
  for (const [user, role] of Object.entries(ROLES)) {
    const args = [user, `--clusterrole=${role}`, `--user=${user}`];
    await controlPlane.kubectl(['create', 'clusterrolebinding', ...args]);
  }
  const kubeConfigs = {
    viewer: controlPlane.kubeConfigFor({ user: 'viewer' }),
    editor: controlPlane.kubeConfigFor({ user: 'editor' }),
    revoker: controlPlane.kubeConfigFor({ user: 'revoker' }),
  };
  const gate: Gate = {
    controlPlane,
    namespace: NAMESPACE,
    admin: clientsFor(adminKubeConfig.kubeConfig).applications,
    viewer: clientsFor(kubeConfigs.viewer.kubeConfig).applications,
    editor: clientsFor(kubeConfigs.editor.kubeConfig).applications,
    revoker: clientsFor(kubeConfigs.revoker.kubeConfig).applications,
    kubeconfig: (user) => kubeConfigs[user].path,
  };
  await whenInForce(gate);
  return gate;
}

/** Roles are aggregated, and the policy compiled, some time after they are created. */
async function whenInForce(gate: Gate): Promise<void> {
  const revoking = { revokePreviousSecret: true };
  const probe = () => `probe-${randomBytes(4).toString('hex')}`;
  await eventually(() => create(gate.editor, probe()));
  await eventually(() => expectRefused(create(gate.editor, probe(), revoking), 'revoke'));
  await eventually(() => create(gate.revoker, probe(), revoking));
}

export function manifest(name: string, spec: OIDCApplicationSpec = {}, owner?: object) {
  return {
    apiVersion: 'keyturn.dev/v1alpha1',
    kind: 'OIDCApplication',
    metadata: { namespace: NAMESPACE, name, ...(owner && { ownerReferences: [owner] }) },
    spec,
  };
}

export function create(as: Applications, name: string, spec: OIDCApplicationSpec = {}) {
  return as.create(manifest(name, spec));
}

export function edit(as: Applications, name: string, spec: Readonly<Record<string, unknown>>) {
  return as.mergePatch({ namespace: NAMESPACE, name }, { spec });
}

/** Fails unless the gate refuses the request, with a message that names `field` and the verb. */
export async function expectRefused(request: Promise<unknown>, field: string): Promise<void> {
  const error: unknown = await request.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({ status: 403 });
  const told = String(error);
  expect(told).toContain("ValidatingAdmissionPolicy 'keyturn-revoke-gate'");
  expect(told).toContain(field);
  expect(told).toContain('the verb "revoke"');
}
