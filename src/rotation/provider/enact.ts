import type { ProbeOutcome, ProviderAuthority } from '../authority.ts';
import type { Action, ProviderAction } from '../decision.ts';
import type { Observation, OwnedSecret } from '../observation.ts';
import type { Verification } from '../record.ts';

type Rotate = Extract<Action, { kind: 'Rotate' }>;
type RevokePrevious = Extract<Action, { kind: 'RevokePrevious' }>;

const AT_PROVIDER: ReadonlySet<Action['kind']> = new Set<ProviderAction['kind']>([
  'ReadProvider',
  'SendRotation',
  'RevokeAtProvider',
  'Probe',
]);

/**
 * The next step by which what a rule asks for comes about at the provider: there first, and in the
 * backing Secret once the provider has confirmed it. Undefined where the provider keeps it from going
 * on.
 */
export function enact(
  o: Observation,
  at: ProviderAuthority,
  home: OwnedSecret,
  action: Action,
): Action | undefined {
  const step = nextStep(o, at, home, action);
  return step !== undefined && isPossible(at, step) ? step : undefined;
}

export function isPossible({ trouble }: ProviderAuthority, { kind }: Action): boolean {
  return trouble === undefined || !AT_PROVIDER.has(kind);
}

function nextStep(
  o: Observation,
  at: ProviderAuthority,
  home: OwnedSecret,
  action: Action,
): Action | undefined {
  switch (action.kind) {
    case 'Rotate':
      return home.record.intent === undefined ? beginRotation(o, at, home, action) : undefined;
    case 'RevokePrevious':
      return revokePrevious(o, at, home, action);
    default:
      return action;
  }
}

/** A rotation is written down before it is sent, and only while there is room for what it retains. */
export function beginRotation(
  o: Observation,
  at: ProviderAuthority,
  home: OwnedSecret,
  { cause, version, issuedAt, retain }: Rotate,
): Action | undefined {
  if (home.record.previous !== undefined) {
    const ending = revokePrevious(o, at, home, { kind: 'RevokePrevious', reason: 'IssuedBefore' });
    // One that is still accepted after all must not keep the current one alive.
    if (ending !== undefined) return ending;
  }
  if (at.view === undefined) return { kind: 'ReadProvider' };
  if (at.view.previous !== undefined || at.attempt === 'refused') return undefined;
  // A revocation names no secret: it must not reach the one that this rotation retains.
  if (retain !== undefined && o.now < (at.settlesAt ?? 0)) return undefined;
  const longest = o.now + (at.longestRetention ?? Number.POSITIVE_INFINITY);
  return {
    kind: 'BeginRotation',
    intent: {
      cause,
      version,
      startedAt: o.now,
      issuedAt,
      retiredAt: retain?.retiredAt ?? issuedAt,
      retainUntil: retain && Math.min(retain.expiresAt, longest),
    },
  };
}

/** The provider's previous secret ends first, if it is the one on record; then it is proved dead. */
function revokePrevious(
  o: Observation,
  at: ProviderAuthority,
  home: OwnedSecret,
  action: RevokePrevious,
): Action | undefined {
  const { previous } = home.record;
  if (previous === undefined) return undefined;
  if (at.view === undefined) return { kind: 'ReadProvider' };
  if (at.view.previous?.is === 'previous') {
    return { kind: 'RevokeAtProvider', version: previous.version };
  }
  if (!o.spec.verifyRevocation) return action;
  if (home.previous !== 'intact') return { ...action, verification: verificationOf(undefined) };
  const probe = at.probes.previous;
  if (probe === undefined) return { kind: 'Probe', secret: 'previous' };
  return probe.result === 'accepted'
    ? undefined
    : { ...action, verification: verificationOf(probe) };
}

/** What asking the provider has proved of a secret that has ended; undefined: that it has not. */
export function verificationOf(probe: ProbeOutcome | undefined): Verification | undefined {
  switch (probe?.result) {
    case undefined:
      return {
        result: 'Unverifiable',
        message: 'its value was changed or removed in the backing Secret',
      };
    case 'unknown':
      return { result: 'Unverifiable', message: probe.reason };
    case 'rejected':
      return { result: 'Verified' };
    case 'accepted':
      return undefined;
  }
}
