import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { cluster } from '../setup/cluster.ts';
import { report } from './report.ts';
import { run } from './run.ts';
import { Trace } from './trace.ts';

// One that brings many of the things that can go wrong in its first rounds.
const SEED = 640;
const SECONDS = 40;

test('whatever goes wrong, exactly the right secrets are valid', { timeout: 300_000 }, async () => {
  const suffix = randomBytes(4).toString('hex');
  const trace = new Trace(`dist/chaos/test-${SEED}.jsonl`);
  const result = await run({
    controlPlane: cluster,
    namespaces: [`chaos-${suffix}-0`, `chaos-${suffix}-1`],
    seed: SEED,
    seconds: SECONDS,
    rounds: Number.POSITIVE_INFINITY,
    trace,
  });
  const told = report(SEED, result, trace);
  expect(result.violations, told).toEqual([]);
  expect(result.rounds, told).toBeGreaterThanOrEqual(2);
  const judged = Object.entries(result.counts).filter(([what]) => what.startsWith('judged: '));
  expect(
    judged.reduce((sum, [, count]) => sum + count, 0),
    told,
  ).toBeGreaterThan(30);
});
