import { describe, expect, test } from 'vitest';
import { decide, RULES } from '../../src/rotation/decide.ts';
import type { Impediment } from '../../src/rotation/decision.ts';
import { DAY, given, HOUR, NOW, type Situation, specTime, WAITING } from './fixtures.ts';

const conflict: Impediment = { reason: 'SecretConflict', message: 'taken' };

/** For every rule a situation in which it, and no other, asks for something. */
const ASKING: Record<string, Situation> = {
  holdDeletion: given().previous().spec({ deletionPolicy: 'Delete' }).provider(),
  concludeRotation: given()
    .intent()
    .provider({ probes: { current: { result: 'accepted' } } })
    .view({ current: 'other', previous: { is: 'current', expiresAt: NOW + HOUR } }),
  resumeRotation: given()
    .intent({ startedAt: NOW - HOUR })
    .provider(),
  follow: given().view({ current: 'other' }),
  republish: given()
    .home({ current: { kind: 'missing' } })
    .provider(),
  restoreCurrent: given().home({ current: { kind: 'missing' } }),
  replaceIssuedBefore: given().boundary('revokeIssuedBefore', NOW),
  endLostPrevious: given().previous().home({ previous: 'lost' }),
  endOnDeletion: given()
    .previous()
    .spec({ deletionPolicy: 'Delete' })
    .provider()
    .with({ holdsDeletion: true, deletedAt: NOW }),
  endPreviousRequested: given().previous().spec({ revokePreviousSecret: true }),
  endPreviousRetiredBefore: given().previous().boundary('revokeRetiredBefore', NOW),
  endPreviousIssuedBefore: given()
    .previous()
    .boundary('revokeIssuedBefore', NOW - 2 * DAY),
  endPreviousNotRetained: given().previous({ unpromised: true }),
  endPreviousExpired: given().previous({ expiresAt: NOW }),
  endVanished: given().previous().spec({ verifyRevocation: false }).view({ previous: undefined }),
  dropStray: given().home({ previous: 'stray' }),
  rotateDue: given().spec({ rotateAfter: specTime(NOW) }),
  recordRefusals: given().boundary('revokeIssuedBefore', NOW + HOUR),
  move: given()
    .spec({ secretName: 'web-oidc' })
    .with({ target: { kind: 'free' } }),
  deleteLeftover: given().home({ leftover: 'web-old' }),
  repair: given().home({ drift: ['label app'] }),
  releaseDeletion: given().with({ holdsDeletion: true }),
  resync: given().provider({ view: undefined, lastReadAt: undefined }),
};

const ACTIONS: Record<string, object> = {
  holdDeletion: { kind: 'HoldDeletion' },
  concludeRotation: { kind: 'ConcludeRotation' },
  resumeRotation: { kind: 'DropIntent' },
  follow: { kind: 'Follow' },
  republish: { kind: 'Republish' },
  restoreCurrent: { kind: 'Issue', cause: 'ValueMissing' },
  replaceIssuedBefore: { kind: 'Rotate', cause: 'IssuedBefore' },
  endLostPrevious: { kind: 'RevokePrevious', reason: 'Removed' },
  endOnDeletion: { kind: 'RevokeAtProvider' },
  endPreviousRequested: { kind: 'RevokePrevious', reason: 'Requested' },
  endPreviousRetiredBefore: { kind: 'RevokePrevious', reason: 'RetiredBefore' },
  endPreviousIssuedBefore: { kind: 'RevokePrevious', reason: 'IssuedBefore' },
  endPreviousNotRetained: { kind: 'RevokePrevious', reason: 'NotRetained' },
  endPreviousExpired: { kind: 'RevokePrevious', reason: 'Expired' },
  endVanished: { kind: 'RevokePrevious', reason: 'Removed' },
  dropStray: { kind: 'DropStray' },
  rotateDue: { kind: 'Rotate', cause: 'RotateAfter' },
  recordRefusals: { kind: 'RecordRefusals' },
  move: { kind: 'Move' },
  deleteLeftover: { kind: 'DeleteLeftover', name: 'web-old' },
  repair: { kind: 'Repair' },
  releaseDeletion: { kind: 'ReleaseDeletion' },
  resync: { kind: 'ReadProvider' },
};

function asking(name: string): Situation {
  const situation = ASKING[name];
  if (situation === undefined) throw new Error(`no situation for the rule ${name}`);
  return situation;
}

/** Which of the situations are followed by a step where `change` holds too. */
function followed(change: (situation: Situation) => Situation): string[] {
  return RULES.map(({ name }) => name).filter(
    (name) => decide(change(asking(name)).observation).kind !== 'Wait',
  );
}

test('where every statement holds, nothing is done', () => {
  expect(decide(given().observation)).toEqual(WAITING);
});

test.for(RULES.map(({ name }) => name))('%s is followed', (name) => {
  expect(decide(asking(name).observation)).toMatchObject(ACTIONS[name] ?? {});
});

test('suspend: nothing is issued, rotated or repaired; expiry and revocation go on', () => {
  expect(followed((situation) => situation.spec({ suspend: true }))).toEqual([
    'holdDeletion',
    'concludeRotation',
    'resumeRotation',
    'endLostPrevious',
    'endOnDeletion',
    'endPreviousRequested',
    'endPreviousRetiredBefore',
    'endPreviousIssuedBefore',
    'endPreviousNotRetained',
    'endPreviousExpired',
    'endVanished',
    'dropStray',
    'recordRefusals',
    'releaseDeletion',
    'resync',
  ]);
});

test('paused rotations: what rotateAfter and every ask for waits; all else goes on', () => {
  const paused = followed((situation) => situation.with({ rotationsPaused: true }));
  expect(paused).toEqual(RULES.map(({ name }) => name).filter((name) => name !== 'rotateDue'));
});

test('a clock that cannot be trusted: nothing that depends on time is done', () => {
  expect(followed((situation) => situation.with({ clockTrusted: false }))).toEqual([
    'holdDeletion',
    'concludeRotation',
    'republish',
    'endLostPrevious',
    'endOnDeletion',
    'endPreviousRequested',
    'endPreviousNotRetained',
    'endVanished',
    'dropStray',
    'deleteLeftover',
    'move',
    'repair',
    'releaseDeletion',
    'resync',
  ]);
});

test('an application that is gone: only what was promised to end is ended', () => {
  expect(followed((situation) => situation.with({ expiryOnly: true }))).toEqual([
    'concludeRotation',
    'resumeRotation',
    'endLostPrevious',
    'endOnDeletion',
    'endPreviousNotRetained',
    'endPreviousExpired',
    'endVanished',
    'releaseDeletion',
  ]);
});

test('an immutable Secret: nothing is done, and it is told what to do', () => {
  expect(followed((situation) => situation.home({ immutable: true }))).toEqual([]);
  expect(decide(given().home({ immutable: true }).observation)).toMatchObject({
    impediment: { reason: 'SecretImmutable' },
  });
});

describe('a clock that cannot be trusted', () => {
  test('what is not done is told', () => {
    const situation = asking('rotateDue').with({ clockTrusted: false });
    expect(decide(situation.observation)).toMatchObject({
      kind: 'Wait',
      awaitsClock: { kind: 'Rotate', cause: 'RotateAfter' },
    });
  });

  test('what does not depend on time goes on behind it', () => {
    const situation = asking('restoreCurrent')
      .with({ clockTrusted: false })
      .previous()
      .spec({ revokePreviousSecret: true });
    expect(decide(situation.observation)).toMatchObject({ kind: 'RevokePrevious' });
  });

  test('an application without a Secret waits for it', () => {
    const { observation } = given().withoutSecret().with({ clockTrusted: false });
    expect(decide(observation)).toMatchObject({ kind: 'Wait', awaitsClock: { kind: 'Issue' } });
  });
});

describe('what comes first', () => {
  test.for([
    ['a changed current value before a rotation', 'restoreCurrent', { rotateAfter: specTime(NOW) }],
    ['a revocation before a rotation', 'endPreviousExpired', { rotateAfter: specTime(NOW) }],
    ['a rotation before repair', 'rotateDue', { secretName: 'web-oidc' }],
  ] as const)('%s', ([, name, spec]) => {
    const situation = asking(name)
      .spec(spec)
      .with({ target: { kind: 'free' } });
    expect(decide(situation.observation)).toMatchObject(ACTIONS[name] ?? {});
  });

  test('an incident before a rotation, which would retain what the incident ends', () => {
    const situation = asking('rotateDue').boundary('revokeIssuedBefore', NOW);
    expect(decide(situation.observation)).toMatchObject({ cause: 'IssuedBefore' });
  });

  test('a value that was put there by hand before an incident, which it may satisfy', () => {
    const situation = given()
      .home({ current: { kind: 'foreign' } })
      .boundary('revokeIssuedBefore', NOW);
    expect(decide(situation.observation)).toMatchObject({ kind: 'Accept' });
  });

  test('the leftover of one change of name before the next, which would lose sight of it', () => {
    const situation = asking('deleteLeftover')
      .spec({ secretName: 'web-3' })
      .with({ target: { kind: 'free' } });
    expect(decide(situation.observation)).toMatchObject({ kind: 'DeleteLeftover' });
  });

  test('an incident before everything that keeps a secret: one write ends both', () => {
    const situation = given().previous().boundary('revokeIssuedBefore', NOW);
    expect(decide(situation.observation)).toMatchObject({ cause: 'IssuedBefore' });
  });
});

describe('an application without a backing Secret', () => {
  const bare = given().withoutSecret();

  test('gets one', () => {
    expect(decide(bare.observation)).toMatchObject({ kind: 'Issue', cause: 'NoSecret' });
  });

  test('gets none while it is suspended', () => {
    expect(decide(bare.spec({ suspend: true }).observation)).toEqual(WAITING);
  });

  test('gets none when it is gone', () => {
    expect(decide(bare.with({ expiryOnly: true }).observation)).toEqual(WAITING);
  });

  test('is told what stands in the way', () => {
    const { observation } = bare.with({ target: { kind: 'obstructed', impediment: conflict } });
    expect(decide(observation)).toEqual({ ...WAITING, impediment: conflict });
  });
});
