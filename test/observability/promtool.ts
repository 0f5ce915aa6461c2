import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { runTool } from '../deploy/tools/tools.ts';
import type { Execution } from '../testbed/execute.ts';
import { alertNamed } from './alerts.ts';
import { INTERVAL_SECONDS, inputSeries, type Span, TARGET } from './timeline.ts';

/** An alert that is to fire, with what is told of it beside what its rule says. */
export interface Firing {
  readonly alert: string;
  readonly summary: string;
  /** Left out: those of the target. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** Which alerts fire at a time, and no others, in minutes from the beginning. */
export type Check = readonly [minutes: number, firing: readonly Firing[]];

export interface Course {
  readonly name: string;
  readonly spans: readonly Span[];
  readonly checks?: readonly Check[];
  /** Expressions that have a result at some time. */
  readonly resulting?: readonly string[];
}

const ALL_FIRING = 'count by (alertname) (ALERTS{alertstate="firing"})';

/** Has promtool go through courses of events with these rules. */
export async function testRules(
  rules: string,
  courses: readonly Course[],
  names: ReadonlySet<string>,
): Promise<Execution> {
  const interval = `${INTERVAL_SECONDS}s`;
  const tests = {
    rule_files: ['rules.yaml'],
    evaluation_interval: interval,
    tests: courses.map(({ name, spans, checks = [], resulting = [] }) => ({
      name,
      interval,
      input_series: inputSeries(spans, names),
      promql_expr_test: [
        ...checks.map(([minutes, firing]) => onlyThese(minutes, firing)),
        ...resulting.map((expression) => hasResult(expression, lengthOf(spans))),
      ],
      alert_rule_test: checks.flatMap(([minutes, firing]) =>
        firing.map((each) => inFull(minutes, each)),
      ),
    })),
  };
  const folder = mkdtempSync(join(tmpdir(), 'keyturn-rules-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  writeFileSync(join(folder, 'rules.yaml'), rules);
  const file = join(folder, 'tests.yaml');
  writeFileSync(file, stringify(tests, { lineWidth: 0, aliasDuplicateObjects: false }));
  return await runTool('promtool', ['test', 'rules', file]);
}

function onlyThese(minutes: number, firing: readonly Firing[]) {
  return {
    expr: ALL_FIRING,
    eval_time: seconds(minutes),
    exp_samples: firing.map(({ alert }) => ({ labels: `{alertname="${alert}"}`, value: 1 })),
  };
}

function inFull(minutes: number, { alert, summary, labels = TARGET }: Firing) {
  const rule = alertNamed(alert);
  return {
    eval_time: seconds(minutes),
    alertname: alert,
    exp_alerts: [
      {
        exp_labels: { ...rule.labels, ...labels },
        exp_annotations: { ...rule.annotations, summary },
      },
    ],
  };
}

function hasResult(expression: string, minutes: number) {
  const expr = `count(count_over_time((${expression})[${minutes}m:${INTERVAL_SECONDS}s])) > bool 0`;
  return { expr, eval_time: seconds(minutes), exp_samples: [{ labels: '{}', value: 1 }] };
}

/** Prometheus knows no fractions. */
function seconds(minutes: number): string {
  return `${minutes * 60}s`;
}

function lengthOf(spans: readonly Span[]): number {
  return spans.reduce((sum, [, minutes]) => sum + minutes, 0);
}
