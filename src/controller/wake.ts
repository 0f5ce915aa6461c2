import { effectiveClientID } from '../api/application.ts';
import { type Change, keyOf, type Store } from '../kubernetes/store.ts';
import type { WorkQueue } from '../kubernetes/work-queue.ts';
import { applicationKeys, SECRET_NAME_INDEX, secretKey } from './indexes.ts';
import type { ProviderRegistry } from './providers/access.ts';
import { PROVIDER_INDEX } from './providers/claims.ts';
import type { OIDCApplication, SecretObject } from './resources.ts';

/** Which changes have which applications looked at: the echoes of our own writes only wake others. */
export function wakeApplications(
  applications: Store<OIDCApplication>,
  secrets: Store<SecretObject>,
  providers: ProviderRegistry,
  queue: WorkQueue,
): void {
  applications.subscribe((change) => {
    if (change.own) return;
    queue.add(keyOf(change.object), { low: change.initial });
    if (!releasesSecret(change)) return;
    // Another application may wait for the Secret that this one named.
    const released = secretKey(change.previous ?? change.object);
    for (const key of namersOf(released, applications)) queue.add(key);
  });
  secrets.subscribe((change) => {
    const keys = change.own ? others(change, applications) : concerned(change, applications);
    for (const key of keys) queue.add(key, { low: change.initial });
  });
  providers.subscribe(({ providerKey, clientID }) => {
    for (const { metadata, spec } of applications.byIndex(PROVIDER_INDEX, providerKey)) {
      const named = effectiveClientID(metadata, spec);
      if (clientID === undefined || clientID === named) queue.add(keyOf({ metadata }));
    }
  });
}

function releasesSecret({ type, object, previous }: Change<OIDCApplication>): boolean {
  return (
    type === 'deleted' || (previous !== undefined && secretKey(previous) !== secretKey(object))
  );
}

/** The applications that name the Secret `key` as their backing Secret. */
function namersOf(key: string, applications: Store<OIDCApplication>): string[] {
  return applications.byIndex(SECRET_NAME_INDEX, key).map(keyOf);
}

/** Those that named a Secret which we have deleted, or made for another one: it is free, or taken. */
function others(
  { type, object }: Change<SecretObject>,
  applications: Store<OIDCApplication>,
): readonly string[] {
  if (type === 'modified') return [];
  const namers = namersOf(keyOf(object), applications);
  if (type === 'deleted') return namers;
  const owners = applicationKeys(object);
  return namers.filter((key) => !owners.includes(key));
}

function concerned(
  { object, previous }: Change<SecretObject>,
  applications: Store<OIDCApplication>,
): ReadonlySet<string> {
  return new Set([
    ...applicationKeys(object),
    ...(previous === undefined ? [] : applicationKeys(previous)),
    ...namersOf(keyOf(object), applications),
  ]);
}
