import { API_VERSION, KIND } from '../api/names.ts';
import type { Condition } from '../api/oidcapplication.gen.ts';
import type { EventReference } from '../kubernetes/event-recorder.ts';
import type { Gathered } from './gather.ts';

/** Conditions that have come to tell of trouble, or of another one than before. */
export function troubles(
  before: readonly Condition[] = [],
  after: readonly Condition[] = [],
): readonly Condition[] {
  const isTrouble = ({ type, status }: Condition) =>
    type === 'RotationHeld' || type === 'Stalled' || (type === 'Ready' && status === 'False');
  const isNew = (condition: Condition) =>
    !before.some(
      ({ type, status, reason }) =>
        type === condition.type && status === condition.status && reason === condition.reason,
    );
  const found = after.filter(isTrouble).filter(isNew);
  // Ready and Stalled tell of the same impediment: one event is enough.
  return found.filter(
    (condition, at) => !found.slice(0, at).some(({ reason }) => reason === condition.reason),
  );
}

/** What an event is about: the application, or its Secret where the application is gone. */
export function referenceOf({ application, home }: Gathered): EventReference | undefined {
  const object = application ?? home?.secret;
  if (object === undefined) return undefined;
  const { namespace, name, uid } = object.metadata;
  return application === undefined
    ? { apiVersion: 'v1', kind: 'Secret', namespace, name, uid }
    : { apiVersion: API_VERSION, kind: KIND, namespace, name, uid };
}
