import { join } from 'node:path';
import { startControlPlane } from '../testbed/control-plane.ts';
import { installCustomResources, installOperatorRights } from '../testbed/install.ts';
import { parseOptions } from './options.ts';
import { report } from './report.ts';
import { run } from './run.ts';
import { Trace } from './trace.ts';

const { seed, seconds, rounds, out } = parseOptions(process.argv.slice(2));
const trace = new Trace(join(out, `seed-${seed}.jsonl`));
const progress = (message: string) => process.stderr.write(`chaos, seed ${seed}: ${message}\n`);
progress('starting the control plane');
const controlPlane = await startControlPlane();
try {
  await installOperatorRights(controlPlane);
  await installCustomResources(controlPlane);
  const namespaces = ['chaos-0', 'chaos-1'];
  const result = await run({ controlPlane, namespaces, seed, seconds, rounds, trace, progress });
  process.stdout.write(report(seed, result, trace));
  if (result.violations.length > 0) process.exitCode = 1;
} finally {
  await controlPlane.stop();
}
