import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { healthOf } from './health.ts';
import type { LiveObject } from './live.ts';
import { localPhases } from './phases/local.ts';
import { providerPhases } from './phases/provider.ts';
import { providerResourcePhases } from './phases/provider-resources.ts';

const phases = [...localPhases, ...providerPhases, ...providerResourcePhases];

/** The objects as they were when their phase was judged. */
const recorded = new Map<string, LiveObject>();

test.for(phases)('$name: $argocd, $kstatus', async ({ name, reach, argocd, kstatus, tells }) => {
  const object = await reach();
  recorded.set(name, object);
  const [health] = await healthOf([object]);
  expect(health).toMatchObject({ argocd: { status: argocd }, kstatus: { status: kstatus } });
  const told = object.status?.conditions?.find(({ type }) => type === tells)?.message;
  expect(health?.argocd.message).toEqual(told ?? expect.stringMatching(/^The .*\.$/));
});

test('no object is Current or Healthy but with Ready True at the present generation', async () => {
  const objects = [...recorded.values()];
  const healths = await healthOf(objects);
  expect(objects).toHaveLength(phases.length);
  for (const [at, { metadata, status }] of objects.entries()) {
    const ready = status?.conditions?.find(({ type }) => type === 'Ready');
    const isReady = ready?.status === 'True' && ready.observedGeneration === metadata.generation;
    const health = healths[at];
    if (health?.kstatus.status === 'Current') expect(isReady).toBe(true);
    if (health?.argocd.status === 'Healthy') expect(isReady).toBe(true);
    const stalled = status?.conditions?.some(
      ({ type, status: is }) => type === 'Stalled' && is === 'True',
    );
    expect(health?.kstatus.status === 'Failed').toBe(stalled === true);
  }
});

/** Reasons that no phase here comes to rest with, and why. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  NotPublished: 'what keeps a client secret from being published has a reason of its own each time',
  ProviderBusy: 'it passes before it is told, unless many applications wait at once',
  RotationPolicyMissing: 'Keycloak alone; it stalls as ClientNotFound does',
};

/** The reasons in the first columns of the tables between two headings or sentences. */
function documented(from: string, to: string): Set<string> {
  const text = readFileSync('docs/troubleshooting.md', 'utf8');
  const part = text.slice(text.indexOf(from), text.indexOf(to, text.indexOf(from)));
  const cells = part.split('\n').flatMap((line) => line.match(/^\|([^|]*)\|/)?.[1] ?? []);
  return new Set(
    cells.flatMap((cell) => [...cell.matchAll(/`([A-Z]\w+)`/g)].map(([, r]) => r ?? '')),
  );
}

function reasonsOf(...kinds: readonly string[]): Set<string> {
  const objects = [...recorded.values()].filter(({ kind }) => kinds.includes(kind));
  return new Set(objects.flatMap(({ status }) => status?.conditions ?? []).map((c) => c.reason));
}

test('every documented reason was judged, or is known not to be', () => {
  const toApplication = 'What keeps an application from its client';
  const ofApplications = documented('### Ready', '## Identity providers').union(
    documented(toApplication, '## Events'),
  );
  expect(ofApplications.size).toBeGreaterThan(35);
  expect([...ofApplications.difference(reasonsOf('OIDCApplication'))].sort()).toEqual(
    Object.keys(ELSEWHERE).sort(),
  );
  const ofProviders = documented('## Identity providers', toApplication);
  expect(ofProviders.size).toBeGreaterThan(7);
  for (const kind of ['OIDCProvider', 'ClusterOIDCProvider']) {
    expect([...ofProviders.difference(reasonsOf(kind))]).toEqual([]);
  }
});

test.for([
  ['NotPublished', 'Progressing'],
  ['ProviderBusy', 'Progressing'],
  ['RotationPolicyMissing', 'Degraded'],
] as const)(
  '%s, on an object that was recorded with another reason: %s',
  async ([reason, status]) => {
    const from =
      reason === 'RotationPolicyMissing' ? 'ClientNotFound' : 'RateLimited, as it answers 429';
    const object = structuredClone(recorded.get(from));
    if (object?.status?.conditions === undefined) throw new Error(`${from} was not recorded`);
    const conditions = object.status.conditions.map((condition) => ({ ...condition, reason }));
    const [health] = await healthOf([{ ...object, status: { ...object.status, conditions } }]);
    expect(health?.argocd.status).toBe(status);
  },
);
