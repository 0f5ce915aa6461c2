import { expect, onTestFinished, test } from 'vitest';
import { isJsonObject } from '../../src/kubernetes/json.ts';
import { createProcessGroup } from '../testbed/processes.ts';
import { bundleOperator } from './bundle.ts';
import { describeMachine } from './machine.ts';
import { toMarkdown } from './markdown.ts';
import { BULK_PHASES } from './report.ts';
import { run } from './run.ts';

const LIMIT_MS = 180_000;

/** The paths of all numbers in a report that are not finite. */
function gaps(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => gaps(item, `${path}.${index}`));
  if (isJsonObject(value)) {
    return Object.entries(value).flatMap(([key, member]) => gaps(member, `${path}.${key}`));
  }
  return typeof value === 'number' && !Number.isFinite(value) ? [path] : [];
}

test(
  'a benchmark reports all figures, and two writes an application',
  async () => {
    const group = await createProcessGroup();
    onTestFinished(group.stop);
    const applications = 20;

    const report = await run({
      group,
      program: await bundleOperator(group.directory),
      applications,
      namespaces: 3,
      rounds: 1,
      phases: ['create', 'rotate', 'revoke', 'single', 'idle', 'restart'],
      concurrency: 20,
      expiries: 1,
      revocations: 3,
      idleSeconds: 3,
      progress: () => undefined,
    });

    expect(gaps(report)).toEqual([]);
    for (const phase of BULK_PHASES) {
      expect(report[phase]?.summary.writesPerApplication, phase).toBe(2);
    }
    const created = report.create?.rounds[0]?.requests;
    expect(created).toMatchObject({
      'POST secrets': applications,
      'PATCH oidcapplications/status': applications,
    });
    const changed = {
      'PATCH secrets': applications,
      'PATCH oidcapplications/status': applications,
    };
    expect(report.rotate?.rounds[0]?.requests).toMatchObject(changed);
    expect(report.revoke?.rounds[0]?.requests).toMatchObject(changed);
    expect(report.single?.revocations).toBe(3);
    expect(report.idle).toMatchObject({ writes: 0, events: 0, changesSeen: 0 });
    expect(report.idle?.leases).toBeGreaterThan(0);
    expect(report.restart?.rounds).toMatchObject([{ otherWrites: 0 }]);
    const markdown = toMarkdown({ machine: describeMachine(), runs: [report] });
    expect(markdown).not.toMatch(/NaN|Infinity|undefined/);
  },
  LIMIT_MS,
);
