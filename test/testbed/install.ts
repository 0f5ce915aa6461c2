import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ControlPlaneAccess } from './access.ts';

const root = join(import.meta.dirname, '../..');

// The API server delays each create by 2 s as long as the definition is younger than 2 s
// (apiextensions-apiserver, customresource_handler.go).
const slowCreateMs = 2_000;

/** Installs all custom resource definitions and waits until objects of them are created at speed. */
export async function installCustomResources(access: ControlPlaneAccess): Promise<void> {
  const directory = join(root, 'crds');
  const files = readdirSync(directory).filter((name) => name.endsWith('.yaml'));
  for (const file of files) await access.applyFile(join(directory, file));
  const condition = ['--for=condition=Established', '--timeout=60s'];
  const { code, stderr } = await access.kubectl(['wait', 'crd', '--all', ...condition]);
  if (code !== 0) throw new Error(`custom resource definitions are not established: ${stderr}`);
  await delay(slowCreateMs);
}

/** Installs the operator's namespace, ServiceAccount and rights, as they are deployed. */
export function installOperatorRights(access: ControlPlaneAccess): Promise<void> {
  return access.applyFile(join(root, 'deploy/rbac.yaml'));
}
