import { test } from 'vitest';
import { clientSecrets, conditionOf } from '../controller/harness.ts';
import { isWatch } from '../fault-proxy/request.ts';
import { eventually } from '../setup/cluster.ts';
import { FaultRig } from './rig.ts';
import { FAULTS } from './table.ts';

// OIDCApplications, Secrets and OIDCProviders.
const WATCHES = 3;
// Retries double from 5 ms on: 8 in the first second, each of a few requests, for each of the watched resources.
const MOST_REQUESTS_A_SECOND = 40;
// The watches, and what requests that coincide need.
const MOST_CONNECTIONS = 8;
const soon = { timeoutMs: 150_000, intervalMs: 200 };
const note = { before: 'ä€𐍈', after: '𐍈€ä' };

const withNote = (text: string) => ({ secret: { annotations: { note: text } } });

test.concurrent.for(FAULTS)(
  '$name: once that is over all is as it should be, and happened once',
  { timeout: 300_000 },
  async (row, { expect: check, onTestFinished }) => {
    const rig = await FaultRig.start();
    onTestFinished(() => rig.stop());
    const { workspace, proxy } = rig;
    await workspace.create('web', withNote(note.before));
    await workspace.published('web', 1);
    const before = clientSecrets(await workspace.secret('web'));
    await rig.idle();

    const metAt: number[] = [];
    const met = (times: number) =>
      eventually(() => check(metAt.length).toBeGreaterThanOrEqual(times), soon);
    const start = rig.requestedAt.length;
    const end = proxy.intercept(row.fault(() => metAt.push(performance.now())));
    if (row.cutsWatches) check(proxy.cut(isWatch)).toBe(WATCHES);
    if (row.precedes !== undefined) await met(row.precedes);
    await workspace.edit('web', {
      ...withNote(note.after),
      rotation: { rotateAfter: new Date().toISOString() },
    });
    await met(row.lasts);
    end();

    await eventually(async () => {
      const { status } = await workspace.application('web');
      check(status).toMatchObject({
        currentSecret: { version: 2 },
        previousSecret: { version: 1 },
      });
    }, soon);
    const after = await workspace.secret('web');
    check(clientSecrets(after).previous).toBe(before.current);
    check(clientSecrets(after).current).not.toBe(before.current);
    check(after.metadata.annotations).toMatchObject({ note: note.after });
    const pauses = metAt.slice(1).map((at, index) => at - (metAt[index] ?? at));
    check(Math.min(Number.POSITIVE_INFINITY, ...pauses)).toBeGreaterThanOrEqual(row.apart ?? 0);
    const peak = rig.peakRate(start);
    check(peak).toBeLessThanOrEqual(MOST_REQUESTS_A_SECOND);

    // It watches again, and nothing was written that need not have been.
    await workspace.edit('web', { revokePreviousSecret: true });
    await eventually(async () => {
      const application = await workspace.application('web');
      check(conditionOf(application, 'PreviousSecretRetained')?.reason).toBe('Revoked');
    }, soon);
    await rig.idle();
    check(clientSecrets(await workspace.secret('web'))).toEqual({
      current: clientSecrets(after).current,
    });
    check(rig.secretWrites).toBe(3);
    await eventually(() => check(proxy.connections()).toBeLessThanOrEqual(MOST_CONNECTIONS), soon);
  },
);
