import type { OIDCApplicationSpec } from '../../src/api/oidcapplication.gen.ts';
import { admin, type Workspace } from '../controller/harness.ts';
import { adminClient } from '../setup/cluster.ts';

/** What a backup tool keeps of an application and its Secret: no UID, no status, no owner. */
export interface Backup {
  readonly name: string;
  readonly spec: OIDCApplicationSpec;
  readonly secret: object & { readonly metadata: { readonly namespace: string; name: string } };
}

export async function backUp(workspace: Workspace, name: string): Promise<Backup> {
  const { spec } = await workspace.application(name);
  const { metadata, data, type } = await workspace.secret(name);
  const { namespace, labels, annotations } = metadata;
  return {
    name,
    spec,
    secret: {
      ...{ apiVersion: 'v1', kind: 'Secret', type, data },
      metadata: { namespace, name, ...(labels && { labels }), ...(annotations && { annotations }) },
    },
  };
}

export async function lose({ namespace }: Workspace, names: readonly string[]): Promise<void> {
  for (const name of names) {
    await admin.applications.delete({ namespace, name });
    await admin.secrets.delete({ namespace, name });
  }
}

export async function restoreSecrets(backups: readonly Backup[]): Promise<void> {
  for (const { secret } of backups) await admin.secrets.create(secret);
}

/** Puts the Secret of a backup in the place of the one that is there. */
export async function overwriteSecret({ secret }: Backup): Promise<void> {
  await adminClient.objects.replace(secret);
}

export async function restoreApplications(
  workspace: Workspace,
  backups: readonly Backup[],
): Promise<void> {
  for (const { name, spec } of backups) await workspace.create(name, spec);
}
