import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import { parse } from 'yaml';
import { arrayAt, objectAt, stringAt } from './kubernetes/json.ts';

/**
 * Has the tokens of users with a `tokenFile` come from there, as kubectl has it: the client library
 * passes that field over. `files` are the kubeconfigs that `config` was loaded from.
 */
export function useTokenFiles(config: KubeConfig, files: readonly string[]): void {
  const tokenFiles = new Map(files.filter((file) => existsSync(file)).flatMap(tokenFilesIn));
  config.users = config.users.map((user) => {
    const tokenFile = tokenFiles.get(user.name);
    if (tokenFile === undefined) return user;
    const { token: _, ...others } = user;
    return { ...others, authProvider: { name: 'tokenFile', config: { tokenFile } } };
  });
}

/** Names of users and the paths of their token files; those are relative to the kubeconfig. */
function tokenFilesIn(file: string): [string, string][] {
  const document: unknown = parse(readFileSync(file, 'utf8'), { logLevel: 'error' });
  return arrayAt(document, 'users').flatMap((entry): [string, string][] => {
    const name = stringAt(entry, 'name');
    const tokenFile = stringAt(objectAt(entry, 'user'), 'tokenFile');
    return name && tokenFile ? [[name, resolve(dirname(file), tokenFile)]] : [];
  });
}
