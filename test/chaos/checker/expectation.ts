import { claimantOf } from './backing-secret.ts';
import type { Home } from './establishment.ts';
import type { History } from './history.ts';
import { BOUNDARIES, type BoundaryField, type Lineage } from './lineage.ts';
import { type ApplicationState, type Keys, keyOf, type SecretState } from './observed.ts';
import { previousEnds } from './previous-ends.ts';
import { recordOf, type SecretRecord } from './record.ts';
import { mayBeDue } from './rotations.ts';
import { HOUR, type Millis, SLACK, TOLERANCE } from './times.ts';

/** Something that depends on a moment which may or may not have come by the operator's clock. */
export type Verdict = 'yes' | 'no' | 'unsure';

/** A backing Secret whose annotations can be read. */
export interface ReadableHome extends Home {
  readonly record: SecretRecord;
}

/** What must be found of an application once everything is quiet. */
export interface Expectation {
  readonly application: ApplicationState;
  readonly homes: readonly Home[];
  /** The Secret that counts. */
  readonly home: ReadableHome | undefined;
  readonly target: 'free' | 'ours' | 'offered' | 'foreign' | 'unreadable' | 'going';
  readonly boundaries: Readonly<Record<BoundaryField, Verdict>>;
  readonly due: Verdict;
  /** Whether the previous secret should not be valid any more. */
  readonly previousEnds: Verdict;
  /** Somebody has put former values back again and again. */
  readonly besieged: boolean;
}

export function expectationOf(
  history: History,
  application: ApplicationState,
  now: Millis,
): Expectation {
  const { spec, namespace, name } = application;
  const homes = history.homesOf(namespace, name);
  const home = homeOf(homes, spec.secretName);
  const boundary = (field: BoundaryField) => standingOf(history, application, home, field, now);
  const boundaries = {
    revokeRetiredBefore: boundary('revokeRetiredBefore'),
    revokeIssuedBefore: boundary('revokeIssuedBefore'),
  };
  return {
    application,
    homes,
    home,
    target: targetOf(history, application, homes),
    boundaries,
    previousEnds: previousEnds(application, home, boundaries, now),
    due: home === undefined ? 'no' : dueOf(application, home, now),
    besieged: home !== undefined && isBesieged(home.lineage, now),
  };
}

/** The readable Secret of the highest version; of two, the one that spec names. */
function homeOf(homes: readonly Home[], named: string): ReadableHome | undefined {
  return homes
    .flatMap((home) => {
      const record = recordOf(home.secret);
      return record === undefined ? [] : [{ ...home, record }];
    })
    .sort(
      (a, b) =>
        b.record.version - a.record.version ||
        Number(b.secret.name === named) - Number(a.secret.name === named),
    )[0];
}

function targetOf(
  history: History,
  { namespace, name, spec }: ApplicationState,
  homes: readonly Home[],
): Expectation['target'] {
  const secret = history.secret(keyOf({ namespace, name: spec.secretName }));
  if (secret === undefined) return 'free';
  if (secret.deleting || isPredecessors(secret, name, homes)) return 'going';
  if (homes.some((home) => home.secret === secret)) {
    return recordOf(secret) === undefined ? 'unreadable' : 'ours';
  }
  return isOffered(secret, name, spec.keys) ? 'offered' : 'foreign';
}

/** Owned by an application of that name which is gone: garbage collection takes it. */
function isPredecessors(secret: SecretState, name: string, homes: readonly Home[]): boolean {
  const claimant = claimantOf(secret);
  return (
    claimant?.uid !== undefined &&
    claimant.name === name &&
    !homes.some((home) => home.secret === secret)
  );
}

/** Whether it can be adopted too, by an application that has no home: what is offered may lie under another key. */
function isOffered(secret: SecretState, name: string, { clientSecret }: Keys): boolean {
  return (
    secret.annotations['keyturn.dev/adopt-by'] === name &&
    secret.data[clientSecret] !== undefined &&
    claimantOf(secret) === undefined &&
    secret.owners.every(({ controller }) => !controller)
  );
}

function standingOf(
  history: History,
  application: ApplicationState,
  home: ReadableHome | undefined,
  field: BoundaryField,
  now: Millis,
): Verdict {
  const boundary = application.spec[field];
  if (boundary === undefined) return 'no';
  const key = keyOf(application);
  const judged = home?.lineage.judgementOf(field, boundary.text, history.statesOf(key));
  if (judged !== undefined) return judged.refused ? 'no' : 'yes';
  if (boundary.time > now + TOLERANCE + SLACK) return 'no';
  return boundary.time <= history.editedAt(key, field) + TOLERANCE - SLACK ? 'yes' : 'unsure';
}

/** Whether a boundary that spec states must have been refused. */
export function refusals({ application, boundaries }: Expectation): Verdict {
  const stated = BOUNDARIES.filter((field) => application.spec[field] !== undefined);
  if (stated.some((field) => boundaries[field] === 'no')) return 'yes';
  return stated.some((field) => boundaries[field] === 'unsure') ? 'unsure' : 'no';
}

function dueOf({ spec }: ApplicationState, home: ReadableHome, now: Millis): Verdict {
  const { issuedAt } = home.record;
  if (home.lineage.currentOf(home.secret, home.record) !== 'intact') return 'no';
  const { rotateAfter, every } = spec;
  const after = rotateAfter !== undefined && rotateAfter <= now - SLACK && issuedAt < rotateAfter;
  const old = every !== undefined && now - issuedAt >= every + SLACK;
  if (after || old) return 'yes';
  return mayBeDue(spec, issuedAt, now + SLACK) ? 'unsure' : 'no';
}

function isBesieged({ restorations }: Lineage, now: Millis): boolean {
  const [last = Number.NEGATIVE_INFINITY, earlier = Number.NEGATIVE_INFINITY] =
    restorations.toReversed();
  return last - earlier < HOUR + SLACK && now - last < HOUR + SLACK;
}
