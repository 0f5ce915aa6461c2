import { randomUUID } from 'node:crypto';
import { expect, onTestFinished } from 'vitest';
import { applicationResource, type OIDCApplication } from '../../src/controller/resources.ts';
import { ResourceClient } from '../../src/kubernetes/client.ts';
import { Reflector } from '../../src/kubernetes/reflector.ts';
import type { KubernetesObject, Resource } from '../../src/kubernetes/resource.ts';
import { Store } from '../../src/kubernetes/store.ts';
import { createTransport } from '../../src/kubernetes/transport.ts';
import { adminClient, cluster, eventually } from '../setup/cluster.ts';
import {
  admin,
  clientSecrets,
  conditionOf,
  type OperatorHandle,
  type PlainSecret,
  plainSecretResource,
  type Scene,
} from './harness.ts';

const transport = createTransport({ kubeConfig: cluster.adminKubeConfig.kubeConfig });

/** The administrator's clients under another field manager's name. */
export function clientsOf(fieldManager: string) {
  return {
    applications: new ResourceClient(transport, applicationResource, { fieldManager }),
    secrets: new ResourceClient(transport, plainSecretResource, { fieldManager }),
  };
}

/** The sum of a metric's samples that carry all of `labels`; 0 where there are none. */
export async function metric(
  { operator }: OperatorHandle,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<number> {
  const found = (await operator.registry.getMetricsAsJSON()).find((each) => each.name === name);
  return (found?.values ?? [])
    .filter((sample) =>
      Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
    )
    .reduce((sum, sample) => sum + sample.value, 0);
}

/** Waits until a metric has `value`: what others see of a write, the operator itself may see later. */
export async function metricReaches(
  handle: OperatorHandle,
  name: string,
  value: number,
  labels: Readonly<Record<string, string>> = {},
): Promise<void> {
  await eventually(async () => expect(await metric(handle, name, labels)).toBe(value));
}

/** How many writes the operator has sent so far, by method and resource; events are left out. */
export async function writesOf({ operator }: OperatorHandle): Promise<Record<string, number>> {
  const metrics = await operator.registry.getMetricsAsJSON();
  const requests = metrics.find(({ name }) => name === 'rest_client_requests_total')?.values ?? [];
  const writes: Record<string, number> = {};
  for (const { labels, value } of requests) {
    if (labels['method'] === 'GET' || labels['resource'] === 'events') continue;
    const key = `${labels['method']} ${labels['resource']}`;
    writes[key] = (writes[key] ?? 0) + value;
  }
  return writes;
}

/** The writes that the operator sent while `run` ran. */
export async function writesDuring(
  handle: OperatorHandle,
  run: () => Promise<unknown>,
): Promise<Record<string, number>> {
  await whenIdle(handle);
  const before = await writesOf(handle);
  await run();
  await whenIdle(handle);
  const counts: Record<string, number> = {};
  for (const [key, value] of Object.entries(await writesOf(handle))) {
    const made = value - (before[key] ?? 0);
    if (made > 0) counts[key] = made;
  }
  return counts;
}

/** Waits until the operator has nothing under way or queued. */
async function whenIdle(handle: OperatorHandle): Promise<void> {
  await eventually(async () => {
    expect(handle.operator.queue.depth).toBe(0);
    expect(await metric(handle, 'controller_runtime_active_workers')).toBe(0);
  });
}

async function seenAgain(handle: OperatorHandle, poke: () => Promise<unknown>): Promise<void> {
  await whenIdle(handle);
  const count = () => metric(handle, 'controller_runtime_reconcile_total');
  const before = await count();
  await poke();
  await eventually(async () => expect(await count()).toBeGreaterThan(before));
  await whenIdle(handle);
}

/** A patch that changes nothing that anybody but a watch takes notice of. */
export const poked = () => ({ metadata: { annotations: { 'example.com/poked': randomUUID() } } });

/** Has the operator look at the application once more, and resolves when it has done so. */
export async function looksAgain(
  { namespace, handle }: Scene,
  name: string,
  by: OperatorHandle = handle,
): Promise<void> {
  await seenAgain(by, () => admin.applications.mergePatch({ namespace, name }, poked()));
}

/** The same by way of the Secret, for an application that is gone. */
export async function looksAtSecretAgain(scene: Scene, name: string): Promise<void> {
  await seenAgain(scene.handle, () => scene.tamper(name, poked()));
}

export interface SeenEvent {
  readonly type: string | undefined;
  readonly reason: string | undefined;
  readonly note: string | undefined;
  readonly count: number;
  readonly regarding: unknown;
}

/** The events about the object, oldest first. */
async function eventsAbout({ namespace }: Scene, name: string): Promise<SeenEvent[]> {
  const { items } = await adminClient.events.listNamespacedEvent({ namespace });
  return items
    .filter(({ regarding }) => regarding?.name === name)
    .map(({ type, reason, note, regarding, series, eventTime }) => ({
      event: { type, reason, note, regarding, count: series?.count ?? 1 },
      at: new Date(eventTime).getTime(),
    }))
    .sort((a, b) => a.at - b.at)
    .map(({ event }) => event);
}

/**
 * Waits for an event with this reason and resolves to all events so far. They are sent in order: all
 * that were recorded before it are among them.
 */
export async function eventsUntil(
  scene: Scene,
  name: string,
  reason: string,
): Promise<SeenEvent[]> {
  return await eventually(async () => {
    const seen = await eventsAbout(scene, name);
    if (!seen.some((event) => event.reason === reason)) {
      throw new Error(`no event ${reason}, but ${seen.map((event) => event.reason).join(', ')}`);
    }
    return seen;
  });
}

/** Runs kubectl as the administrator in the scene's namespace and resolves to what it printed. */
export async function kubectl({ namespace }: Scene, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await cluster.kubectl([...args, '--namespace', namespace]);
  if (code !== 0) throw new Error(`kubectl ${args[0]}: ${stderr.trim()}`);
  return stdout;
}

export type Moment =
  | { readonly version: bigint; readonly kind: 'secret'; readonly object: PlainSecret | undefined }
  | { readonly version: bigint; readonly kind: 'application'; readonly object: OIDCApplication };

/** Watches a namespace; the returned function gives all states so far, in the order they were written. */
export async function watchHistory(namespace: string): Promise<() => Moment[]> {
  const moments: Moment[] = [];
  const versionOf = ({ metadata }: KubernetesObject) => BigInt(metadata.resourceVersion ?? '0');
  await Promise.all([
    follow(plainSecretResource, namespace, (object, isGone) => {
      moments.push({
        kind: 'secret',
        version: versionOf(object),
        object: isGone ? undefined : object,
      });
    }),
    follow(applicationResource, namespace, (object) => {
      moments.push({ kind: 'application', version: versionOf(object), object });
    }),
  ]);
  // One etcd stores both: its revisions order the writes of either.
  return () => moments.toSorted((a, b) => (a.version < b.version ? -1 : 1));
}

async function follow<T extends KubernetesObject>(
  resource: Resource<T>,
  namespace: string,
  seen: (object: T, isGone: boolean) => void,
): Promise<void> {
  const store = new Store<T>();
  store.subscribe(({ object, type }) => seen(object, type === 'deleted'));
  const ending = new AbortController();
  const running = new Reflector({ transport, resource, store, namespace }).run(ending.signal);
  onTestFinished(async () => {
    ending.abort();
    await running;
  });
  await store.whenSynced();
}

/**
 * Fails if status ever said that no previous secret was valid while the backing Secret held one, or
 * if a Secret that was published was ever without a current one.
 */
export function expectTruthfulHistory(moments: readonly Moment[]): void {
  let secret: PlainSecret | undefined;
  for (const moment of moments) {
    if (moment.kind === 'secret') {
      secret = moment.object;
      if (secret !== undefined) expect(clientSecrets(secret).current).toMatch(/^.{43,}$/);
    } else if (conditionOf(moment.object, 'PreviousSecretRetained')?.status === 'False') {
      expect(clientSecrets(secret).previous).toBeUndefined();
    }
  }
}
