import { parseDuration } from './duration.ts';
import type { OIDCApplicationSpec, ProviderReference } from './oidcapplication.gen.ts';
import { parseTimestamp } from './timestamp.ts';

/** A moment in spec, as it was spelt and as epoch milliseconds. */
export interface SpecTime {
  readonly text: string;
  readonly time: number;
}

export interface SecretKeys {
  readonly clientID: string;
  readonly clientSecret: string;
  readonly previousClientSecret: string;
  /** Undefined: the issuer is not published. */
  readonly issuer: string | undefined;
}

/** An application's spec with every default filled in, durations in milliseconds. */
export interface ApplicationSpec {
  readonly clientID: string;
  readonly providerRef: ProviderReference | undefined;
  readonly secretName: string;
  readonly keys: SecretKeys;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly rotateAfter: SpecTime | undefined;
  readonly every: number | undefined;
  readonly retainPreviousFor: number;
  readonly revokePreviousSecret: boolean;
  readonly revokeRetiredBefore: SpecTime | undefined;
  readonly revokeIssuedBefore: SpecTime | undefined;
  readonly verifyRevocation: boolean;
  readonly suspend: boolean;
  readonly deletionPolicy: 'Retain' | 'Delete';
}

/** A field of spec that cannot be read. Admission refuses it; a stored object can still hold it. */
export class InvalidSpecError extends Error {
  override readonly name = 'InvalidSpecError';

  constructor(field: string, value: string, expected: string) {
    super(`spec.${field}: ${JSON.stringify(value)} is not ${expected}`);
  }
}

const DEFAULT_RETENTION = 24 * 3_600_000;

/**
 * Fills in what spec leaves out, in the same way as the CRD's defaults.
 *
 * @throws {InvalidSpecError} naming the field, if a time or a duration cannot be read
 */
export function effectiveSpec(
  metadata: { readonly namespace: string; readonly name: string },
  spec: OIDCApplicationSpec,
): ApplicationSpec {
  const { secret, rotation } = spec;
  return {
    clientID: effectiveClientID(metadata, spec),
    providerRef: spec.providerRef,
    secretName: secret?.name ?? metadata.name,
    keys: {
      clientID: secret?.keys?.clientID ?? 'client-id',
      clientSecret: secret?.keys?.clientSecret ?? 'client-secret',
      previousClientSecret: secret?.keys?.previousClientSecret ?? 'previous-client-secret',
      issuer: spec.providerRef === undefined ? undefined : secret?.keys?.issuer,
    },
    labels: secret?.labels ?? {},
    annotations: secret?.annotations ?? {},
    rotateAfter: time('rotation.rotateAfter', rotation?.rotateAfter),
    every: duration('rotation.every', rotation?.every),
    retainPreviousFor:
      duration('rotation.retainPreviousFor', rotation?.retainPreviousFor) ?? DEFAULT_RETENTION,
    revokePreviousSecret: spec.revokePreviousSecret ?? false,
    revokeRetiredBefore: time('revokeRetiredBefore', spec.revokeRetiredBefore),
    revokeIssuedBefore: time('revokeIssuedBefore', spec.revokeIssuedBefore),
    verifyRevocation: spec.verifyRevocation ?? true,
    suspend: spec.suspend ?? false,
    deletionPolicy: spec.deletionPolicy ?? 'Retain',
  };
}

export function effectiveClientID(
  { namespace, name }: { readonly namespace: string; readonly name: string },
  { clientID }: OIDCApplicationSpec,
): string {
  return clientID ?? `${namespace}.${name}`;
}

function duration(field: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const parsed = parseDuration(text);
  if (parsed === undefined) {
    throw new InvalidSpecError(field, text, 'a duration in hours, minutes and seconds, as in 36h');
  }
  return parsed;
}

function time(field: string, text: string | undefined): SpecTime | undefined {
  if (text === undefined) return undefined;
  const parsed = parseTimestamp(text);
  if (parsed === undefined) {
    throw new InvalidSpecError(field, text, 'an RFC 3339 time, as in 2026-11-24T10:00:00Z');
  }
  return { text, time: parsed };
}
