import { claimantOf } from './backing-secret.ts';
import { expectationOf } from './expectation.ts';
import type { History, Violation } from './history.ts';
import { BOUNDARIES } from './lineage.ts';
import { keyOf } from './observed.ts';
import { expiryOf, recordOf } from './record.ts';
import { isRestless } from './restless.ts';
import { unmetStatements } from './statements.ts';
import { untruths } from './status.ts';
import { type Millis, SLACK } from './times.ts';

/** What is not as it must be, once everything is quiet. */
export function judgeQuiet(history: History, now: Millis): Violation[] {
  const found = history.applications().flatMap((application) => {
    const expectation = expectationOf(history, application, now);
    return [...unmetStatements(expectation, now), ...untruths(expectation)].map((complaint) => ({
      object: `application ${keyOf(application)}`,
      complaint,
    }));
  });
  return [...found, ...judgeSecrets(history, now)];
}

/** What must hold of each Secret, whether or not its application is still there. */
function judgeSecrets(history: History, now: Millis): Violation[] {
  const uids = new Set(history.applications().map(({ uid }) => uid));
  return history.secrets().flatMap((secret) => {
    const complaints: string[] = [];
    const claimant = claimantOf(secret);
    if (claimant?.uid !== undefined && !uids.has(claimant.uid)) {
      complaints.push('it is still there, but its owner is gone');
    }
    const record = recordOf(secret);
    if (claimant !== undefined && record?.previous !== undefined && !secret.immutable) {
      if (now >= expiryOf(record.previous) + SLACK) complaints.push('an expired secret is in it');
    }
    return complaints.map((complaint) => ({ object: `secret ${keyOf(secret)}`, complaint }));
  });
}

/** Writes down which boundaries were refused and which stand: that holds until they are edited. */
export function rememberBoundaries(history: History, now: Millis): void {
  for (const application of history.applications()) {
    const { home, boundaries } = expectationOf(history, application, now);
    if (home === undefined || home.secret.immutable) continue;
    for (const field of BOUNDARIES) {
      const text = application.spec[field]?.text;
      if (text === undefined || boundaries[field] === 'unsure') continue;
      home.lineage.judgements.set(field, { text, refused: boundaries[field] === 'no' });
    }
  }
}

/** The applications that time alone may change about now, and their Secrets. */
export function restless(history: History, now: Millis): ReadonlySet<string> {
  const found = history
    .applications()
    .map((application) => expectationOf(history, application, now))
    .filter((expectation) => isRestless(expectation, now));
  return new Set(
    found.flatMap(({ application, homes }) => [
      keyOf(application),
      ...homes.map(({ secret }) => keyOf(secret)),
    ]),
  );
}
