import { expect } from 'vitest';
import type { ConditionType } from '../../../src/api/conditions.ts';
import { conditionOf, type Scene } from '../../controller/harness.ts';
import { type LiveObject, liveClient } from '../live.ts';

/** The application web as it is stored. */
export async function web(namespace: string): Promise<LiveObject> {
  return await liveClient('OIDCApplication').get({ namespace, name: 'web' });
}

/** Waits until conditions of the application web have these reasons, and resolves to it. */
export async function settled(
  scene: Scene,
  reasons: Readonly<Partial<Record<ConditionType, string>>>,
): Promise<LiveObject> {
  await scene.reaches('web', (application) => {
    const types = Object.keys(reasons);
    const found = types.map((type) => [type, conditionOf(application, type)?.reason]);
    expect(Object.fromEntries(found)).toEqual(reasons);
  });
  return await web(scene.namespace);
}
