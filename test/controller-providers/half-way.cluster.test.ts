import { expect, test } from 'vitest';
import { admin, MINUTE } from '../controller/harness.ts';
import { whenCondition } from '../controller/steps.ts';
import { eventually } from '../setup/cluster.ts';
import { Stage } from './stage.ts';

/** A rotation has happened at the provider, and is not published: the new secret is not accepted yet. */
async function halfWay(deletionPolicy: 'Retain' | 'Delete'): Promise<Stage> {
  const stage = await Stage.start();
  const { scene, pingone } = stage;
  const first = await stage.publish('web', { deletionPolicy });
  pingone.letNewLag(true);
  await scene.edit('web', { rotation: { rotateAfter: scene.time() } });
  await whenCondition(scene, 'web', 'Ready', { status: 'False', reason: 'RotationPending' });
  expect(stage.secretsOf('web').previous?.secret).toBe(first);
  expect((await stage.published('web')).current).toBe(first);
  return stage;
}

async function goOn({ scene, pingone }: Stage): Promise<void> {
  pingone.letNewLag(false);
  scene.clock.advance(MINUTE);
}

test('suspended half-way: what has happened at the provider is published', async () => {
  const stage = await halfWay('Retain');
  await stage.scene.edit('web', { suspend: true });
  await goOn(stage);
  await stage.mirrors('web');
  await stage.scene.published('web', 2);
  expect(stage.changes('web')).toEqual({ POST: 1 });
});

test('deleted half-way under Retain: the Secret that stays is brought up to date', async () => {
  const stage = await halfWay('Retain');
  await admin.applications.delete({ namespace: stage.scene.namespace, name: 'web' });
  await goOn(stage);
  await stage.mirrors('web');
  expect(stage.changes('web')).toEqual({ POST: 1 });
});

test('deleted half-way under Delete: no previous secret is left at the provider', async () => {
  const stage = await halfWay('Delete');
  const ref = { namespace: stage.scene.namespace, name: 'web' };
  await admin.applications.delete(ref);
  await goOn(stage);
  await eventually(async () => expect(await admin.applications.find(ref)).toBeUndefined());
  expect(stage.secretsOf('web').previous).toBeUndefined();
  expect(stage.changes('web')).toEqual({ POST: 1, DELETE: 1 });
});
