import type { ApplicationSpec } from '../../api/application.ts';
import { conditionOf, trueCondition } from '../../api/conditions.ts';
import type { PreviousSecretStatus } from '../../api/oidcapplication.gen.ts';
import { type Application, hasStatus, isObserved } from '../application.ts';
import { isBefore, justAfter } from '../boundary.ts';
import type { Field } from '../ownership.ts';
import { moment } from '../render/time.ts';
import { type Plan, withSpec } from './plan.ts';

/**
 * `revokeRetiredBefore`: the previous client secret ends. Unlike `revokePreviousSecret: true`, the
 * statement holds back no later rotation, and never touches a secret that is replaced later.
 */
export function planRevocation(application: Application, now: number): Plan {
  return withSpec(application, (spec) => plan(application, spec, now));
}

function plan(application: Application, spec: ApplicationSpec, now: number): Plan {
  if (!hasStatus(application)) {
    const message = 'the operator has not told yet which client secrets are valid.';
    return { kind: 'refused', message };
  }
  const previous = application.status.previousSecret;
  if (previous === undefined) {
    const retained = conditionOf(application, 'PreviousSecretRetained');
    if (retained?.status === 'Unknown') {
      const message = `whether a previous client secret is valid is not known: ${retained.message}`;
      return { kind: 'refused', message };
    }
    const seen = isObserved(application) ? '' : ' The operator has not seen the newest spec yet.';
    return {
      kind: 'nothing',
      message: `no previous client secret is valid: nothing to revoke.${seen}`,
    };
  }
  if (isAsked(previous, spec, now)) {
    return {
      kind: 'underway',
      message: `spec asks already for the end of version ${previous.version}, which is still valid.`,
      goal: { kind: 'revocation' },
    };
  }
  const stated: Field = {
    path: ['revokeRetiredBefore'],
    value: justAfter(previous.retiredAt, now),
  };
  return {
    kind: 'change',
    fields: [stated],
    consequences: [
      ...previousEnds(previous, now),
      `Version ${application.status.currentSecret?.version}, which took its place, has been out since ` +
        `${moment(previous.retiredAt, now)}.`,
    ],
    irreversible: true,
    warnings:
      trueCondition(application, 'RotationHeld')?.reason === 'PreviousSecretRetained'
        ? ['a rotation waits for its end, and goes ahead then.']
        : [],
    goal: { kind: 'revocation', stated },
  };
}

function isAsked(previous: PreviousSecretStatus, spec: ApplicationSpec, now: number): boolean {
  return (
    spec.revokePreviousSecret ||
    isBefore(previous.retiredAt, spec.revokeRetiredBefore, now) ||
    isBefore(previous.issuedAt, spec.revokeIssuedBefore, now)
  );
}

/** What is to know before a previous client secret is revoked. */
export function previousEnds(previous: PreviousSecretStatus, now: number): string[] {
  const { version, expiresAt, lastUsedAt } = previous;
  return [
    `Version ${version}, the previous client secret, is revoked. ` +
      `It would stay valid until ${moment(expiresAt, now)}.`,
    lastUsedAt === undefined
      ? `When version ${version} was last used is not known.`
      : `Version ${version} was last used ${moment(lastUsedAt, now)}.`,
  ];
}
