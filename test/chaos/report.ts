import type { RunResult } from './run.ts';
import type { Trace } from './trace.ts';

const STEPS = 40;

/** What is told of a run at its end; of a failed one, how to repeat it. */
export function report(seed: number, result: RunResult, trace: Trace): string {
  const { rounds, steps, violations, counts } = result;
  const done = `seed ${seed}: ${rounds} rounds, ${steps} steps`;
  const lines = [
    ...Object.entries(counts).map(([what, count]) => `  ${String(count).padStart(7)} ${what}`),
    `The trace is in ${trace.path}.`,
  ];
  if (violations.length === 0) return `${[`${done}, no violation`, ...lines].join('\n')}\n`;
  return `${[
    `${done}, then:`,
    ...violations.map((violation) => `  ${violation}`),
    'The last steps:',
    trace.steps(STEPS),
    ...lines,
    `To repeat it: make chaos SEED=${seed} ROUNDS=${rounds}`,
  ].join('\n')}\n`;
}
