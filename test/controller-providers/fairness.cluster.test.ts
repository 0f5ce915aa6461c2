import { expect, onTestFinished, test } from 'vitest';
import { conditionOf } from '../controller/harness.ts';
import { eventually } from '../setup/cluster.ts';
import { startPingOneSimulator } from '../simulators/pingone/simulator.ts';
import { pingOneSpec, workerCredentials } from './provider-rig.ts';
import { Stage } from './stage.ts';

const FLEET = 100;

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

  const numbers = Array.from({ length: FLEET }, (_, index) => index);
  for (const number of numbers) {
    const { clientID } = hanging.addApplication();
    const providerRef = { kind: 'OIDCProvider', name: 'hanging' } as const;
    await scene.create(`stuck-${number}`, { clientID, providerRef });
  }
  await eventually(() => expect(isHeld()).toBe(true));
  await Promise.all(numbers.map((number) => stage.create(`web-${number}`)));
  await Promise.all(numbers.map((number) => scene.published(`web-${number}`, 1)));
  await Promise.all(
    numbers.map((number) =>
      scene.edit(`web-${number}`, { rotation: { rotateAfter: scene.time() } }),
    ),
  );
  await Promise.all(numbers.map((number) => scene.published(`web-${number}`, 2)));

  // All of it came about while the other provider still owed its first answers.
  expect(isHeld()).toBe(true);
  expect(
    hanging.requests.filter(({ status, server }) => server === 'api' && status !== undefined)
      .length,
  ).toBeLessThan(5);
  for (const number of numbers) {
    expect(conditionOf(await scene.application(`stuck-${number}`), 'Ready')?.status).not.toBe(
      'True',
    );
  }
});
