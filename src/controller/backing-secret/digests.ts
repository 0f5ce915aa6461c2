import { randomBytes } from 'node:crypto';
import type { SecretValue } from '../../api/secret-value.ts';
import type { Action } from '../../rotation/decision.ts';
import type { ValueMoves } from '../../rotation/transition.ts';
import { type Digests, FORMER_KEPT } from './state.ts';

/** The digests after a step: what is replaced or ended joins the former ones. */
export function nextDigests(
  before: Digests | undefined,
  action: Action,
  moves: ValueMoves,
  current: SecretValue | undefined,
): Digests {
  const salt = before?.salt ?? randomBytes(16).toString('base64url');
  const isNew = moves.current === 'fresh' || action.kind === 'Adopt' || action.kind === 'Accept';
  const ended: (string | undefined)[] = [];
  if (isNew && moves.previous !== 'current') ended.push(before?.current);
  if (moves.previous !== 'keep') ended.push(before?.previous);
  return {
    salt,
    current: isNew || before === undefined ? (current?.digest(salt) ?? '') : before.current,
    previous: { keep: before?.previous, current: before?.current, none: undefined }[moves.previous],
    former: remember(before?.former ?? [], ended),
  };
}

function remember(
  former: readonly string[],
  ended: readonly (string | undefined)[],
): readonly string[] {
  const added = ended.filter((digest) => digest !== undefined);
  if (added.length === 0) return former;
  return [...new Set([...former, ...added])].slice(-FORMER_KEPT);
}
