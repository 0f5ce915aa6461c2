import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** What is used here of a CycloneDX document, as npm writes it. */
export interface Inventory {
  readonly $schema: string;
  readonly bomFormat: string;
  readonly specVersion: string;
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

export interface Component {
  readonly 'bom-ref': string;
  readonly type: string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
  readonly licenses?: readonly unknown[];
}

/** All packages of package-lock.json, those that only development takes included. */
export function readInventory(): Inventory {
  const args = ['sbom', '--sbom-format=cyclonedx', '--package-lock-only'];
  const cwd = join(import.meta.dirname, '../..');
  return JSON.parse(execFileSync('npm', args, { cwd, encoding: 'utf8', maxBuffer: 1 << 26 }));
}
