import { currentTokens, foreignKeys, KEYS, previousTokens } from './backing-secret.ts';
import { endingReasons } from './endings.ts';
import type { SecretState, Token } from './observed.ts';
import { recordOf, samePrevious } from './record.ts';
import { judgeReplacement, type Versioned } from './replacement.ts';
import { active, type Scene } from './scene.ts';

/** Judges what the operator wrote over a Secret that was the application's already. */
export function judgeUpdate(
  scene: Scene,
  before: SecretState,
  after: SecretState,
  isFresh: (token: Token) => boolean,
): string[] {
  const old = recordOf(before);
  const now = recordOf(after);
  if (old === undefined) return ['a Secret was written whose annotations could not be read'];
  if (now === undefined) return ['annotations were written that cannot be read'];
  const was: Versioned = { secret: before, record: old };
  const is: Versioned = { secret: after, record: now };
  return [
    ...judgeCarried(scene, was, is),
    ...(now.version === old.version
      ? judgeKept(scene, was, is)
      : judgeReplacement(scene, was, is, isFresh)),
  ];
}

/** What no write may do, whatever it is for. */
function judgeCarried(scene: Scene, before: Versioned, after: Versioned): string[] {
  const complaints: string[] = [];
  if (currentTokens(before.secret).length > 0 && currentTokens(after.secret).length === 0) {
    complaints.push('the current client secret was taken away');
  }
  const held = new Set(Object.values(before.secret.data));
  for (const [key, token] of Object.entries(after.secret.data)) {
    if (held.has(token) || !scene.lineage.isEnded(token, before.record)) continue;
    complaints.push(`an ended value (${token}) was published again under ${key}`);
  }
  for (const key of foreignKeys(before.secret)) {
    if (after.secret.data[key] !== before.secret.data[key])
      complaints.push(`foreign ${key} changed`);
  }
  return complaints;
}

/** Judges a write that left the version as it was. */
function judgeKept(scene: Scene, before: Versioned, after: Versioned): string[] {
  const complaints: string[] = [];
  if (after.record.issuedAt !== before.record.issuedAt) complaints.push('issuedAt changed');
  if (currentTokens(after.secret).join() !== currentTokens(before.secret).join()) {
    complaints.push('the current client secret changed under one version');
  }
  if (active(scene).length === 0 && upkeepOf(before.secret) !== upkeepOf(after.secret)) {
    complaints.push('a Secret was put right while spec was suspended or gone');
  }
  return [...complaints, ...judgePrevious(scene, before, after)];
}

function judgePrevious(scene: Scene, before: Versioned, after: Versioned): string[] {
  const { previous: was } = before.record;
  const { previous: is } = after.record;
  const tokens = previousTokens(after.secret);
  if (was === undefined) {
    if (is !== undefined) return ['a previous secret was recorded without a rotation'];
    const held = previousTokens(before.secret);
    return tokens.every((token) => held.includes(token)) ? [] : ['a previous secret was made up'];
  }
  if (is !== undefined) {
    if (!samePrevious(was, is)) return ['the record of the previous secret changed'];
    const kept = tokens.join() === previousTokens(before.secret).join();
    return kept ? [] : ['the previous secret changed while it was retained'];
  }
  const reasons = endingReasons(scene, before.secret, { ...before.record, previous: was });
  scene.lineage.lastEnding = { version: was.version, reasons, span: scene.span };
  const complaints = tokens.length === 0 ? [] : ['an ended previous secret was left in place'];
  if (reasons.size === 0) complaints.push(`version ${was.version} was ended before its time`);
  return complaints;
}

/** All that is put right where spec is not suspended, as one text. */
function upkeepOf({ labels, annotations, data, owners }: SecretState): string {
  const notes = Object.entries(annotations).filter(([name]) => !name.startsWith('keyturn.dev/'));
  const values = Object.entries(data).filter(([key]) => !isPreviousKey(key));
  return JSON.stringify([Object.entries(labels).sort(), notes.sort(), values.sort(), owners]);
}

function isPreviousKey(key: string): boolean {
  return KEYS.previous.some((name) => name === key);
}
