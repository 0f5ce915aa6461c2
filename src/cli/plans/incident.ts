import type { ApplicationSpec } from '../../api/application.ts';
import { conditionOf } from '../../api/conditions.ts';
import { formatTimestamp, parseTimestamp } from '../../api/timestamp.ts';
import { type Application, hasStatus } from '../application.ts';
import { isInForce, justAfter } from '../boundary.ts';
import type { Field } from '../ownership.ts';
import { moment } from '../render/time.ts';
import { type Plan, withSpec } from './plan.ts';
import { previousEnds } from './revoke.ts';

export interface IncidentOptions {
  /** When the client secret leaked; left out: whatever is valid now is taken for leaked. */
  readonly leakedAt?: string;
}

/** `revokeIssuedBefore`: every client secret from before the leak ends, the current one included. */
export function planIncident(
  application: Application,
  options: IncidentOptions,
  now: number,
): Plan {
  return withSpec(application, (spec) => plan(application, spec, options, now));
}

function plan(
  application: Application,
  spec: ApplicationSpec,
  { leakedAt }: IncidentOptions,
  now: number,
): Plan {
  const { currentSecret: current, previousSecret: previous } = application.status;
  const isTold = hasStatus(application);
  if (current === undefined && isTold) {
    // The client may well have a secret at its identity provider.
    const why = conditionOf(application, 'Ready')?.message ?? 'it is not known why.';
    const message = `no client secret is published, so none can be revoked from here: ${why}`;
    return { kind: 'refused', message };
  }
  const value = leakedAt ?? justAfter(current?.issuedAt, now);
  const boundary = parseTimestamp(value) ?? now;
  const ends = (issuedAt: string) => (parseTimestamp(issuedAt) ?? 0) < boundary;
  const currentEnds = current !== undefined && ends(current.issuedAt);
  const ending = previous !== undefined && ends(previous.issuedAt) ? previous : undefined;
  if (isTold && !currentEnds && ending === undefined) {
    const message = `no valid client secret was issued before ${formatTimestamp(boundary)}: nothing to revoke.`;
    return { kind: 'nothing', message };
  }
  const { revokeIssuedBefore } = spec;
  if (isInForce(revokeIssuedBefore, now) && revokeIssuedBefore.time >= boundary) {
    const end = isTold ? 'but it is still valid' : 'but the operator has not told what is valid';
    return {
      kind: 'underway',
      message: `spec asks already for the end of what was issued before ${revokeIssuedBefore.text}, ${end}.`,
      goal: { kind: 'revocation' },
    };
  }
  const stated: Field = { path: ['revokeIssuedBefore'], value };
  return {
    kind: 'change',
    fields: [stated],
    consequences: [
      ...(isTold ? [] : [untoldConsequence(boundary)]),
      ...(currentEnds ? [currentConsequence(current, now)] : []),
      ...(ending !== undefined ? previousEnds(ending, now) : []),
    ],
    irreversible: true,
    warnings:
      spec.suspend && (currentEnds || !isTold)
        ? ['spec.suspend is true: the current client secret stays valid until it is false.']
        : [],
    goal: { kind: 'revocation', stated },
  };
}

/** A leak is answered also where status was lost, as in a restore, and the operator is down. */
function untoldConsequence(boundary: number): string {
  return (
    'The operator has not told which client secrets are valid: whatever was issued before ' +
    `${formatTimestamp(boundary)} is revoked, and the current one replaced.`
  );
}

function currentConsequence(
  { version, issuedAt }: { readonly version: number; readonly issuedAt: string },
  now: number,
): string {
  return (
    `Version ${version}, the current client secret, issued ${moment(issuedAt, now)}, is revoked and ` +
    'replaced at once: consumers fail until they have read the new one.'
  );
}
