import { parseTimestamp } from '../api/timestamp.ts';
import type { ResourceClient } from '../kubernetes/client.ts';
import { numberAt, objectAt, stringAt } from '../kubernetes/json.ts';
import type { ObjectMeta, Resource } from '../kubernetes/resource.ts';

/** An event as far as it is shown. */
export interface EventObject {
  readonly metadata: ObjectMeta;
  readonly type: string;
  readonly reason: string;
  readonly note: string;
  /** When it was seen last; 0 where it does not say. */
  readonly time: number;
  readonly count: number;
}

export const eventResource: Resource<EventObject> = {
  group: 'events.k8s.io',
  version: 'v1',
  plural: 'events',
  kind: 'Event',
  namespaced: true,
  parse(raw) {
    const series = objectAt(raw, 'series');
    const time = stringAt(series, 'lastObservedTime') ?? stringAt(raw, 'eventTime') ?? '';
    return {
      metadata: { name: stringAt(objectAt(raw, 'metadata'), 'name') ?? '' },
      type: stringAt(raw, 'type') ?? '',
      reason: stringAt(raw, 'reason') ?? '',
      note: stringAt(raw, 'note') ?? '',
      time: parseTimestamp(time) ?? 0,
      count: numberAt(series, 'count') ?? 1,
    };
  },
};

const SHOWN = 10;

/** The last events about an application, oldest first. */
export async function recentEvents(
  client: ResourceClient<EventObject>,
  { namespace, uid }: { readonly namespace: string; readonly uid: string },
): Promise<readonly EventObject[]> {
  // By name, those of an earlier application would be among them.
  const fieldSelector = `regarding.uid=${uid}`;
  const events = await client.list({ namespace, fieldSelector });
  return events.sort((a, b) => a.time - b.time).slice(-SHOWN);
}
