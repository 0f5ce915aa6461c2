import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** A Go module of the testbed and the version of the component that is built from it. */
export interface ComponentModule {
  readonly directory: string;
  readonly version: string;
  /** The lowest Go version that the module accepts. */
  readonly goVersion: string;
}

const folder = import.meta.dirname;

export const kubernetes = readModule(join(folder, 'control-plane'), 'k8s.io/kubernetes');
export const etcd = readModule(join(folder, 'etcd'), 'go.etcd.io/etcd/server/v3');

/** Where the binaries of exactly these versions are kept, shared by all checkouts of a user. */
export function cacheDirectory(): string {
  return cacheFolder(`kubernetes-${kubernetes.version}-etcd-${etcd.version}`);
}

/** A folder for what is built once a machine. */
export function cacheFolder(name: string): string {
  const root = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(root, 'keyturn', 'testbed', name);
}

/** A Go module in a folder, and the version that it requires of another. */
export function readModule(directory: string, requirement: string): ComponentModule {
  const lines = readFileSync(join(directory, 'go.mod'), 'utf8').split('\n');
  const wordAfter = (prefix: string) =>
    lines
      .find((line) => line.trim().startsWith(`${prefix} `))
      ?.trim()
      .slice(prefix.length + 1)
      .split(' ')[0];
  const version = wordAfter(requirement);
  const goVersion = wordAfter('go');
  if (version === undefined || goVersion === undefined) {
    throw new Error(`${directory}/go.mod does not name ${requirement} and go with their versions`);
  }
  return { directory, version: version.replace(/^v/, ''), goVersion };
}
