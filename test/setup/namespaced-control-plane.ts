import type { TestProject } from 'vitest/node';
import { installNamespacedRights } from '../testbed/install.ts';
import { share } from './shared-control-plane.ts';

/** The shared control plane, where the operator has rights in the namespaces that it is let in alone. */
export default function setup(project: TestProject): Promise<() => Promise<void>> {
  return share(project, 'namespaced', installNamespacedRights);
}
