import type { PlannedTime, SpecEdit } from '../plan/actions.ts';

const RENAMED = { clientID: 'id', clientSecret: 'password', previousClientSecret: 'old-password' };
const DEFAULT = {
  clientID: 'client-id',
  clientSecret: 'client-secret',
  previousClientSecret: 'previous-client-secret',
};

/** The moments that planned times count from, in epoch milliseconds. */
export type Origins = Readonly<Record<PlannedTime['from'], number>>;

/** An edit as a merge patch of spec. */
export function specPatch(edit: SpecEdit, origins: Origins): Record<string, unknown> {
  const time = (planned: PlannedTime | null | undefined) =>
    planned ? new Date(origins[planned.from] + planned.ms).toISOString() : planned;
  const { rotateAfter, every, retainPreviousFor, secretName, keys, labels, annotations } = edit;
  const { revokePreviousSecret, suspend, deletionPolicy } = edit;
  return pruned({
    rotation: pruned({ rotateAfter: time(rotateAfter), every, retainPreviousFor }),
    secret: pruned({
      name: secretName,
      keys: keys && { default: DEFAULT, renamed: RENAMED }[keys],
      labels,
      annotations,
    }),
    revokePreviousSecret,
    revokeRetiredBefore: time(edit.revokeRetiredBefore),
    revokeIssuedBefore: time(edit.revokeIssuedBefore),
    suspend,
    deletionPolicy,
  });
}

/** The same for an application that is new, where there is nothing to take away. */
export function specOf(edit: SpecEdit, origins: Origins): unknown {
  return withoutNulls(specPatch(edit, origins));
}

function pruned(parts: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== undefined));
}

function withoutNulls(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, part]) => part !== null)
      .map(([key, part]) => [key, withoutNulls(part)]),
  );
}
