import type { TestProject } from 'vitest/node';
import type { ControlPlaneAddress } from '../testbed/access.ts';
import { startControlPlane } from '../testbed/control-plane.ts';
import { installCustomResources, installOperatorRights } from '../testbed/install.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The control plane that all cluster tests of a run share. */
    controlPlane: ControlPlaneAddress;
  }
}

/** Starts the shared control plane with the custom resources and the operator's rights installed. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const controlPlane = await startControlPlane();
  try {
    await installOperatorRights(controlPlane);
    await installCustomResources(controlPlane);
  } catch (error) {
    await controlPlane.stop();
    throw error;
  }
  project.provide('controlPlane', controlPlane.address);
  return controlPlane.stop;
}
