import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { ControlPlaneAccess } from '../testbed/access.ts';

const root = join(import.meta.dirname, '../..');

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

export const INSTALL = join(root, 'deploy/install.yaml');

/** The objects of a text in YAML, sorted by what identifies them. */
export function manifestsIn(yaml: string): Manifest[] {
  const manifests = parseAllDocuments(yaml).map((document): Manifest => document.toJS());
  return manifests.sort((a, b) => (identityOf(a) < identityOf(b) ? -1 : 1));
}

export function identityOf({ apiVersion, kind, metadata }: Manifest): string {
  return [apiVersion, kind, metadata.namespace, metadata.name].filter(Boolean).join(' ');
}

/** The one object of a kind in deploy/install.yaml. */
export function installed<T extends Manifest>(kind: string): T {
  const documents = parseAllDocuments(readFileSync(INSTALL, 'utf8'));
  const found = documents.filter((document) => document.get('kind') === kind);
  const [only] = found;
  if (only === undefined || found.length > 1) throw new Error(`${found.length} objects ${kind}`);
  return only.toJS();
}

/** What kustomize makes of a folder of the repository. */
export async function kustomize(access: ControlPlaneAccess, folder: string): Promise<string> {
  const { code, stdout, stderr } = await access.kubectl(['kustomize', join(root, folder)]);
  if (code !== 0) throw new Error(`kubectl kustomize: ${stderr}`);
  return stdout;
}
