import { afterAll, expect, test } from 'vitest';
import { conditionOf } from '../controller/harness.ts';
import { startFaultProxy } from '../fault-proxy/fault-proxy.ts';
import { adminClient, eventually, operatorKubeConfig } from '../setup/cluster.ts';
import { type Kill, KillRig, type Moment } from './kill-rig.ts';
import { type KillScenario, scenarios } from './kill-scenarios.ts';
import { parseMetrics } from './metrics.ts';

const proxy = await startFaultProxy((await operatorKubeConfig()).kubeConfig);
afterAll(proxy.stop);

const moments: readonly Moment[] = ['before it is sent', 'before it is answered'];

/** Every way to kill the operator at one of the writes. */
function killsAt(writes: readonly string[]): Kill[] {
  return writes.flatMap((write, index) => {
    const occurrence = writes.slice(0, index + 1).filter((other) => other === write).length;
    // Nothing waits for the answer to an event.
    const differing = write === 'POST events' ? moments.slice(0, 1) : moments;
    return differing.map((moment) => ({ write, occurrence, moment }));
  });
}

/** Waits until the application is what it is to be, and checks what became of its secrets. */
async function expectDone(rig: KillRig, scenario: KillScenario, name: string): Promise<void> {
  const { workspace, history } = rig;
  const application = await workspace.reaches(name, ({ status, ...rest }) => {
    expect(status).toMatchObject(scenario.status);
    expect(conditionOf({ status, ...rest }, 'Ready')?.status).toBe('True');
    expect(conditionOf({ status, ...rest }, 'PreviousSecretRetained')?.reason).toBe(
      scenario.retained,
    );
    expect(status?.secretName).toBe(scenario.secretName?.(name) ?? name);
  });
  expect(application.status?.previousSecret === undefined).toBe(
    scenario.status.previousSecret === undefined,
  );
  await eventually(() => {
    expect(history.seen(name)).toHaveLength(scenario.secrets);
    expect(history.lost(name)).toEqual(scenario.ended);
  });
}

/** No step is told of twice, though it may not be told of at all. */
async function expectNoRepetition({ workspace }: KillRig, name: string): Promise<void> {
  const { namespace } = workspace;
  const { items } = await adminClient.events.listNamespacedEvent({ namespace });
  const notes = items.filter(({ regarding }) => regarding?.name === name).map(({ note }) => note);
  expect(new Set(notes).size).toBe(notes.length);
}

async function idle(rig: KillRig, reconciliations: number): Promise<void> {
  await eventually(async () => {
    const metrics = parseMetrics((await rig.operator.ask('/metrics')).body);
    const total = metrics.value('controller_runtime_reconcile_total');
    expect(total).toBeGreaterThanOrEqual(reconciliations);
    expect(metrics.value('controller_runtime_active_workers')).toBe(0);
    expect(metrics.value('workqueue_depth')).toBe(0);
  });
}

test.for(scenarios)(
  'killed at any write of: $name; after a restart all is as without, and nothing happens twice',
  { timeout: 300_000 },
  async (scenario) => {
    const rig = await KillRig.start(proxy);
    const { workspace } = rig;
    await scenario.prepare?.(workspace, 'undisturbed');
    const { writes, stop } = rig.collectWrites('undisturbed');
    await scenario.change(workspace, 'undisturbed');
    await expectDone(rig, scenario, 'undisturbed');
    await eventually(() => expect(writes.toSorted()).toEqual(scenario.writes));
    stop();

    const kills = killsAt(scenario.writes);
    for (const [index, kill] of kills.entries()) {
      const name = `killed-${index}`;
      await scenario.prepare?.(workspace, name);
      await rig.killAt(kill, name, () => scenario.change(workspace, name));
      await rig.restart();
      await expectDone(rig, scenario, name);
      await expectNoRepetition(rig, name);
    }

    const steady = rig.collectWrites();
    await rig.restart();
    await idle(rig, kills.length + 1);
    expect(steady.writes).toEqual([]);
    steady.stop();
  },
);
