import { readFileSync } from 'node:fs';

interface Target {
  readonly datasource: { readonly uid: string };
  readonly expr: string;
}

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly datasource?: { readonly uid: string };
  readonly targets?: readonly Target[];
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } };
  readonly gridPos: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
  };
}

interface Dashboard {
  readonly uid: string;
  readonly panels: readonly Panel[];
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly type: string }[];
  };
}

export const dashboard: Dashboard = JSON.parse(
  readFileSync('deploy/components/dashboard/keyturn.json', 'utf8'),
);

/** All panels that show something. */
export const panels = dashboard.panels.filter(({ type }) => type !== 'row');

/** Every expression of the dashboard, its variables put in as Grafana does. */
export const expressions = panels.flatMap(({ targets = [] }) =>
  targets.map(({ expr }) =>
    expr.replaceAll('$__rate_interval', '5m').replaceAll(/\$(?:namespace|job)\b/g, '.*'),
  ),
);
