import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { createProcessGroup } from '../testbed/processes.ts';
import { elapsed } from '../testbed/progress.ts';
import { bundleOperator } from './bundle.ts';
import { describeMachine } from './machine.ts';
import { toMarkdown } from './markdown.ts';
import { parseOptions } from './options.ts';
import type { BenchReport, RunReport } from './report.ts';
import { run } from './run.ts';

const { applications: counts, out, ...options } = parseOptions(process.argv.slice(2));
const startedAt = Date.now();
const machine = describeMachine();
mkdirSync(dirname(out), { recursive: true });

const group = await createProcessGroup();
const runs: RunReport[] = [];
try {
  const program = await bundleOperator(group.directory);
  for (const applications of counts) {
    const progress = (message: string) =>
      process.stderr.write(
        `bench ${elapsed(startedAt)}: ${applications} applications: ${message}\n`,
      );
    runs.push(await run({ ...options, applications, group, program, progress }));
    // After each, so that a long run that fails later has not been for nothing.
    writeReport({ machine, runs });
  }
} finally {
  await group.stop();
}
process.stdout.write(toMarkdown({ machine, runs }));

function writeReport(report: BenchReport): void {
  writeFileSync(`${out}.md`, toMarkdown(report));
  writeFileSync(`${out}.json`, `${JSON.stringify(report, undefined, 2)}\n`);
}
