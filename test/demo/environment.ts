import type { ControlPlaneAccess } from '../testbed/access.ts';
import { ensureBinaries } from '../testbed/build.ts';
import { startControlPlane } from '../testbed/control-plane.ts';
import { installCustomResources, installOperatorRights } from '../testbed/install.ts';
import type { AuthorizationServer, StartAuthorizationServer } from './authorization-server.ts';
import { type OperatorProcess, startOperator } from './operator-process.ts';
import { printTask } from './terminal.ts';

export interface Environment {
  readonly cluster: ControlPlaneAccess;
  readonly operator: OperatorProcess;
  readonly server: AuthorizationServer;
}

/** Starts all that the demo needs, in order, and leaves its end to the stack. */
export async function startEnvironment(
  stack: AsyncDisposableStack,
  startServer: StartAuthorizationServer,
): Promise<Environment> {
  await ensureBinaries();
  const cluster = await printTask('kube-apiserver, etcd, kube-controller-manager', async () => {
    const controlPlane = await startControlPlane();
    stack.defer(() => controlPlane.stop());
    return controlPlane;
  });
  await printTask('crds/, deploy/base/rbac.yaml, the namespace shop', () => install(cluster));
  const operator = await printTask('operator, as ServiceAccount keyturn', async () => {
    const { path } = await cluster.kubeConfigForServiceAccount('keyturn-system', 'keyturn');
    const started = await startOperator(path);
    stack.defer(() => started.stop());
    return started;
  });
  return { cluster, operator, server: await startServer(cluster, stack) };
}

async function install(cluster: ControlPlaneAccess): Promise<void> {
  await installOperatorRights(cluster);
  await installCustomResources(cluster);
  await cluster.apply('{apiVersion: v1, kind: Namespace, metadata: {name: shop}}');
  const args = ['config', 'set-context', '--current', '--namespace=shop'];
  const { code, stderr } = await cluster.kubectl(args);
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr.trim()}`);
}
