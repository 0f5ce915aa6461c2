import { currentTokens, previousTokens } from './backing-secret.ts';
import type { Ending } from './lineage.ts';
import type { SecretState, Token } from './observed.ts';
import { type PreviousRecord, type SecretRecord, samePrevious } from './record.ts';
import { isDecisionTime, rotationReasons } from './rotations.ts';
import { active, floors, present, type Scene } from './scene.ts';
import { SLACK } from './times.ts';

export interface Versioned {
  readonly secret: SecretState;
  readonly record: SecretRecord;
}

/** Judges a write that gave a new version. */
export function judgeReplacement(
  scene: Scene,
  before: Versioned,
  after: Versioned,
  isFresh: (token: Token) => boolean,
): string[] {
  const { lineage, span } = scene;
  const [token = '', ...others] = currentTokens(after.secret);
  const found = lineage.currentOf(before.secret, before.record);
  const { version } = after.record;
  const boundaries = present(scene).map(({ spec }) => spec.revokeIssuedBefore?.time ?? 0);
  const complaints: string[] = [];
  const must = (holds: boolean, complaint: string) => {
    if (!holds) complaints.push(complaint);
  };

  must(token !== '' && others.length === 0, 'a version was given without one client secret');
  must(active(scene).length > 0, 'a version was given while spec was suspended or gone');
  must(
    floors(scene).some((floor) => version === Math.max(before.record.version, floor) + 1),
    `version ${version} does not follow version ${before.record.version}`,
  );
  // A value set by hand must not pass a boundary that still lies ahead by its predecessor's time.
  const isBounded = found === 'foreign' && boundaries.some((time) => time > span.from - SLACK);
  must(isBounded || after.record.issuedAt >= before.record.issuedAt, 'issuedAt went back');
  must(
    isDecisionTime(scene, after.record.issuedAt, [before.record.issuedAt, ...boundaries]),
    'issuedAt is not the time of the decision',
  );
  if (found === 'foreign') {
    must(
      currentTokens(before.secret)[0] === token,
      'a new value that was set by hand was not accepted',
    );
  } else {
    must(
      isFresh(token),
      `a value that was there before (${token}) was issued as version ${version}`,
    );
  }
  if (found === 'intact') complaints.push(...judgeRotation(scene, before, after));
  else {
    must(
      samePrevious(before.record.previous, after.record.previous),
      'what was recorded of the previous secret changed with the current one',
    );
    if (found === 'former') lineage.restorations.push(span.to);
    end(scene, before.record, new Set([found === 'foreign' ? 'NotRetained' : 'Removed']));
  }
  must(!lineage.give(version, token), `version ${version} was given twice`);
  return complaints;
}

function judgeRotation(scene: Scene, before: Versioned, after: Versioned): string[] {
  const { previous } = after.record;
  const reasons = rotationReasons(scene, before.record, previous);
  const complaints =
    reasons.size > 0
      ? []
      : [`version ${before.record.version} was replaced, which spec did not ask for in this way`];
  if (previous === undefined) end(scene, before.record, reasons);
  else complaints.push(...judgeRetention(scene, before.record, previous));
  const expected = previous === undefined ? [] : [scene.lineage.tokenOf(before.record.version)];
  if (previousTokens(after.secret).join() !== expected.join()) {
    complaints.push('the key of the previous secret does not hold what was just replaced');
  }
  return complaints;
}

function judgeRetention(
  scene: Scene,
  { version, issuedAt }: SecretRecord,
  previous: PreviousRecord,
): string[] {
  const complaints: string[] = [];
  if (previous.version !== version || previous.issuedAt !== issuedAt) {
    complaints.push('the previous secret is not recorded as the current one was');
  }
  const later = [issuedAt, ...present(scene).map(({ spec }) => spec.revokeRetiredBefore?.time)];
  if (!isDecisionTime(scene, previous.retiredAt, later)) {
    complaints.push('retiredAt is not the time of the decision');
  }
  if (previous.retiredAt < issuedAt) complaints.push('a secret was retired before it was issued');
  return complaints;
}

function end(scene: Scene, { version }: SecretRecord, reasons: Ending['reasons']): void {
  scene.lineage.lastEnding = { version, reasons, span: scene.span };
}
