import { currentTokens, foreignKeys, previousTokens } from './backing-secret.ts';
import { Lineage } from './lineage.ts';
import type { SecretState, Token } from './observed.ts';
import { recordOf, sameRecord } from './record.ts';
import { isDecisionTime } from './rotations.ts';
import { active, floors, present, type Scene } from './scene.ts';

/** A backing Secret and the client secrets that it belongs to. */
export interface Home {
  readonly secret: SecretState;
  readonly lineage: Lineage;
  /** As the operator left it, and as others changed it since: what it may have been copied as. */
  readonly origins: readonly SecretState[];
}

/** The application's Secrets beside the one that is judged. */
export interface Others {
  readonly homes: readonly Home[];
  /** Those that somebody deleted since everything was quiet last. */
  readonly lost: readonly Home[];
}

export interface Established {
  readonly lineage: Lineage;
  readonly complaints: readonly string[];
}

/**
 * Judges a write that made a Secret the application's: its client secret was issued, adopted, or
 * brought there from another one.
 */
export function judgeEstablishment(
  scene: Omit<Scene, 'lineage'>,
  before: SecretState | undefined,
  after: SecretState,
  { homes, lost }: Others,
  isFresh: (token: Token) => boolean,
): Established {
  const record = recordOf(after);
  const lineage = new Lineage();
  if (record === undefined) return { lineage, complaints: ['annotations cannot be read'] };
  const complaints: string[] = [];
  const must = (holds: boolean, complaint: string) => {
    if (!holds) complaints.push(complaint);
  };
  must(
    active(scene).some(({ spec }) => spec.secretName === after.name),
    'a Secret was taken that spec did not name',
  );
  const from = [...homes, ...lost].find((home) => isOriginOf(home, after));
  if (from !== undefined) return { lineage: from.lineage, complaints };

  const [token = '', ...others] = currentTokens(after);
  must(token !== '' && others.length === 0, 'a Secret was established without one client secret');
  must(homes.length === 0, `a client secret was issued although ${namesOf(homes)} held one`);
  must(
    floors(scene).includes(record.version - 1),
    `version ${record.version} does not follow what status remembered`,
  );
  must(record.previous === undefined, 'a new Secret records a previous secret');
  must(previousTokens(after).length === 0, 'a new Secret holds a previous secret');
  const boundaries = present(scene).map(({ spec }) => spec.revokeIssuedBefore?.time);
  must(
    isDecisionTime({ ...scene, lineage }, record.issuedAt, boundaries),
    'issuedAt is not the time of the decision',
  );
  if (before === undefined) must(isFresh(token), `a former value (${token}) was issued`);
  else {
    must(
      before.annotations['keyturn.dev/adopt-by'] === after.annotations['keyturn.dev/application'],
      'a Secret was taken over that nobody offered',
    );
    must(currentTokens(before).join() === token, 'adopting a Secret changed its client secret');
    must(
      foreignKeys(before).every((key) => before.data[key] === after.data[key]),
      'adopting a Secret changed foreign data',
    );
  }
  lineage.give(record.version, token);
  if (record.version > 1) {
    const reasons = new Set(['Removed']);
    lineage.lastEnding = { version: record.version - 1, reasons, span: scene.span };
  }
  return { lineage, complaints };
}

export function isOriginOf({ origins }: Home, copy: SecretState): boolean {
  return origins.some((origin) => isCopy(origin, copy));
}

/** Whether `copy` holds the same secrets under the same record. */
export function isCopy(secret: SecretState, copy: SecretState): boolean {
  const [a, b] = [recordOf(secret), recordOf(copy)];
  return (
    a !== undefined &&
    b !== undefined &&
    sameRecord(a, b) &&
    currentTokens(secret).join() === currentTokens(copy).join()
  );
}

/** Judges the end of a Secret, or of what was ours in it. */
export function judgeRemoval(
  scene: Omit<Scene, 'lineage'>,
  { secret, lineage }: Home,
  after: SecretState | undefined,
  homes: readonly Home[],
): string[] {
  const complaints: string[] = [];
  const others = homes.filter((home) => home.lineage === lineage);
  if (!others.some((home) => currentTokens(home.secret).length > 0)) {
    complaints.push('the only Secret with the current client secret was given up');
  }
  if (!active(scene).some(({ spec }) => spec.secretName !== secret.name)) {
    complaints.push('the Secret that spec names was given up');
  }
  for (const key of foreignKeys(secret)) {
    if (after?.data[key] !== secret.data[key]) complaints.push(`foreign ${key} was removed`);
  }
  return complaints;
}

function namesOf(homes: readonly Home[]): string {
  return homes.map(({ secret }) => secret.name).join(' and ');
}
