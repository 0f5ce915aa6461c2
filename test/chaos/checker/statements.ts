import { currentTokens, KEYS, previousTokens } from './backing-secret.ts';
import type { Home } from './establishment.ts';
import type { Expectation, ReadableHome } from './expectation.ts';
import type { ApplicationState, SecretState } from './observed.ts';
import { expiryOf, recordOf } from './record.ts';
import { type Millis, SLACK } from './times.ts';

/** What does not hold of what spec states, once everything is quiet. */
export function unmetStatements(expectation: Expectation, now: Millis): string[] {
  const { application, home, homes, target } = expectation;
  const { spec } = application;
  if (home === undefined) return missing(expectation);
  const everywhere = homes.flatMap((each) => unmetOfPrevious(expectation, each, now));
  if (home.secret.immutable) return everywhere;
  const complaints: string[] = [];
  const must = (holds: boolean, complaint: string) => {
    if (!holds) complaints.push(complaint);
  };
  if (!spec.suspend) {
    complaints.push(...misplaced(expectation, home), ...misshapen(application, home.secret));
    must(
      home.lineage.currentOf(home.secret, home.record) === 'intact' || expectation.besieged,
      'the current client secret is not the recorded one',
    );
    must(
      expectation.boundaries.revokeIssuedBefore !== 'yes' ||
        home.record.issuedAt >= (spec.revokeIssuedBefore?.time ?? 0),
      'revokeIssuedBefore: the current client secret is older',
    );
    must(
      expectation.due !== 'yes' || guardsOf(application, home).length > 0,
      'a rotation is due and nothing holds it',
    );
    must(target !== 'going', 'the Secret that spec names is still going');
  }
  return [...complaints, ...everywhere];
}

function missing({ application: { spec }, target, homes }: Expectation): string[] {
  if (spec.suspend || homes.length > 0) return [];
  if (target === 'free') return ['no client secret was issued'];
  if (target === 'offered') return ['a Secret that was offered was not adopted'];
  return target === 'going' ? ['the Secret that spec names is still going'] : [];
}

/** Also where the client secret is not any more, or not yet, an ended one must be gone. */
function unmetOfPrevious(
  { application: { spec }, boundaries }: Expectation,
  { secret, lineage }: Home,
  now: Millis,
): string[] {
  const record = recordOf(secret);
  if (record === undefined || secret.immutable) return [];
  const { previous } = record;
  if (previous === undefined) {
    return previousTokens(secret).length > 0
      ? ['a previous secret is there that is not valid']
      : [];
  }
  const complaints: string[] = [];
  const must = (holds: boolean, complaint: string) => {
    if (!holds) complaints.push(complaint);
  };
  must(lineage.hasPrevious(secret, record), 'a previous secret is recorded that is not there');
  must(!spec.revokePreviousSecret, 'revokePreviousSecret: a previous secret is valid');
  must(
    boundaries.revokeRetiredBefore !== 'yes' ||
      previous.retiredAt >= (spec.revokeRetiredBefore?.time ?? 0),
    'revokeRetiredBefore: an older previous secret is valid',
  );
  must(
    boundaries.revokeIssuedBefore !== 'yes' ||
      previous.issuedAt >= (spec.revokeIssuedBefore?.time ?? 0),
    'revokeIssuedBefore: an older previous secret is valid',
  );
  must(now < expiryOf(previous) + SLACK, 'an expired previous secret is valid');
  return complaints;
}

/** What keeps a rotation that is due from starting, as the design ranks it. */
export function guardsOf(
  { spec }: ApplicationState,
  { record }: Pick<ReadableHome, 'record'>,
): string[] {
  const guards: string[] = [];
  if (spec.suspend) guards.push('Suspended');
  if (record.previous !== undefined) guards.push('PreviousSecretRetained');
  if (spec.revokePreviousSecret && spec.retainPreviousFor !== 0) {
    guards.push('RevokePreviousSecretIsTrue');
  }
  return guards;
}

/** The client secret must be where spec says, and nowhere else. */
function misplaced({ application, homes, target }: Expectation, home: ReadableHome): string[] {
  const complaints: string[] = [];
  if (
    home.secret.name !== application.spec.secretName &&
    (target === 'free' || target === 'ours')
  ) {
    complaints.push('the client secret was not brought to the Secret that spec names');
  }
  for (const { secret } of homes) {
    if (secret === home.secret || secret.name === application.spec.secretName) continue;
    complaints.push(`the former Secret ${secret.name} is still there`);
  }
  return complaints;
}

/** How the Secret differs from what spec says of its keys, labels, annotations and owner. */
function misshapen(
  { namespace, name, uid, spec }: ApplicationState,
  secret: SecretState,
): string[] {
  const complaints: string[] = [];
  const must = (holds: boolean, complaint: string) => {
    if (!holds) complaints.push(complaint);
  };
  const { keys, deletionPolicy } = spec;
  must(secret.data[keys.clientID] === `${namespace}.${name}`, 'the client ID is not published');
  const ours = new Set([...KEYS.clientID, ...KEYS.current, ...KEYS.previous]);
  const wanted = new Set(Object.values(keys));
  const strange = [...ours].filter((key) => key in secret.data && !wanted.has(key));
  must(strange.length === 0, `there are keys that spec does not name: ${strange}`);
  must(currentTokens(secret).length === 1, 'there is not one current client secret');
  for (const field of ['labels', 'annotations'] as const) {
    for (const key of MARKS) {
      must(spec[field][key] === secret[field][key], `${field}: ${key} is not as spec says`);
    }
  }
  must(secret.labels['app.kubernetes.io/managed-by'] === 'keyturn', 'the label managed-by is gone');
  must(secret.labels['keyturn.dev/application'] === name, 'the label application is gone');
  const owned = secret.owners.some((owner) => owner.controller && owner.uid === uid);
  must(owned === (deletionPolicy === 'Delete'), 'the owner is not as deletionPolicy says');
  return complaints;
}

/** The labels and annotations that the runs have spec set, and nobody else sets. */
const MARKS = ['team', 'tier'] as const;
