import { previousTokens } from './backing-secret.ts';
import { type Expectation, refusals, type Verdict } from './expectation.ts';
import type { Condition, Status } from './observed.ts';
import { guardsOf } from './statements.ts';

/** Where conditions do not say what the design has them say. */
export function untrueConditions(
  conditions: readonly Condition[],
  expectation: Expectation,
): string[] {
  const complaints: string[] = [];
  const told = (type: string) => {
    const found = conditions.find((condition) => condition.type === type);
    return found === undefined ? 'absent' : `${found.status} ${found.reason}`;
  };
  for (const [type, expected] of Object.entries(expectedConditions(expectation, told))) {
    if (expected === undefined || expected.includes(told(type))) continue;
    complaints.push(`status: ${type} is ${told(type)}, not ${expected.join(' or ')}`);
  }
  return complaints;
}

type Expected = Readonly<Record<string, readonly string[]>>;

function expectedConditions(expectation: Expectation, told: (type: string) => string): Expected {
  const stalled = stalledReasons(expectation);
  const held = heldReasons(expectation);
  const stalledNow = told('Stalled').replace('True ', '');
  return {
    Stalled: stalled.map((reason) => (reason === 'absent' ? reason : `True ${reason}`)),
    RotationHeld: held.map((reason) => (reason === 'absent' ? reason : `True ${reason}`)),
    PreviousSecretRetained: retainedReasons(expectation, stalledNow),
    Ready:
      stalledNow === 'absent'
        ? readyReasons(expectation, told('RotationHeld'))
        : [`False ${stalledNow}`],
  };
}

function stalledReasons(expectation: Expectation): string[] {
  const { home, target, homes, application } = expectation;
  if (home === undefined) {
    if (homes.length > 0) return ['SecretMalformed'];
    return target === 'foreign' ? ['SecretConflict'] : ['absent'];
  }
  if (home.secret.immutable) return ['SecretImmutable'];
  if (home.secret.name !== application.spec.secretName) {
    if (target === 'foreign' || target === 'offered') return ['SecretConflict'];
    if (target === 'unreadable') return ['SecretMalformed'];
  }
  const refused = refusals(expectation);
  if (refused === 'yes') return ['InvalidSpec'];
  return [
    'absent',
    ...(refused === 'unsure' ? ['InvalidSpec'] : []),
    ...(expectation.besieged ? ['FormerSecretRestored'] : []),
  ];
}

function heldReasons({ home, application, due, boundaries }: Expectation): string[] {
  if (home === undefined) return ['absent'];
  const { spec } = application;
  const older = home.record.issuedAt < (spec.revokeIssuedBefore?.time ?? 0);
  const answers: string[] = [];
  if (spec.suspend && older && boundaries.revokeIssuedBefore !== 'no') {
    if (boundaries.revokeIssuedBefore === 'yes') return ['Suspended'];
    answers.push('Suspended');
  }
  const [guard] = guardsOf(application, home);
  if (guard !== undefined && due !== 'no') answers.push(guard);
  return due === 'yes' && guard !== undefined ? answers : [...answers, 'absent'];
}

const ENDED: Readonly<Record<string, string>> = {
  Requested: 'Revoked',
  RetiredBefore: 'Revoked',
  IssuedBefore: 'Revoked',
  Removed: 'Revoked',
  Expired: 'Expired',
  NotRetained: 'NotRetained',
};

const STILL_THERE: Readonly<Record<Verdict, readonly string[]>> = {
  yes: ['True RevocationPending'],
  no: ['True Retained'],
  unsure: ['True Retained', 'True RevocationPending'],
};

function retainedReasons(expectation: Expectation, stalled: string): readonly string[] {
  const { home, application } = expectation;
  const { status } = application;
  if (home === undefined) {
    if (stalled !== 'absent') return [`Unknown ${stalled}`];
    return [status?.current === undefined ? 'False NeverRotated' : 'False Revoked'];
  }
  const { secret, record } = home;
  // What cannot be ended while the Secret is immutable is told as pending.
  if (record.previous !== undefined) {
    return STILL_THERE[secret.immutable ? expectation.previousEnds : 'no'];
  }
  const isStray = secret.immutable && previousTokens(secret).length > 0;
  return [...(isStray ? ['True RevocationPending'] : []), ...endedReasons(status)];
}

function endedReasons(status: Status | undefined): string[] {
  const reason = status?.lastRevocation?.reason;
  return [`False ${reason === undefined ? 'NeverRotated' : ENDED[reason]}`];
}

function readyReasons({ home, application: { spec } }: Expectation, held: string): string[] {
  if (home === undefined) return [spec.suspend ? 'False Suspended' : 'False NotPublished'];
  if (home.lineage.currentOf(home.secret, home.record) !== 'intact') {
    return [spec.suspend ? 'False Suspended' : 'False NotPublished'];
  }
  if (spec.suspend) {
    // Held by revokeIssuedBefore, it is not what spec asks for.
    return held === 'True Suspended' ? ['True Suspended', 'False Suspended'] : ['True Suspended'];
  }
  return [held === 'absent' ? 'True Published' : 'True RotationHeld'];
}
