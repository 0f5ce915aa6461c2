import { describe, expect, test } from 'vitest';
import { heldRotation, rotateDue } from '../../../src/rotation/rules/rotate-due.ts';
import { AHEAD, DAY, given, HOUR, MINUTE, NOW, type Situation, specTime } from '../fixtures.ts';

const due = given().spec({ rotateAfter: specTime(NOW - HOUR) });
const overdue = given().spec({ every: DAY });

function holdIn({ observation, secret }: Situation) {
  return heldRotation(observation, secret);
}

describe('rotateAfter: T – the current secret was issued at or after T, once T has come', () => {
  const T = NOW - HOUR;

  test('due: rotated, the replaced one retained', () => {
    expect(due.asks(rotateDue)).toEqual({
      kind: 'Rotate',
      cause: 'RotateAfter',
      version: 3,
      issuedAt: NOW,
      retain: { retiredAt: NOW, expiresAt: NOW + DAY },
    });
    expect(holdIn(due)).toBeUndefined();
  });

  test.for([
    ['issued a millisecond before T: rotated', T - 1, 'RotateAfter'],
    ['issued at T: harmless', T, undefined],
    ['issued after T: harmless', T + 1, undefined],
    ['issued as far ahead of the clock as is tolerated: harmless', NOW + AHEAD, undefined],
    ['issued further ahead, which satisfies nothing: rotated', NOW + AHEAD + 1, 'RotateAfter'],
  ] as const)('%s', ([, issuedAt, cause]) => {
    const action = due.current({ issuedAt }).asks(rotateDue);
    expect(action?.kind === 'Rotate' ? action.cause : undefined).toBe(cause);
  });

  test('a future T plans a rotation; it starts when T comes', () => {
    const planned = given().spec({ rotateAfter: specTime(NOW) });
    expect(planned.with({ now: NOW - 1 }).asks(rotateDue)).toBeUndefined();
    expect(planned.asks(rotateDue)).toMatchObject({ kind: 'Rotate' });
  });
});

describe('every: D – the current secret is never older than D', () => {
  test('older than D: rotated', () => {
    expect(overdue.asks(rotateDue)).toMatchObject({ kind: 'Rotate', cause: 'Every' });
  });

  test('younger than nine tenths of D: not yet', () => {
    const young = overdue.current({ issuedAt: NOW - 0.9 * DAY + 1 });
    expect(young.asks(rotateDue)).toBeUndefined();
  });

  test('issued further ahead of the clock than is tolerated: rotated', () => {
    const unsound = overdue.current({ issuedAt: NOW + AHEAD + 1 });
    expect(unsound.asks(rotateDue)).toMatchObject({ cause: 'Every', issuedAt: NOW });
  });

  test('issued within the tolerance ahead: young', () => {
    expect(overdue.current({ issuedAt: NOW + AHEAD }).asks(rotateDue)).toBeUndefined();
  });
});

test('of rotateAfter and every the earlier is named as the cause', () => {
  const byAge = overdue.current({ issuedAt: NOW - DAY - HOUR });
  expect(byAge.spec({ rotateAfter: specTime(NOW) }).asks(rotateDue)).toMatchObject({
    cause: 'Every',
  });
  expect(byAge.spec({ rotateAfter: specTime(NOW - 12 * HOUR) }).asks(rotateDue)).toMatchObject({
    cause: 'RotateAfter',
  });
});

describe('retainPreviousFor: D – fixed as expiresAt when the rotation happens', () => {
  test.for([MINUTE, HOUR, 30 * DAY])('%d ms', (retainPreviousFor) => {
    expect(due.spec({ retainPreviousFor }).asks(rotateDue)).toMatchObject({
      retain: { retiredAt: NOW, expiresAt: NOW + retainPreviousFor },
    });
  });

  test('0s: nothing is retained', () => {
    const action = due.spec({ retainPreviousFor: 0 }).asks(rotateDue);
    expect(action).toMatchObject({ kind: 'Rotate', cause: 'RotateAfter', retain: undefined });
  });

  test('a revokeRetiredBefore just ahead does not reach the secret that is retired now', () => {
    const action = due.boundary('revokeRetiredBefore', NOW + AHEAD).asks(rotateDue);
    expect(action).toMatchObject({ retain: { retiredAt: NOW + AHEAD, expiresAt: NOW + DAY } });
  });
});

describe('guard 1 – a rotation does not start while revokePreviousSecret would end its previous secret', () => {
  test.for([
    ['RotateAfter', due],
    ['Every', overdue],
  ] as const)('true: the rotation by %s is held', ([cause, situation]) => {
    const guarded = situation.spec({ revokePreviousSecret: true });
    expect(guarded.asks(rotateDue)).toBeUndefined();
    expect(holdIn(guarded)).toEqual({ reason: 'RevokePreviousSecretIsTrue', cause });
  });

  test('retainPreviousFor 0s lets it go ahead', () => {
    const going = due.spec({ revokePreviousSecret: true, retainPreviousFor: 0 });
    expect(going.asks(rotateDue)).toMatchObject({ kind: 'Rotate', retain: undefined });
    expect(holdIn(going)).toBeUndefined();
  });

  test('nothing due: nothing held', () => {
    expect(holdIn(given().spec({ revokePreviousSecret: true }))).toBeUndefined();
  });
});

describe('guard 2 – a rotation waits for the end of what is still retained', () => {
  test.for([
    ['RotateAfter', due],
    ['Every', overdue],
  ] as const)('retained: the rotation by %s is held', ([cause, situation]) => {
    expect(situation.previous().asks(rotateDue)).toBeUndefined();
    expect(holdIn(situation.previous())).toEqual({ reason: 'PreviousSecretRetained', cause });
  });

  test('retainPreviousFor 0s does not evict it either', () => {
    const situation = due.previous().spec({ retainPreviousFor: 0 });
    expect(situation.asks(rotateDue)).toBeUndefined();
    expect(holdIn(situation)).toMatchObject({ reason: 'PreviousSecretRetained' });
  });

  test('both guards: the retained one is named, since it must end first', () => {
    const situation = due.previous().spec({ revokePreviousSecret: true });
    expect(holdIn(situation)).toMatchObject({ reason: 'PreviousSecretRetained' });
  });

  test('nothing due: nothing held', () => {
    expect(holdIn(given().previous())).toBeUndefined();
  });
});

test('suspend: a rotation that falls due is held', () => {
  const suspended = due.spec({ suspend: true });
  expect(suspended.asks(rotateDue)).toBeUndefined();
  expect(holdIn(suspended)).toEqual({ reason: 'Suspended', cause: 'RotateAfter' });
});

test.for([
  ['RotateAfter', due],
  ['Every', overdue],
] as const)('paused rotations: the rotation by %s is held', ([cause, situation]) => {
  const paused = situation.with({ rotationsPaused: true });
  expect(paused.asks(rotateDue)).toBeUndefined();
  expect(holdIn(paused)).toEqual({ reason: 'RotationsPaused', cause });
  expect(holdIn(paused.previous())).toMatchObject({ reason: 'RotationsPaused' });
});

test('paused rotations: nothing due, nothing held', () => {
  expect(holdIn(given().with({ rotationsPaused: true }))).toBeUndefined();
});

test.for([
  { kind: 'missing' },
  { kind: 'foreign' },
  { kind: 'former', manager: undefined },
] as const)('a current value that is $kind is not retained: it is put right first', (current) => {
  const situation = due.home({ current });
  expect(situation.asks(rotateDue)).toBeUndefined();
  expect(holdIn(situation)).toBeUndefined();
});

test('the version is above what the backing Secret and status remember', () => {
  expect(due.with({ versionFloor: 9 }).asks(rotateDue)).toMatchObject({ version: 10 });
});
