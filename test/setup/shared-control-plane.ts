import type { TestProject } from 'vitest/node';
import type { ControlPlaneAccess, ControlPlaneAddress } from '../testbed/access.ts';
import { startControlPlane } from '../testbed/control-plane.ts';
import { installCustomResources, installOperatorRights } from '../testbed/install.ts';

/** Where the operator has its rights. */
export type Scope = 'cluster' | 'namespaced';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The control plane that all cluster tests of a run share. */
    controlPlane: ControlPlaneAddress;
    scope: Scope;
  }
}

/** Starts the shared control plane with the custom resources and the operator's rights installed. */
export default function setup(project: TestProject): Promise<() => Promise<void>> {
  return share(project, 'cluster', installOperatorRights);
}

export async function share(
  project: TestProject,
  scope: Scope,
  installRights: (access: ControlPlaneAccess) => Promise<void>,
): Promise<() => Promise<void>> {
  const controlPlane = await startControlPlane();
  try {
    await installRights(controlPlane);
    await installCustomResources(controlPlane);
  } catch (error) {
    await controlPlane.stop();
    throw error;
  }
  project.provide('controlPlane', controlPlane.address);
  project.provide('scope', scope);
  return controlPlane.stop;
}
