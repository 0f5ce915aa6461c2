import { describe, expect, test } from 'vitest';
import { given, MINUTE, NOW, type Situation, specTime } from '../fixtures.ts';

const retained = given().previous().spec({ deletionPolicy: 'Delete' }).provider();
const deleted = (situation: Situation, deletedAt = NOW) =>
  situation.with({ deletedAt, expiryOnly: true, holdsDeletion: true });

describe('the finalizer', () => {
  test.for([
    ['a retained secret', retained],
    ['a rotation that was begun', given().intent().spec({ deletionPolicy: 'Delete' }).provider()],
    ['a retained secret of a suspended application', retained.spec({ suspend: false })],
  ] as const)('is set for %s', ([, situation]) => {
    expect(situation.decision).toEqual({ kind: 'HoldDeletion' });
  });

  test('comes between the intent and the rotation', () => {
    const begun = given()
      .intent()
      .spec({ deletionPolicy: 'Delete', rotateAfter: specTime(NOW) })
      .provider({ attempt: 'begun' });
    expect(begun.decision).toEqual({ kind: 'HoldDeletion' });
    expect(begun.with({ holdsDeletion: true }).decision).toMatchObject({ kind: 'SendRotation' });
  });

  test.for([
    ['nothing retained', given().spec({ deletionPolicy: 'Delete' }).provider()],
    ['deletionPolicy: Retain', given().previous().provider()],
    ['no provider', given().previous().spec({ deletionPolicy: 'Delete' })],
  ] as const)('is not set where there is %s, and taken away there', ([, situation]) => {
    expect(situation.decision.kind).toBe('Wait');
    expect(situation.with({ holdsDeletion: true }).decision).toEqual({
      kind: 'ReleaseDeletion',
      abandoned: false,
    });
  });

  test('is taken away where the backing Secret is gone', () => {
    const bare = deleted(given().withoutSecret().provider());
    expect(bare.decision).toEqual({ kind: 'ReleaseDeletion', abandoned: false });
  });
});

describe('the deletion of an application with a retained secret', () => {
  test('revokes it at the provider', () => {
    expect(deleted(retained).decision).toEqual({ kind: 'RevokeAtProvider', version: 1 });
  });

  test('drops it once it has ended there', () => {
    const ended = deleted(retained)
      .view({ previous: undefined })
      .provider({ probes: { previous: { result: 'rejected' } } });
    expect(ended.decision).toMatchObject({ kind: 'RevokePrevious', reason: 'Deleted' });
  });

  test('waits for a provider in trouble, for 5 minutes', () => {
    const trouble = { reason: 'ProviderUnavailable', message: 'no answer', lasting: false };
    const stuck = retained.provider({ view: undefined, trouble });
    expect(deleted(stuck, NOW - 5 * MINUTE + 1).decision).toMatchObject({
      kind: 'Wait',
      until: NOW + 1,
    });
    expect(deleted(stuck, NOW - 5 * MINUTE).decision).toEqual({
      kind: 'ReleaseDeletion',
      abandoned: true,
    });
  });

  test('leaves it to its expiry under Retain', () => {
    const kept = given().previous().provider();
    expect(kept.with({ deletedAt: NOW, expiryOnly: true }).decision.kind).toBe('Wait');
  });
});
