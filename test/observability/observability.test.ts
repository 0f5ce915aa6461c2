import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { alerts } from './alerts.ts';
import { dashboard, expressions, panels } from './dashboard.ts';
import { familyOf, metricsIn, registeredMetrics } from './metric-names.ts';

const registered = registeredMetrics();
const documented = readFileSync('docs/metrics.md', 'utf8');
/** Of the Node process, which docs/metrics.md names together. */
const OF_NODE = /^(?:process|nodejs)_/;

test('the names of metrics are found in an expression', () => {
  const expression =
    'max by (a, b) (last_over_time(one_total{c="d_e"}[5m])) > 0 or absent(two_seconds_bucket) and on (f) up';
  expect(metricsIn(expression)).toEqual(['one_total', 'two_seconds_bucket', 'up']);
});

test('every metric is listed', () => {
  const own = [...registered].filter((name) => !OF_NODE.test(name));
  expect(own.length).toBeGreaterThan(25);
  expect(own.filter((name) => !documented.includes(`\`${name}\``))).toEqual([]);
});

test('every metric that is listed exists', () => {
  const listed = [...documented.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell = '']) => [
    ...cell.matchAll(/`(\w+)`/g),
  ]);
  const names = listed.map(([, name = '']) => name);
  expect(names.length).toBeGreaterThan(25);
  expect(names.filter((name) => !registered.has(name))).toEqual([]);
});

test.for<[string, readonly string[]]>([
  ['alerts', alerts.map(({ expr }) => expr)],
  ['the dashboard', expressions],
])('%s: every metric exists', ([, used]) => {
  const names = used.flatMap(metricsIn).map(familyOf);
  expect(names.length).toBeGreaterThanOrEqual(used.length);
  expect(names.filter((name) => !registered.has(name))).toEqual([]);
});

describe.for(alerts)('alert $alert', ({ alert, expr, annotations, labels, ...rest }) => {
  test('has a runbook, to which it links', () => {
    const { runbook_url: link } = annotations;
    expect(link).toBe(`https://keyturn.dev/docs/runbooks/${alert}.md`);
    expect(readFileSync(`docs/runbooks/${alert}.md`, 'utf8')).toMatch(new RegExp(`^# ${alert}\n`));
  });

  test('tells how urgent it is, for how long, and what it means', () => {
    expect(['critical', 'warning']).toContain(labels.severity);
    expect(rest.for).toMatch(/^\d+[mh]$/);
    expect(annotations.summary.length).toBeGreaterThan(10);
    expect(annotations.description.length).toBeGreaterThan(50);
    expect(expr).toContain('keyturn');
  });
});

const RUNBOOK_PARTS = [
  'What it means',
  'How urgent',
  'How to look',
  'What to do',
  'How to know that it is over',
  'False alarms',
];

test('every runbook is of an alert, has every part, and is linked', () => {
  const files = globSync('docs/runbooks/*.md');
  const names = files.map((file) => basename(file, '.md'));
  expect(names.sort()).toEqual(alerts.map(({ alert }) => alert).sort());
  const overview = readFileSync('docs/observability.md', 'utf8');
  for (const name of names) {
    const text = readFileSync(`docs/runbooks/${name}.md`, 'utf8');
    const parts = [...text.matchAll(/^## (.*)$/gm)].map(([, part]) => part);
    expect(parts, name).toEqual(RUNBOOK_PARTS);
    expect(overview).toContain(`(runbooks/${name}.md)`);
  }
});

test('the dashboard: panels have a title, a description, a unit, and a data source to choose', () => {
  expect(dashboard.templating.list[0]).toMatchObject({ name: 'datasource', type: 'datasource' });
  expect(panels.length).toBeGreaterThan(15);
  for (const { title, description, datasource, targets = [], fieldConfig } of panels) {
    expect(title).not.toBe('');
    expect(description, title).toMatch(/\.$/);
    expect(fieldConfig?.defaults.unit, title).toBeDefined();
    expect(targets.length, title).toBeGreaterThan(0);
    for (const { uid } of [datasource ?? { uid: '' }, ...targets.map((each) => each.datasource)]) {
      expect(uid, title).toMatch(/^\$\{datasource\}$/);
    }
  }
});

test('the dashboard: panels have IDs of their own and lie beside each other', () => {
  const all = dashboard.panels;
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  const cells = all.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, index) => `${x + (index % w)} ${y + Math.floor(index / w)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
  expect(all.filter(({ gridPos: { x, w } }) => x + w > 24)).toEqual([]);
});

test('the files that docs/observability.md names exist', () => {
  const overview = readFileSync('docs/observability.md', 'utf8');
  const paths = [...overview.matchAll(/`(deploy\/[\w./-]+)`/g)].map(([, path = '']) => path);
  expect(paths.length).toBeGreaterThan(2);
  expect(paths.filter((path) => !existsSync(path))).toEqual([]);
});
