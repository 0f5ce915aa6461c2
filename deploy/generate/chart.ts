import { readdirSync } from 'node:fs';
import { parseDocument } from 'yaml';
import { type Output, pathOf, read } from './files.ts';

const CHART = 'deploy/helm/keyturn';
const NAMESPACE = 'keyturn-system';
const ALERTS = 'deploy/components/alerts/prometheus-rule.yaml';
const DASHBOARD = 'deploy/components/dashboard/keyturn.json';

interface Project {
  readonly version: string;
  readonly image: string;
  readonly homepage: string;
}

/** What the chart has from elsewhere: its versions, the image, CRDs, rights, the revoke gate, alerts and dashboard. */
export function chart({ version, image, homepage }: Project): readonly Output[] {
  return [
    {
      path: `${CHART}/Chart.yaml`,
      content: () =>
        withValues(`${CHART}/Chart.yaml`, { version, appVersion: version, home: homepage }),
    },
    {
      path: `${CHART}/values.yaml`,
      content: () => withValues(`${CHART}/values.yaml`, { 'image.repository': image }),
    },
    { path: `${CHART}/templates/crds.yaml`, content: definitions },
    { path: `${CHART}/templates/rbac.yaml`, content: rights },
    { path: `${CHART}/templates/revoke-gate.yaml`, content: revokeGate },
    { path: `${CHART}/files/alerts.yaml`, content: alerts },
    { path: `${CHART}/files/dashboard.json`, content: () => read(DASHBOARD) },
  ];
}

function withValues(path: string, values: Readonly<Record<string, string>>): string {
  const document = parseDocument(read(path));
  for (const [at, value] of Object.entries(values)) document.setIn(at.split('.'), value);
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

function definitions(): string {
  const keep = [
    '  {{- if .Values.crds.keep }}',
    '  annotations:',
    '    helm.sh/resource-policy: keep',
    '  {{- end }}',
  ].join('\n');
  const texts = readdirSync(pathOf('crds'))
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => literal(`crds/${name}`).replace(/^metadata:\n {2}name: .*$/m, `$&\n${keep}`));
  return template('crds/', texts.join('---\n'), '.Values.crds.install');
}

function rights(): string {
  const documents = literal('deploy/base/rbac.yaml').split(/^---\n/m);
  const kept = documents.filter((text) => kindOf(text) !== 'Namespace').map(released);
  const texts = kept.map((text) =>
    kindOf(text) === 'ClusterRoleBinding'
      ? ['{{- if not .Values.namespaces }}\n', '---\n', text, '{{- end }}\n', inEach(text)].join('')
      : `---\n${text}`,
  );
  return template('deploy/base/rbac.yaml', texts.join(''));
}

/** Rights on all namespaces, made into the same rights on each of some. */
function inEach(clusterRoleBinding: string): string {
  const binding = clusterRoleBinding
    .replace('kind: ClusterRoleBinding', 'kind: RoleBinding')
    .replace(/^metadata:\n {2}name: .*$/m, '$&\n  namespace: {{ . | quote }}');
  return ['{{- range .Values.namespaces }}\n', '---\n', binding, '{{- end }}\n'].join('');
}

function revokeGate(): string {
  const folder = 'deploy/components/revoke-gate';
  const text = [`${folder}/cluster-roles.yaml`, `${folder}/policy.yaml`].map(literal).join('---\n');
  const duration = "duration('{{ .Values.revokeGate.shortestRetention }}')";
  return template(
    folder,
    released(text.replace("duration('1h')", duration)),
    '.Values.revokeGate.enabled',
  );
}

/** The rules alone, as Prometheus itself reads them. */
function alerts(): string {
  const [, spec = ''] = read(ALERTS).split(/^spec:\n/m);
  const origin = `# Generated from ${ALERTS} by \`make generate\`: do not edit.\n`;
  return origin + spec.replace(/^ {2}/gm, '');
}

function kindOf(text: string): string | undefined {
  return text.match(/^kind: (.*)$/m)?.[1];
}

/** With the namespace and the labels of the release. */
function released(text: string): string {
  return text
    .replaceAll(`namespace: ${NAMESPACE}`, 'namespace: {{ $.Release.Namespace | quote }}')
    .replace(
      /^ {4}app\.kubernetes\.io\/name: keyturn$/gm,
      '    {{- include "keyturn.labels" $ | nindent 4 }}',
    );
}

/** The text of a file, which must mean nothing to Helm. */
function literal(path: string): string {
  const text = `${read(path).trimEnd()}\n`;
  if (text.includes('{{')) throw new Error(`${path} has two braces, which Helm would read`);
  return text;
}

function template(origin: string, text: string, condition?: string): string {
  const comment = `{{- /* Generated from ${origin} by \`make generate\`: do not edit. */}}\n`;
  if (condition === undefined) return `${comment}${text}`;
  return `${comment}{{- if ${condition} }}\n${text}{{- end }}\n`;
}
