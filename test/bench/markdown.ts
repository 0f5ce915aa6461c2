import {
  type BenchReport,
  BULK_PHASES,
  type IdleReport,
  type Machine,
  type RestartReport,
  type RunReport,
} from './report.ts';
import type { Distribution } from './statistics.ts';

/** The report as Markdown: a table of the bulk phases, one of latencies at rest, one at rest. */
export function toMarkdown({ machine, runs }: BenchReport): string {
  const parts = [describe(machine, runs), bulkTable(runs), latencyTable(runs), restTable(runs)];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function describe(machine: Machine, runs: readonly RunReport[]): string {
  const { cores, processor, memoryGiB, loadAverage, date } = machine;
  const rounds = [...new Set(runs.map((run) => run.rounds))].join(', ');
  return (
    `${date}: ${cores} cores (${processor}), ${memoryGiB} GiB, load ${number(loadAverage, 1)} before; ` +
    `Node ${machine.node}, kube-apiserver ${machine.kubernetes}, etcd ${machine.etcd}. ` +
    `Rounds: ${rounds}.`
  );
}

function bulkTable(runs: readonly RunReport[]): string {
  const rows = runs.flatMap((run) =>
    BULK_PHASES.flatMap((phase) => {
      const summary = run[phase]?.summary;
      if (summary === undefined) return [];
      return [
        [
          run.applications.toLocaleString('en'),
          phase,
          number(summary.seconds, 1),
          number(summary.perSecond, 0),
          number(summary.ceilingPerSecond, 0),
          number(summary.ratio, 2),
          pair(summary.secret.fromRequest, 0),
          pair(summary.status.fromRequest, 0),
          number(summary.writesPerApplication, 3),
          number(summary.eventsPerApplication, 2),
          number(summary.cpuMsPerApplication, 2),
          `${number(summary.residentMiB, 0)} / ${number(summary.peakMiB, 0)}`,
        ],
      ];
    }),
  );
  return table(
    [
      'applications',
      'all at once',
      's',
      '/s',
      'ceiling /s',
      'ratio',
      'Secret p50 / p99 ms',
      'status p50 / p99 ms',
      'writes each',
      'events each',
      'CPU ms each',
      'resident / peak MiB',
    ],
    rows,
  );
}

function latencyTable(runs: readonly RunReport[]): string {
  const row = (run: RunReport, what: string, secret: Distribution, status: Distribution) => [
    run.applications.toLocaleString('en'),
    what,
    pair(secret, 1),
    number(secret.max, 1),
    pair(status, 1),
    number(status.max, 1),
  ];
  const rows = runs.flatMap((run) => {
    const { single, expire } = run;
    const result: string[][] = [];
    if (single !== undefined) {
      const { secret, status, revocations } = single;
      const what = `revoked, one of ${revocations} after the other, from`;
      result.push(row(run, `${what} the request`, secret.fromRequest, status.fromRequest));
      result.push(row(run, `${what} its answer`, secret.fromAnswer, status.fromAnswer));
    }
    if (expire !== undefined) {
      const what = `${expire.applications} expired, late by`;
      result.push(row(run, what, expire.secret, expire.status));
    }
    return result;
  });
  return table(
    ['applications', 'what', 'Secret p50 / p99 ms', 'max', 'status p50 / p99 ms', 'max'],
    rows,
  );
}

function restTable(runs: readonly RunReport[]): string {
  const none = (cells: number) => Array.from({ length: cells }, () => '–');
  const rows = runs.map(({ applications, idle, restart }) => [
    applications.toLocaleString('en'),
    ...(idle === undefined ? none(5) : idleCells(idle)),
    ...(restart === undefined ? none(4) : restartCells(restart)),
  ]);
  return table(
    [
      'applications',
      'idle s',
      'writes',
      'Lease writes',
      'CPU % of a core',
      'resident MiB',
      'restart to Ready s',
      'writes for the others',
      'CPU s',
      'resident / peak MiB',
    ],
    rows,
  );
}

function idleCells(idle: IdleReport): string[] {
  return [
    number(idle.seconds, 0),
    number(idle.writes, 0),
    number(idle.leases, 0),
    number(idle.cpuPercent, 2),
    number(idle.residentMiB, 0),
  ];
}

function restartCells({ seconds, rounds }: RestartReport): string[] {
  const most = (values: readonly number[]) => Math.max(...values);
  return [
    number(seconds, 2),
    number(most(rounds.map(({ otherWrites }) => otherWrites)), 0),
    number(most(rounds.map(({ cpuSeconds }) => cpuSeconds)), 2),
    `${number(most(rounds.map(({ residentMiB }) => residentMiB)), 0)} / ` +
      number(most(rounds.map(({ peakMiB }) => peakMiB)), 0),
  ];
}

function pair({ p50, p99 }: Distribution, digits: number): string {
  return `${number(p50, digits)} / ${number(p99, digits)}`;
}

function number(value: number, digits: number): string {
  return value.toFixed(digits);
}

/** Empty where there are no rows. */
function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}
