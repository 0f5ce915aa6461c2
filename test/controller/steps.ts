import { expect } from 'vitest';
import type { OIDCApplicationSpec } from '../../src/api/oidcapplication.gen.ts';
import type { OIDCApplication } from '../../src/controller/resources.ts';
import type { OwnerReference } from '../../src/kubernetes/resource.ts';
import { admin, clientSecrets, conditionOf, type PlainSecret, type Scene } from './harness.ts';

/** Creates an application and resolves, once it is published, to its client secret. */
export async function issue(
  scene: Scene,
  name: string,
  spec: OIDCApplicationSpec = {},
): Promise<string> {
  await scene.create(name, spec);
  const { status } = await scene.published(name, 1);
  return currentOf(await scene.secret(status?.secretName ?? name));
}

/** Has the current client secret rotated by `rotateAfter`, and resolves to the values then. */
export async function rotate(scene: Scene, name: string) {
  const before = await scene.application(name);
  const version = before.status?.currentSecret?.version ?? 0;
  await scene.edit(name, { rotation: { rotateAfter: scene.time() } });
  const { status } = await scene.published(name, version + 1);
  return clientSecrets(await scene.secret(status?.secretName ?? name));
}

/** Creates an application and rotates once: version 1 is retained, version 2 is current. */
export async function issueAndRotate(
  scene: Scene,
  name: string,
  spec: OIDCApplicationSpec = {},
): Promise<{ first: string; second: string }> {
  const first = await issue(scene, name, spec);
  const { current, previous } = await rotate(scene, name);
  expect(previous).toBe(first);
  return { first, second: current ?? '' };
}

export function currentOf(secret: Parameters<typeof clientSecrets>[0]): string {
  const { current } = clientSecrets(secret);
  if (current === undefined || current === '') throw new Error('there is no current client secret');
  return current;
}

/** Waits until a condition has `status` and `reason`, for the newest spec. */
export async function whenCondition(
  scene: Scene,
  name: string,
  type: string,
  expected: { status?: string; reason?: string },
): Promise<OIDCApplication> {
  return await scene.reaches(name, (application) =>
    expect(conditionOf(application, type)).toMatchObject(expected),
  );
}

/** Waits until status has seen the newest spec and the previous secret ended for `reason`. */
export async function whenEnded(scene: Scene, name: string, reason: string) {
  return await scene.reaches(name, ({ status }) => {
    expect(status?.previousSecret).toBeUndefined();
    expect(status?.lastRevocation?.reason).toBe(reason);
  });
}

/** `text` as a Secret holds it. */
export function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

export interface ForeignSecret {
  readonly data?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
  readonly immutable?: boolean;
}

/** Creates a Secret as somebody else would, `data` in clear. */
export async function createForeign(
  { namespace }: Scene,
  name: string,
  { data = {}, immutable = false, ...metadata }: ForeignSecret = {},
): Promise<PlainSecret> {
  const encoded = Object.entries(data).map(([key, value]) => [key, base64(value)]);
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { namespace, name, ...metadata },
    data: Object.fromEntries(encoded),
    immutable,
  };
  return await admin.secrets.create(secret);
}

export const adoptBy = (application: string) => ({ 'keyturn.dev/adopt-by': application });
