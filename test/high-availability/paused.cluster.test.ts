import { expect, test } from 'vitest';
import { clientSecrets, Workspace } from '../controller/harness.ts';
import { eventually, testNamespace } from '../setup/cluster.ts';
import { type Replica, SHORT, startPair } from './replicas.ts';

async function start(flags: readonly string[] = []) {
  const workspace = new Workspace(await testNamespace());
  const pair = await startPair(workspace, [...SHORT, ...flags]);
  await workspace.create('web');
  await workspace.published('web', 1);
  return { workspace, ...pair };
}

async function expectDeposed({ operator }: Replica): Promise<void> {
  expect(await operator.exited).toEqual({ code: 1, signal: null });
  expect(operator.output()).toContain('The Lease was lost');
}

/** Stops the process until the other has taken over and done `work`, then lets it go on. */
async function pausedWhile(
  { operator }: Replica,
  standby: Replica,
  work: () => Promise<unknown>,
): Promise<void> {
  process.kill(operator.pid, 'SIGSTOP');
  await eventually(() => expect(standby.leads()).toBe(true));
  await work();
  process.kill(operator.pid, 'SIGCONT');
}

test('a leader that was paused past its Lease writes nothing when it wakes, and ends', async () => {
  const { workspace, leader, standby } = await start();
  await eventually(() => expect(leader.writes).toHaveLength(3));
  // An answer that it writes upon waits for it when it wakes.
  const asked = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  leader.proxy.intercept({
    async onAnswer({ method, path }) {
      if (method !== 'POST' || !path.endsWith('/secrets')) return;
      asked.resolve();
      await released.promise;
    },
  });
  await workspace.create('other');
  await asked.promise;

  await pausedWhile(leader, standby, async () => {
    await workspace.published('other', 1);
    // So do changes in its watch that it has not seen.
    await workspace.create('third');
    await workspace.published('third', 1);
    await workspace.edit('web', { rotation: { rotateAfter: new Date().toISOString() } });
    await workspace.published('web', 2);
    released.resolve();
  });
  await expectDeposed(leader);
  expect(leader.writes).toHaveLength(4);

  await workspace.edit('web', { revokePreviousSecret: true });
  await workspace.reaches('web', ({ status }) => expect(status?.previousSecret).toBeUndefined());
});

test('a write on its way while its sender is paused is refused, once another has written', async () => {
  const { workspace, leader, standby } = await start();
  const released = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  const answers: number[] = [];
  const isHeld = ({ method, path }: { method: string; path: string }) =>
    method === 'PATCH' && path.endsWith('/secrets/web');
  leader.proxy.intercept({
    async onRequest(request) {
      if (!isHeld(request)) return;
      held.resolve();
      await released.promise;
    },
    onAnswer(request, status) {
      if (isHeld(request)) answers.push(status);
      return undefined;
    },
  });
  const before = clientSecrets(await workspace.secret('web'));
  await workspace.edit('web', { rotation: { rotateAfter: new Date().toISOString() } });
  await held.promise;
  await pausedWhile(leader, standby, async () => {
    await workspace.published('web', 2);
    const after = await workspace.secret('web');
    released.resolve();
    await eventually(() => expect(answers).toEqual([409]));
    expect(await workspace.secret('web')).toEqual(after);
    expect(clientSecrets(after).previous).toBe(before.current);
  });
  await expectDeposed(leader);
});
