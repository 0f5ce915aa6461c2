import { expect, test } from 'vitest';
import type { OIDCApplicationSpec } from '../../src/api/oidcapplication.gen.ts';
import { clientSecrets, conditionOf, DAY, HOUR, MINUTE } from '../controller/harness.ts';
import { type Backup, backUp, lose, restoreApplications, restoreSecrets } from './backup.ts';
import { Stage } from './stage.ts';

/** An application for each statement that could fire wrongly, each in a state where it holds. */
async function populate(stage: Stage): Promise<string[]> {
  const ahead = stage.time(2 * HOUR);
  const rotated = async (name: string, spec: OIDCApplicationSpec) => {
    await stage.create(name, spec);
    await stage.published(name, 1);
    await stage.edit(name, { rotation: { rotateAfter: stage.time() } });
    await stage.published(name, 2);
  };
  await rotated('retained', { rotation: { every: '720h', retainPreviousFor: '2h' } });
  await rotated('revoked', {});
  await stage.edit('revoked', { revokePreviousSecret: true });
  await rotated('revoked-retired', {});
  await stage.edit('revoked-retired', { revokeRetiredBefore: stage.time() });
  await stage.create('leaked');
  await stage.published('leaked', 1);
  await stage.edit('leaked', { revokeIssuedBefore: stage.time() });
  await stage.published('leaked', 2);
  await rotated('refused-retired', { rotation: { retainPreviousFor: '24h' } });
  await stage.edit('refused-retired', { revokeRetiredBefore: ahead });
  await stage.create('refused-issued', { revokeIssuedBefore: ahead });
  const names = ['retained', 'revoked', 'revoked-retired', 'leaked'];
  for (const name of names) await stage.published(name, 2);
  for (const name of ['refused-retired', 'refused-issued']) await isRefused(stage, name);
  return [...names, 'refused-retired', 'refused-issued'];
}

async function isRefused(stage: Stage, name: string): Promise<void> {
  await stage.reaches(name, (application) =>
    expect(conditionOf(application, 'Stalled')?.reason).toBe('InvalidSpec'),
  );
}

async function takenUp(stage: Stage, name: string): Promise<void> {
  if (name.startsWith('refused')) await isRefused(stage, name);
  else await stage.published(name, 2);
  await stage.lookedAtAgain(name);
}

/** Status without what a new UID or a new generation changes, and without times of transition. */
async function gist(stage: Stage, name: string) {
  const { status } = await stage.application(name);
  const { observedGeneration: _, nextRotationTime: __, conditions = [], ...rest } = status ?? {};
  const states = conditions.map(({ type, status, reason, message }) => ({
    ...{ type, status, reason, message },
  }));
  return { ...rest, states };
}

test.for<[string, (stage: Stage, backups: readonly Backup[]) => Promise<void>]>([
  [
    'while the operator is down',
    async (stage, backups) => {
      await stage.down();
      await lose(
        stage,
        backups.map(({ name }) => name),
      );
      await restoreApplications(stage, backups);
      await restoreSecrets(backups);
      await stage.up();
    },
  ],
  [
    'while the operator runs, the Secrets first',
    async (stage, backups) => {
      await lose(
        stage,
        backups.map(({ name }) => name),
      );
      await restoreSecrets(backups);
      await restoreApplications(stage, backups);
    },
  ],
])(
  'Retain: all is restored from a backup without status %s: nothing rotates or revokes',
  async ([, restore]) => {
    const stage = await Stage.start();
    const names = await populate(stage);
    const backups = await Promise.all(names.map((name) => backUp(stage, name)));
    const before = await Promise.all(names.map((name) => gist(stage, name)));

    await restore(stage, backups);
    for (const name of names) await takenUp(stage, name);

    for (const [index, name] of names.entries()) {
      expect(await gist(stage, name), name).toEqual(before[index]);
      const secret = await backUp(stage, name);
      expect(secret.secret, name).toEqual(backups[index]?.secret);
    }

    // A refused boundary does not fire when its time comes; what was retained ends when promised.
    stage.clock.advance(2 * HOUR + MINUTE);
    await stage.reaches('retained', (application) =>
      expect(conditionOf(application, 'PreviousSecretRetained')?.reason).toBe('Expired'),
    );
    for (const name of names) await takenUp(stage, name);
    for (const [index, name] of names.entries()) {
      const { current, previous } = clientSecrets(await stage.secret(name));
      const { data } = { data: {}, ...backups[index]?.secret };
      const expected = clientSecrets({ ...(await stage.secret(name)), data });
      expect(current, name).toBe(expected.current);
      expect(previous, name).toBe(name === 'retained' ? undefined : expected.previous);
    }
  },
);

test('Retain: a Secret restored without its application still loses what was retained', async () => {
  const stage = await Stage.start();
  await stage.create('web', { rotation: { retainPreviousFor: '1h' } });
  await stage.published('web', 1);
  await stage.edit('web', { rotation: { rotateAfter: stage.time() } });
  await stage.published('web', 2);
  const backup = await backUp(stage, 'web');
  const { current } = clientSecrets(await stage.secret('web'));
  await stage.down();
  await lose(stage, ['web']);
  await restoreSecrets([backup]);
  stage.clock.advance(DAY);
  await stage.up();
  await stage.secretReaches('web', (secret) =>
    expect(clientSecrets(secret)).toEqual({ current, previous: undefined }),
  );
});
