import { randomBytes } from 'node:crypto';
import type { SecretAction } from '../../rotation/decision.ts';
import type { ValueMoves } from '../../rotation/values.ts';
import type { Values } from './render.ts';
import { type Digests, FORMER_KEPT } from './state.ts';

/** The digests after a step: what is replaced or ended joins the former ones. */
export function nextDigests(
  before: Digests | undefined,
  action: SecretAction,
  moves: ValueMoves,
  values: Values,
): Digests {
  const salt = before?.salt ?? randomBytes(16).toString('base64url');
  const isNew = moves.current !== 'observed' || action.kind === 'Adopt' || action.kind === 'Accept';
  const current =
    isNew || before === undefined ? (values.current?.digest(salt) ?? '') : before.current;
  const previous = {
    keep: before?.previous,
    current: before?.current,
    provider: values.previous?.digest(salt),
    none: undefined,
  }[moves.previous];
  const ended = [before?.current, before?.previous].filter(
    (digest) => digest !== undefined && digest !== current && digest !== previous,
  );
  return { salt, current, previous, former: remember(before?.former ?? [], ended) };
}

function remember(
  former: readonly string[],
  ended: readonly (string | undefined)[],
): readonly string[] {
  const added = ended.filter((digest) => digest !== undefined);
  if (added.length === 0) return former;
  return [...new Set([...former, ...added])].slice(-FORMER_KEPT);
}
