import { expect, onTestFinished, test } from 'vitest';
import { conditionOf } from '../controller/harness.ts';
import { eventually } from '../setup/cluster.ts';
import { startPingOneSimulator } from '../simulators/pingone/simulator.ts';
import { pingOneSpec, workerCredentials } from './provider-rig.ts';
import { Stage } from './stage.ts';

const STUCK = 100;
const FLEET = 500;
const AT_ONCE = 20;
const patience = { timeoutMs: 240_000 };

const numbersTo = (count: number) => Array.from({ length: count }, (_, index) => index);

/** Some at a time, so that the API server is not the one that is slow. */
async function forEach(count: number, run: (number: number) => Promise<unknown>): Promise<void> {
  const numbers = numbersTo(count).values();
  const lane = async () => {
    for (const number of numbers) await run(number);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

test('a provider that hangs holds up no application of another one', async () => {
  const stage = await Stage.start();
  const { scene } = stage;
  const hanging = await startPingOneSimulator({ rateLimit: 'none' });
  const released = Promise.withResolvers<void>();
  onTestFinished(async () => {
    released.resolve();
    await hanging.stop();
  });
  await stage.setCredentials(workerCredentials(hanging), 'hanging');
  await stage.addProvider('hanging', {
    ...pingOneSpec(hanging, 'hanging'),
    requestTimeout: '60s',
  });
  const isHeld = () => hanging.requests.some(({ status }) => status === undefined);
  hanging.faults.arm(
    { server: 'api' },
    { kind: 'hold', when: 'before', until: released.promise },
    1_000_000,
  );

  const reaches = (number: number, version: number) =>
    eventually(async () => {
      const { status } = await scene.application(`web-${number}`);
      expect(status?.currentSecret?.version).toBe(version);
    }, patience);
  await forEach(STUCK, async (number) => {
    const { clientID } = hanging.addApplication();
    const providerRef = { kind: 'OIDCProvider', name: 'hanging' } as const;
    await scene.create(`stuck-${number}`, { clientID, providerRef });
  });
  await eventually(() => expect(isHeld()).toBe(true));
  await forEach(FLEET, (number) => stage.create(`web-${number}`));
  await forEach(FLEET, (number) => reaches(number, 1));
  await forEach(FLEET, (number) =>
    scene.edit(`web-${number}`, { rotation: { rotateAfter: scene.time() } }),
  );
  await forEach(FLEET, (number) => reaches(number, 2));

  // All of it came about while the other provider still owed its first answers.
  expect(isHeld()).toBe(true);
  expect(
    hanging.requests.filter(({ status, server }) => server === 'api' && status !== undefined)
      .length,
  ).toBeLessThan(5);
  for (const number of numbersTo(STUCK)) {
    expect(conditionOf(await scene.application(`stuck-${number}`), 'Ready')?.status).not.toBe(
      'True',
    );
  }
}, 600_000);
