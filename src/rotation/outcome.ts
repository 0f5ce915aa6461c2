import type { Observation } from './observation.ts';
import type {
  IssuedSecret,
  Revocation,
  RevocationReason,
  RotationCause,
  SecretRecord,
  Verification,
} from './record.ts';

export function recordOf(o: Observation): SecretRecord {
  if (o.home === undefined) throw new Error('decided on a backing Secret that was not observed');
  return o.home.record;
}

/** What is recorded of a secret that ends now. */
export function ended(
  o: Observation,
  { version }: Pick<IssuedSecret, 'version'>,
  reason: RevocationReason,
  verification?: Verification,
): Revocation {
  return { version, time: o.now, reason, ...(verification !== undefined && { verification }) };
}

/** What becomes of a current secret that a rotation replaces and does not retain. */
export function replaced(
  o: Observation,
  secret: IssuedSecret,
  cause: RotationCause,
  verification?: Verification,
): Revocation {
  return ended(o, secret, cause === 'IssuedBefore' ? 'IssuedBefore' : 'NotRetained', verification);
}
