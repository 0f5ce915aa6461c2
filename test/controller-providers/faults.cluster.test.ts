import { expect, test } from 'vitest';
import { expectTruthfulHistory, watchHistory } from '../controller/observe.ts';
import { eventually } from '../setup/cluster.ts';
import type { Fault } from '../simulators/pingone/faults.ts';
import {
  concerns,
  expectDone,
  type Place,
  prepare,
  type Scenario,
  scenarios,
} from './scenarios.ts';
import { Stage } from './stage.ts';

/** What becomes of one request. */
const faults: readonly (readonly [string, Fault])[] = [
  ['it is lost', { kind: 'drop', when: 'before' }],
  ['its answer is lost', { kind: 'drop', when: 'after' }],
  ['it fails with 500', answer('before', 500)],
  ['it is answered with 500 although it was carried out', answer('after', 500)],
  ['it is refused with 503', answer('before', 503)],
  ['it is refused with 429', answer('before', 429, { headers: { 'Retry-After': '1' } })],
  ['it is refused with 401', answer('before', 401)],
  ['it is refused with 403', answer('before', 403)],
  ['it is refused with 404', answer('before', 404)],
  ['it is refused with 400', answer('before', 400)],
  ['it is redirected', answer('before', 302, { headers: { Location: 'http://127.0.0.1:1/' } })],
  ['its answer is garbled', answer('after', 200, { body: '<html>' })],
];

function answer(
  when: 'before' | 'after',
  status: number,
  rest: { readonly headers?: Readonly<Record<string, string>>; readonly body?: string } = {},
): Fault {
  return { kind: 'answer', when, status, ...rest };
}

/** The requests about a client that a scenario takes where nothing goes wrong. */
async function requestsOf(place: Place, scenario: Scenario): Promise<number> {
  const subject = await prepare(place, scenario, 'undisturbed');
  let requests = 0;
  const isAbout = concerns(subject.client);
  place.pingone.faults.arm(
    {
      where: (request) => {
        if (isAbout(request)) requests += 1;
        return false;
      },
    },
    { kind: 'drop', when: 'before' },
  );
  await scenario.change(place, 'undisturbed');
  await eventually(() => expectDone(place, scenario, subject));
  place.pingone.faults.disarm();
  return requests;
}

const table = scenarios.flatMap((scenario) =>
  faults.map(([what, fault]) => [scenario.name, what, scenario, fault] as const),
);

test.for(table)('%s, and of each request in turn: %s', { timeout: 180_000 }, async (row) => {
  const [, , scenario, fault] = row;
  const stage = await Stage.start();
  const { scene, pingone } = stage;
  const place: Place = { workspace: scene, pingone, now: () => scene.clock.now() };
  const count = await requestsOf(place, scenario);
  expect(count).toBeGreaterThan(4);

  const subjects = await Promise.all(
    Array.from({ length: count }, (_, index) => prepare(place, scenario, `failed-${index + 1}`)),
  );
  const history = await watchHistory(scene.namespace);
  for (const [index, { client }] of subjects.entries()) {
    let requests = 0;
    const isAbout = concerns(client);
    const isTurn = (request: Parameters<typeof isAbout>[0]) => {
      if (isAbout(request)) requests += 1;
      return requests === index + 1 && isAbout(request);
    };
    pingone.faults.arm({ where: isTurn }, fault);
  }
  await Promise.all(subjects.map(({ name }) => scenario.change(place, name)));
  await eventually(
    async () => {
      scene.clock.advance(20_000);
      for (const subject of subjects) await expectDone(place, scenario, subject);
    },
    { timeoutMs: 120_000, intervalMs: 200 },
  );
  expect(pingone.faults.pending).toBe(0);
  for (const { name } of subjects) {
    expectTruthfulHistory(history().filter(({ object }) => object?.metadata.name === name));
  }
});
