import type { BoundaryField } from '../api/overdue.ts';
import { refusedBoundaries } from './boundaries.ts';
import type { Impediment } from './decision.ts';
import type { Observation, OwnedSecret } from './observation.ts';
import { ongoingRestorations } from './restorations.ts';

/** What stands in the way of spec at the backing Secret. */
export function impedimentTo(o: Observation, home: OwnedSecret): Impediment | undefined {
  if (home.immutable) return immutable(home.name);
  if (home.impediment !== undefined) return home.impediment;
  if (home.name !== o.spec.secretName) {
    if (o.target.kind === 'obstructed') return o.target.impediment;
    if (o.target.kind === 'adoptable') return occupied(o, home);
  }
  return refusal(o) ?? restoredAgain(o, home);
}

function immutable(name: string): Impediment {
  return {
    reason: 'SecretImmutable',
    message:
      `Secret ${name} is immutable, so its client secret can neither be rotated nor revoked. Make it anew ` +
      'without immutable, its data and annotations as they are, while spec.suspend is true. If it is ' +
      'deleted instead, a new client secret is issued, but a revoked one is not known any more and could ' +
      'come back.',
  };
}

function occupied(o: Observation, home: OwnedSecret): Impediment {
  return {
    reason: 'SecretConflict',
    message:
      `Secret ${o.spec.secretName} is offered for adoption, but this application's client secret ` +
      `lives in Secret ${home.name}. Delete one of the two, or change spec.secret.name.`,
  };
}

const BOUNDARIES: readonly BoundaryField[] = ['revokeRetiredBefore', 'revokeIssuedBefore'];

function refusal(o: Observation): Impediment | undefined {
  const refused = refusedBoundaries(o);
  const field = BOUNDARIES.find((name) => refused[name] !== undefined);
  if (field === undefined) return undefined;
  return {
    reason: 'InvalidSpec',
    message:
      `spec.${field}: ${refused[field]} was more than 5 minutes in the future when it was set. It is ` +
      'ignored, and will not take effect by itself: set it to a time that has come, or remove it.',
  };
}

function restoredAgain(o: Observation, home: OwnedSecret): Impediment | undefined {
  const series = ongoingRestorations(home.record, o.now);
  if (series === undefined) return undefined;
  const by = series.by === undefined ? 'Somebody' : `Field manager ${JSON.stringify(series.by)}`;
  const did =
    o.authority.kind === 'local'
      ? `has put a former client secret back into Secret ${home.name}`
      : `has changed the client secret in Secret ${home.name}`;
  return {
    reason: 'FormerSecretRestored',
    message:
      `${by} ${did} ${series.count} times. It is replaced each time. Remove the value from where ` +
      'it is applied from.',
  };
}
