import type { BoundaryField } from '../../../src/api/overdue.ts';
import type { Observation } from '../../../src/rotation/observation.ts';
import { AHEAD } from '../fixtures.ts';
import type { BackingSecret, Token } from './backing-secret.ts';
import type { Move } from './moves.ts';
import type { Refused } from './statements.ts';
import type { World } from './world.ts';

const FIELDS: readonly BoundaryField[] = ['revokeRetiredBefore', 'revokeIssuedBefore'];

/**
 * Which boundaries are refused: more than 5 minutes ahead when a clock that can be trusted first saw
 * them, until they are edited. Kept apart from the record, for as long as there is a backing Secret.
 */
export class Refusals {
  refused: Refused = {};

  /** Must see everything that the operator decides on. */
  look(o: Observation): void {
    if (o.home === undefined) this.refused = {};
    if (o.expiryOnly) return;
    const refused: Partial<Record<BoundaryField, string>> = {};
    for (const field of FIELDS) {
      const stated = o.spec[field];
      if (stated === undefined) continue;
      const known = this.refused[field] === stated.text;
      if (known || (o.clockTrusted && stated.time > o.now + AHEAD)) refused[field] = stated.text;
    }
    this.refused = refused;
  }
}

/** The values that the operator has ended, while there is a backing Secret that remembers them. */
export class EndedValues {
  readonly ended = new Set<Token>();

  step(before: BackingSecret | undefined, after: BackingSecret | undefined): void {
    const valid = recordedValues(after);
    for (const token of recordedValues(before)) if (!valid.includes(token)) this.ended.add(token);
  }

  moved(world: World): void {
    if (world.home === undefined) this.ended.clear();
  }
}

/** The values that the record says are valid. */
export function recordedValues(secret: BackingSecret | undefined): Token[] {
  const { current, previous } = secret?.known ?? {};
  return [current, previous].filter((token) => token !== undefined);
}

/** The values that are valid in fact: those that stand there. */
export function publishedValues(secret: BackingSecret | undefined): Token[] {
  const { current, previous } = secret?.keys ?? {};
  return [current, previous].filter((token) => token !== undefined);
}

/** Whether what is recorded and nothing else is published; so it is before there is a Secret. */
export function isIntact(secret: BackingSecret | undefined): boolean {
  return (
    secret?.keys.current === secret?.known.current &&
    secret?.keys.previous === secret?.known.previous
  );
}

/** Which version was given to which value, as far as the Secret or status remembers. */
export class Versions {
  readonly given = new Map<number, Token>();

  /** What nobody remembers any more after `move` may be given again. */
  moved({ kind }: Move, world: World): void {
    if (kind !== 'deleteSecret' && kind !== 'loseStatus' && kind !== 'deleteApplication') return;
    const remembered = Math.max(
      world.home?.[1].record.current.version ?? 0,
      world.application?.versionInStatus ?? 0,
    );
    for (const version of this.given.keys()) if (version > remembered) this.given.delete(version);
  }
}
