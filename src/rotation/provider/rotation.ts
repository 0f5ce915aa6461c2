import type { ProviderAuthority, ProviderView } from '../authority.ts';
import type { Action } from '../decision.ts';
import type { Observation, OwnedSecret } from '../observation.ts';
import type { RetainedSecret, RotationIntent } from '../record.ts';
import { replaceIssuedBefore } from '../rules/replace-issued-before.ts';
import { rotateDue } from '../rules/rotate-due.ts';
import type { Rule } from '../rules/rule.ts';
import { beginRotation, verificationOf } from './enact.ts';
import { isPropagating, isSettling } from './intent.ts';
import { discovered } from './retained.ts';

/** A rotation that was written down and shows at the provider has happened: it is published. */
export const concludeRotation: Rule = {
  name: 'concludeRotation',
  authority: 'provider',
  timed: false,
  suspendable: false,
  outlivesApplication: true,
  apply(o, home) {
    const found = intentAt(o, home);
    if (found === undefined) return undefined;
    const { at, intent } = found;
    if (at.view === undefined) return { kind: 'ReadProvider' };
    return at.view.current === 'other' ? conclude(o, at, at.view, home, intent) : undefined;
  },
};

/**
 * A rotation that was written down and does not show at the provider is sent if that was certainly
 * not done yet; else it is begun anew once an earlier request can no longer take effect.
 */
export const resumeRotation: Rule = {
  name: 'resumeRotation',
  authority: 'provider',
  timed: true,
  suspendable: false,
  outlivesApplication: true,
  apply(o, home) {
    const found = intentAt(o, home);
    if (found?.at.attempt === 'refused') return { kind: 'DropIntent' };
    if (found?.at.view === undefined) return undefined;
    const { at, intent } = found;
    const wanted = o.expiryOnly || o.spec.suspend ? undefined : dueRotation(o, home);
    if (isSettling(o, intent)) {
      if (at.attempt !== 'begun') return undefined;
      return wanted === undefined ? { kind: 'DropIntent' } : { kind: 'SendRotation', intent };
    }
    const anew = wanted && beginRotation(o, at, home, wanted);
    return anew ?? { kind: 'DropIntent' };
  },
};

interface Begun {
  readonly at: ProviderAuthority;
  readonly intent: RotationIntent;
}

function intentAt({ authority }: Observation, { record }: OwnedSecret): Begun | undefined {
  if (authority.kind === 'local') return undefined;
  return record.intent && { at: authority, intent: record.intent };
}

function dueRotation(o: Observation, home: OwnedSecret) {
  const action = replaceIssuedBefore.apply(o, home) ?? rotateDue.apply(o, home);
  return action?.kind === 'Rotate' ? action : undefined;
}

function conclude(
  o: Observation,
  { probes }: ProviderAuthority,
  view: ProviderView,
  home: OwnedSecret,
  intent: RotationIntent,
): Action | undefined {
  const { verifyRevocation } = o.spec;
  if (verifyRevocation && probes.current === undefined) return { kind: 'Probe', secret: 'current' };
  const unaccepted = probes.current?.result === 'rejected';
  if (unaccepted && isPropagating(o, intent)) return undefined;

  const isRetained = view.previous?.is === 'current';
  const provable = verifyRevocation && home.current.kind === 'intact';
  if (!isRetained && provable && probes.replaced === undefined) {
    return { kind: 'Probe', secret: 'replaced' };
  }
  const twice = view.previous !== undefined && !isRetained;
  const isKept = isRetained || (!twice && probes.replaced?.result === 'accepted');
  return {
    kind: 'ConcludeRotation',
    cause: intent.cause,
    current: {
      // Somebody else has replaced what the operator had issued under that version.
      version: twice ? intent.version + 1 : intent.version,
      issuedAt: intent.issuedAt,
    },
    previous: isKept ? retained(home, intent, view) : evictor(o, intent, view),
    verification: isKept || !verifyRevocation ? undefined : verificationOf(probes.replaced),
    twice,
    unaccepted,
  };
}

/** The replaced secret: retained as asked for, or to end where the provider kept it all the same. */
function retained(
  home: OwnedSecret,
  { retiredAt, retainUntil }: RotationIntent,
  { previous }: ProviderView,
): RetainedSecret {
  const { version, issuedAt } = home.record.current;
  const secret = { version, issuedAt, retiredAt };
  if (previous === undefined || retainUntil === undefined) {
    return { ...secret, expiresAt: retiredAt, unpromised: true };
  }
  return { ...secret, expiresAt: Math.min(retainUntil, previous.expiresAt ?? retainUntil) };
}

/** What takes the place of the replaced secret, where somebody else rotated too. */
function evictor(
  o: Observation,
  { version, issuedAt }: RotationIntent,
  { previous }: ProviderView,
): RetainedSecret | undefined {
  return previous && discovered(o, { version, issuedAt }, previous.expiresAt);
}
