import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { runTool } from '../deploy/tools/tools.ts';
import { alerts, RULES_FILE } from './alerts.ts';
import { expressions } from './dashboard.ts';
import { metricsIn } from './metric-names.ts';
import { type Check, type Course, type Firing, testRules } from './promtool.ts';
import { type RealRun, recordRun } from './real-run.ts';
import { type Scrape, TARGET } from './timeline.ts';

const rules = readFileSync(RULES_FILE, 'utf8');
const alertMetrics = new Set(alerts.flatMap(({ expr }) => metricsIn(expr)));

let recorded: Promise<RealRun> | undefined;

/** The run is made once, in the test that needs it first. */
function realRun(): Promise<RealRun> {
  recorded ??= recordRun();
  return recorded;
}

const DOWN = { alert: 'KeyturnOperatorDown', summary: 'No replica of Keyturn works.' };
const OVERDUE = {
  alert: 'KeyturnRevocationOverdue',
  summary: 'Applications with a client secret that should have ended: 1.',
};
const FAILING = {
  alert: 'KeyturnRevocationFailing',
  summary: 'Applications with a revocation that fails: 1.',
};
const HELD = {
  alert: 'KeyturnRotationHeld',
  summary: 'Rotations held (Suspended): 1.',
  labels: { ...TARGET, reason: 'Suspended' },
};
const LATE = {
  alert: 'KeyturnRotationOverdue',
  summary: 'Applications with a rotation that is overdue: 1.',
};

/** How long after a situation has ended an alert may go on, in minutes. */
const AFTER = 6;

function courses({ namespace, scrapes: s }: RealRun): Course[] {
  const providerDown = {
    alert: 'KeyturnProviderDown',
    summary: `OIDCProvider ${namespace}/pingone cannot be used.`,
    labels: {
      ...TARGET,
      provider_kind: 'OIDCProvider',
      provider_namespace: namespace,
      provider: 'pingone',
    },
  };
  const situation = (
    name: string,
    during: Scrape,
    /** From when on in the situation which alerts fire, in order. */
    steps: readonly (readonly [number, readonly Firing[]])[],
    [before, after]: readonly [Scrape, Scrape] = [s.fine, s.again],
  ): Course => {
    const start = 20;
    const [last = 0] = steps.at(-1) ?? [];
    const end = start + last + 10;
    const checks = steps.flatMap(([from, firing], index): Check[] => [
      [start + from - 1, steps[index - 1]?.[1] ?? []],
      [start + from + 1, firing],
    ]);
    return {
      name,
      spans: [
        [before, start],
        [during, last + 10],
        [after, 30],
      ],
      checks: [
        [10, []],
        [start - 1, []],
        ...checks,
        [end - 1, steps.at(-1)?.[1] ?? []],
        [end + AFTER, []],
        [end + 29, []],
      ],
    };
  };
  const { first: _, ...withoutFirst } = s.revocationOverdue;
  return [
    situation('revocation overdue', s.revocationOverdue, [[10, [OVERDUE]]], [s.fine, s.revoked]),
    situation('revocation failing', s.revocationFailing, [
      [5, [FAILING]],
      [10, [FAILING, OVERDUE]],
    ]),
    situation('rotation overdue', s.rotationOverdue, [[15, [LATE]]]),
    situation('rotation held by somebody', s.rotationHeld, [[60, [HELD]]]),
    situation('rotation that waits for a retained secret', s.rotationWaiting, [[120, []]]),
    situation('provider down', s.providerDown, [[10, [providerDown]]]),
    situation(
      'no replica can be scraped',
      s.nobody,
      [[5, [{ ...DOWN, labels: { name: 'keyturn' } }]]],
      [s.again, s.recovered],
    ),
    situation('no replica leads', s.noLeader, [[5, [DOWN]]], [s.again, s.recovered]),
    {
      name: 'a change of leader: no alert of its own, and what is overdue is so on',
      spans: [
        [s.fine, 20],
        [s.revocationOverdue, 6],
        [withoutFirst, 1],
        [s.takenOver, 13],
        [s.revoked, 20],
      ],
      checks: [
        [27, []],
        [29, []],
        [31, [OVERDUE]],
        [39, [OVERDUE]],
        [40 + AFTER, []],
        [59, []],
      ],
    },
    {
      name: 'a restart of all replicas within minutes: no alert',
      spans: [
        [s.fine, 20],
        [s.nobody, 2],
        [s.noLeader, 2],
        [s.recovered, 20],
      ],
      checks: [
        [21, []],
        [23.5, []],
        [30, []],
        [43, []],
      ],
    },
  ];
}

test('promtool finds nothing in the rules', async () => {
  const { code, stdout, stderr } = await runTool('promtool', ['check', 'rules', RULES_FILE]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain(`SUCCESS: ${alerts.length} rules found`);
});

test('each alert fires in its situation, and not before and not after', async () => {
  const { code, stdout, stderr } = await testRules(rules, courses(await realRun()), alertMetrics);
  expect({ code, told: stdout + stderr }).toEqual({
    code: 0,
    told: expect.stringContaining('SUCCESS'),
  });
}, 300_000);

test('every alert has a situation', async () => {
  const fired = courses(await realRun()).flatMap(({ checks = [] }) =>
    checks.flatMap(([, firing]) => firing.map(({ alert }) => alert)),
  );
  expect([...new Set(fired)].sort()).toEqual(alerts.map(({ alert }) => alert).sort());
}, 300_000);

test.for(alerts.map(({ alert }) => alert))(
  '%s: a misspelt metric would be found',
  { timeout: 300_000 },
  async (alert) => {
    const [name = ''] = metricsIn(alerts.find((each) => each.alert === alert)?.expr ?? '');
    const wrong = rules.replaceAll(name, `${name}_wrong`);
    const { code, stdout, stderr } = await testRules(wrong, courses(await realRun()), alertMetrics);
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain(alert);
  },
);

test('every query of the dashboard has a result at some time', async () => {
  const { scrapes } = await realRun();
  const spans = Object.values(scrapes).map((scrape): [Scrape, number] => [scrape, 6]);
  const course = { name: 'the dashboard', spans, resulting: expressions };
  const names = new Set(expressions.flatMap(metricsIn));
  const { code, stdout, stderr } = await testRules(rules, [course], names);
  expect({ code, told: stdout + stderr }).toEqual({
    code: 0,
    told: expect.stringContaining('SUCCESS'),
  });
}, 300_000);
