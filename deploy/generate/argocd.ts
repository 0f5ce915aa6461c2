import { readdirSync } from 'node:fs';
import { Document, Scalar } from 'yaml';
import { type Output, pathOf, read } from './files.ts';

const CUSTOMIZATIONS = 'deploy/argocd/resource_customizations';
const CONFIG_MAP = 'deploy/argocd/argocd-cm.yaml';

/** Argo CD's health checks: a ConfigMap of the scripts in the folders that Argo CD keeps its own in. */
export function argocd(): readonly Output[] {
  const group = `${CUSTOMIZATIONS}/keyturn.dev`;
  const ofProvider = `${group}/OIDCProvider/health.lua`;
  return [
    {
      path: `${group}/ClusterOIDCProvider/health.lua`,
      content: () => `-- Generated from ${ofProvider}: do not edit.\n${read(ofProvider)}`,
    },
    { path: CONFIG_MAP, content: configMap },
  ];
}

function configMap(): string {
  const document = new Document({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: 'argocd-cm',
      labels: { 'app.kubernetes.io/name': 'argocd-cm', 'app.kubernetes.io/part-of': 'argocd' },
    },
    data: Object.fromEntries(scripts()),
  });
  document.commentBefore = ` Generated from ${CUSTOMIZATIONS} by \`make generate\`: do not edit.`;
  return document.toString({ lineWidth: 0 });
}

function scripts(): [string, Scalar<string>][] {
  return folders(CUSTOMIZATIONS).flatMap((group) =>
    folders(`${CUSTOMIZATIONS}/${group}`).map((kind): [string, Scalar<string>] => {
      const script = new Scalar(read(`${CUSTOMIZATIONS}/${group}/${kind}/health.lua`));
      script.type = 'BLOCK_LITERAL';
      return [`resource.customizations.health.${group}_${kind}`, script];
    }),
  );
}

function folders(path: string): string[] {
  return readdirSync(pathOf(path)).sort();
}
