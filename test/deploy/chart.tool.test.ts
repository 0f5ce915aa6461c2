import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import manifest from '../../package.json' with { type: 'json' };
import { cluster } from '../setup/cluster.ts';
import { INSTALL, kustomize, type Manifest, manifestsIn } from './manifests.ts';
import { runTool } from './tools/tools.ts';

const CHART = 'deploy/helm/keyturn';

/** What the chart makes with these values, given as `--set-json` takes them. */
async function rendered(...values: string[]): Promise<string> {
  const { code, stdout, stderr } = await template(...values);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

function template(...values: string[]) {
  const flags = values.flatMap((value) => ['--set-json', value]);
  return runTool('helm', ['template', 'keyturn', CHART, '--namespace=keyturn-system', ...flags]);
}

/** What Helm adds to objects, or leaves to the administrator, is not compared. */
function compared(yaml: string): Manifest[] {
  return manifestsIn(yaml)
    .filter(({ kind }) => kind !== 'Namespace')
    .map((object) => {
      const { metadata, ...rest } = structuredClone(object);
      const { labels, annotations, ...identity }: Metadata = metadata;
      const component = labels?.['app.kubernetes.io/component'];
      return { ...rest, metadata: identity, component };
    });
}

type Metadata = Manifest['metadata'] & {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
};

test('a linter that is strict finds nothing', async () => {
  const { code, stdout } = await runTool('helm', ['lint', '--strict', CHART]);
  expect(stdout).toContain('0 chart(s) failed');
  expect(code).toBe(0);
});

test('with its default values, the chart holds what install.yaml holds', async () => {
  expect(compared(await rendered())).toEqual(compared(readFileSync(INSTALL, 'utf8')));
});

test.for<[string, string]>([
  ['deploy/overlays/revoke-gate', 'revokeGate.enabled=true'],
  ['deploy/overlays/namespaced', 'namespaces=["shop","billing"]'],
])('what %s is for, the chart makes of %s', async ([folder, values]) => {
  expect(compared(await rendered(values))).toEqual(compared(await kustomize(cluster, folder)));
});

test('with everything switched on, it holds what all overlays and components hold', async () => {
  const values = [
    'namespaces=["shop","billing"]',
    'revokeGate.enabled=true',
    'serviceMonitor.enabled=true',
    'prometheusRule.enabled=true',
    'grafanaDashboard.enabled=true',
    'image.repository="registry.example.com/keyturn"',
  ];
  const everything = await kustomize(cluster, 'test/deploy/overlay');
  expect(compared(await rendered(...values))).toEqual(compared(everything));
});

test('CRDs are kept unless asked otherwise, and can be left out', async () => {
  const definition = 'kind: CustomResourceDefinition';
  expect(await rendered()).toContain('helm.sh/resource-policy: keep');
  const deletable = await rendered('crds.keep=false');
  expect(deletable).toContain(definition);
  expect(deletable).not.toContain('helm.sh/resource-policy');
  expect(await rendered('crds.install=false')).not.toContain(definition);
});

test('every value is made use of', async () => {
  const yaml = await rendered(
    'image={"digest": "sha256:0000000000000000000000000000000000000000000000000000000000000000"}',
    'image.pullPolicy="Always"',
    'imagePullSecrets=[{"name": "registry"}]',
    'replicas=3',
    'extraArgs=["--log-level=debug"]',
    'revokeGate={"enabled": true, "shortestRetention": "12h"}',
    'networkPolicy={"egressPorts": [16443], "scrapeFrom": {"matchLabels": {"scrape": "here"}}}',
    'serviceMonitor={"enabled": true, "interval": "15s", "labels": {"release": "prometheus"}}',
    'prometheusRule={"enabled": true, "labels": {"rules": "here"}, "runbookURL": "https://wiki.example.com/keyturn"}',
    'grafanaDashboard={"enabled": true, "labels": {"board": "there"}, "annotations": {"folder": "Identity"}}',
    'resources={"limits": {"memory": "2Gi"}}',
    'podAnnotations={"note": "annotated"}',
    'podLabels={"team": "labelled"}',
    'priorityClassName="high"',
    'nodeSelector={"pool": "system"}',
    'tolerations=[{"key": "reserved", "operator": "Exists"}]',
    'affinity={"nodeAffinity": {}}',
  );
  for (const text of [
    /image: keyturn\.dev\/keyturn@sha256:0{64}\n/,
    /imagePullPolicy: Always/,
    /imagePullSecrets:\n +- name: registry/,
    /replicas: 3/,
    /- --leader-elect\n +- "--log-level=debug"/,
    /expression: duration\('12h'\)/,
    /port: 16443/,
    /scrape: here/,
    /interval: "15s"/,
    /release: prometheus/,
    /rules: here/,
    /runbook_url: https:\/\/wiki\.example\.com\/keyturn\/KeyturnOperatorDown\.md/,
    /board: there/,
    /folder: Identity/,
    /memory: 2Gi/,
    /note: annotated/,
    /team: labelled/,
    /priorityClassName: "high"/,
    /pool: system/,
    /key: reserved/,
    /nodeAffinity: \{\}/,
  ]) {
    expect(yaml).toMatch(text);
  }
  for (const without of ['podDisruptionBudget', 'networkPolicy']) {
    const kind = `kind: ${without.charAt(0).toUpperCase()}${without.slice(1)}`;
    expect(yaml).toContain(kind);
    expect(await rendered(`${without}.enabled=false`)).not.toContain(kind);
  }
});

test.for<[string, string, string]>([
  ['a value that does not exist', 'replica=1', 'replica'],
  ['a namespace that cannot be', 'namespaces=["Shop"]', 'namespaces'],
  ['a flag that is none', 'extraArgs=["log-level=debug"]', 'extraArgs'],
  ['replicas that do not elect a leader', 'extraArgs=["--leader-elect=false"]', 'extraArgs'],
  ['another port than that of the probes', 'extraArgs=["--listen=:9090"]', 'extraArgs'],
  ['namespaces without rights in them', 'extraArgs=["--namespaces=shop"]', 'extraArgs'],
  ['a duration that is none', 'revokeGate.shortestRetention="1 hour"', 'shortestRetention'],
  ['a gate that lets 0s through', 'revokeGate.shortestRetention="0h0m"', 'shortestRetention'],
  ['an image with its tag', 'image.repository="registry.example.com/keyturn:1"', 'repository'],
  ['an image with its protocol', 'image.repository="https://registry.example.com/k"', 'repository'],
  ['a tag that is none', 'image.tag="-latest"', 'tag'],
  ['a text that YAML would read otherwise', 'prometheusRule.runbookURL="https://a/ #b"', 'runbook'],
  ['a place of runbooks that is none', 'prometheusRule.runbookURL="wiki"', 'runbookURL'],
  ['replicas as text', 'replicas="2"', 'replicas'],
  ['a port that cannot be', 'networkPolicy.egressPorts=[0]', 'egressPorts'],
  ['a digest that is none', 'image.digest="latest"', 'digest'],
])('%s is refused by name', async ([, values, field]) => {
  const { code, stderr } = await template(values);
  expect(code).not.toBe(0);
  expect(stderr).toContain(field);
});

test.for([
  ...['image', 'replicas', 'namespaces', 'crds', 'revokeGate', 'networkPolicy'],
  ...['podDisruptionBudget', 'serviceMonitor', 'prometheusRule', 'grafanaDashboard'],
])('%s=null, which takes the default away, is refused by name', async (field) => {
  const { code, stderr } = await template(`${field}=null`);
  expect(code).not.toBe(0);
  expect(stderr).toContain(`missing property '${field}'`);
});

test('names that look like numbers stay names', async () => {
  const yaml = await rendered('namespaces=["1000"]', 'priorityClassName="2000"');
  const lines = yaml.match(/^ +(namespace|priorityClassName): .*$/gm) ?? [];
  expect(lines).toEqual(
    expect.arrayContaining(['  namespace: "1000"', '      priorityClassName: "2000"']),
  );
  expect(lines.filter((line) => !line.endsWith('"'))).toEqual([]);
});

test('every value has a type, and every type a value', () => {
  const [values] = parseAllDocuments(readFileSync(`${CHART}/values.yaml`, 'utf8'));
  const schema = JSON.parse(readFileSync(`${CHART}/values.schema.json`, 'utf8'));
  const typed = Object.keys(schema.properties).filter((name) => name !== 'global');
  expect(Object.keys(values?.toJS()).sort()).toEqual(typed.sort());
});

test('chart and application are of the version of the project', async () => {
  const { stdout } = await runTool('helm', ['show', 'chart', CHART]);
  expect(stdout).toMatch(new RegExp(`^version: ${manifest.version}$`, 'm'));
  expect(stdout).toMatch(new RegExp(`^appVersion: ${manifest.version}$`, 'm'));
});
