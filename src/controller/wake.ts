import { type Change, keyOf, type Store } from '../kubernetes/store.ts';
import type { WorkQueue } from '../kubernetes/work-queue.ts';
import { applicationKeys, SECRET_NAME_INDEX, secretKey } from './indexes.ts';
import type { OIDCApplication, SecretObject } from './resources.ts';

/** Which changes have which applications looked at: all but the echoes of our own writes. */
export function wakeApplications(
  applications: Store<OIDCApplication>,
  secrets: Store<SecretObject>,
  queue: WorkQueue,
): void {
  applications.subscribe((change) => {
    if (change.own) return;
    queue.add(keyOf(change.object), { low: change.initial });
    if (!releasesSecret(change)) return;
    // Another application may wait for the Secret that this one named.
    const released = secretKey(change.previous ?? change.object);
    for (const other of applications.byIndex(SECRET_NAME_INDEX, released)) {
      queue.add(keyOf(other));
    }
  });
  secrets.subscribe((change) => {
    if (change.own) return;
    for (const key of concerned(change, applications)) queue.add(key, { low: change.initial });
  });
}

function releasesSecret({ type, object, previous }: Change<OIDCApplication>): boolean {
  return (
    type === 'deleted' || (previous !== undefined && secretKey(previous) !== secretKey(object))
  );
}

function concerned(
  { object, previous }: Change<SecretObject>,
  applications: Store<OIDCApplication>,
): ReadonlySet<string> {
  return new Set([
    ...applicationKeys(object),
    ...(previous === undefined ? [] : applicationKeys(previous)),
    ...applications.byIndex(SECRET_NAME_INDEX, keyOf(object)).map(keyOf),
  ]);
}
