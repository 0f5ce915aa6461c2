import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { LiveObject } from './live.ts';
import { ask } from './tools/tools.ts';

interface Judgement {
  readonly status: string;
  readonly message: string;
}

/** How Argo CD and Flux show an object. */
export interface Health {
  readonly argocd: Judgement;
  readonly kstatus: Judgement;
}

export const ARGOCD_CM = 'deploy/argocd/argocd-cm.yaml';

/** What an administrator puts into the ConfigMap argocd-cm. */
export const customizations: Readonly<Record<string, string>> = parse(
  readFileSync(ARGOCD_CM, 'utf8'),
).data;

export async function healthOf(objects: readonly LiveObject[]): Promise<Health[]> {
  const checks = objects.map((object) => ({ script: scriptFor(object), object }));
  const [argocd, kstatus] = await Promise.all([
    ask<Judgement>('argocd-health', checks),
    ask<Judgement>('kstatus', objects),
  ]);
  return objects.map((_, at) => ({ argocd: nth(argocd, at), kstatus: nth(kstatus, at) }));
}

function scriptFor({ kind }: LiveObject): string {
  const script = customizations[`resource.customizations.health.keyturn.dev_${kind}`];
  if (script === undefined) throw new Error(`no health check for ${kind}`);
  return script;
}

function nth(judgements: readonly Judgement[], at: number): Judgement {
  const judgement = judgements[at];
  if (judgement === undefined) throw new Error(`${judgements.length} answers are too few`);
  return judgement;
}
