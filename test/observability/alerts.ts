import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** The rules alone, as Prometheus itself reads them. */
export const RULES_FILE = 'deploy/helm/keyturn/files/alerts.yaml';

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: { readonly severity: string };
  readonly annotations: {
    readonly summary: string;
    readonly description: string;
    readonly runbook_url: string;
  };
}

interface RuleGroups {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Alert[] }[];
}

const { spec }: { spec: RuleGroups } = parse(
  readFileSync('deploy/components/alerts/prometheus-rule.yaml', 'utf8'),
);

export const alerts = spec.groups.flatMap(({ rules }) => rules);

export function alertNamed(name: string): Alert {
  const found = alerts.find(({ alert }) => alert === name);
  if (found === undefined) throw new Error(`there is no alert ${name}`);
  return found;
}
