import type { Home } from './inspect.ts';

/**
 * Which of an application's Secrets counts, first: the one of the higher version, then the one that
 * the other was moved to, then the one that spec names.
 */
export function byPrecedence(homes: readonly Home[], named: string | undefined): Home[] {
  const rank = (home: Home, other: Home) =>
    (wasMovedFrom(home, other) ? 2 : 0) + (home.secret.metadata.name === named ? 1 : 0);
  return homes.toSorted((a, b) => versionOf(b) - versionOf(a) || rank(b, a) - rank(a, b));
}

function versionOf({ stored }: Home): number {
  return stored.record.current.version;
}

function wasMovedFrom({ stored }: Home, other: Home): boolean {
  return stored.state.movedFrom === other.secret.metadata.name;
}
