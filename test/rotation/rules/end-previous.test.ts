import { describe, expect, test } from 'vitest';
import {
  dropStray,
  endExpired,
  endIssuedBefore,
  endLostPrevious,
  endRequested,
  endRetiredBefore,
} from '../../../src/rotation/rules/end-previous.ts';
import { AHEAD, DAY, given, HOUR, NOW, specTime } from '../fixtures.ts';

const retained = given().previous();

test.for([endRequested, endRetiredBefore, endIssuedBefore, endExpired, endLostPrevious, dropStray])(
  '$name: where nothing is retained there is nothing to end',
  (rule) => {
    const situation = given().spec({
      revokePreviousSecret: true,
      revokeRetiredBefore: specTime(NOW),
      revokeIssuedBefore: specTime(NOW - 2 * DAY),
    });
    expect(situation.asks(rule)).toBeUndefined();
  },
);

describe('revokePreviousSecret: true – no previous secret is valid', () => {
  test('true ends it', () => {
    const action = retained.spec({ revokePreviousSecret: true }).asks(endRequested);
    expect(action).toEqual({ kind: 'RevokePrevious', reason: 'Requested' });
  });

  test('false lets it live', () => {
    expect(retained.asks(endRequested)).toBeUndefined();
  });
});

describe('revokeRetiredBefore: T – no previous secret with retiredAt < T is valid', () => {
  const T = NOW - HOUR;
  const ends = { kind: 'RevokePrevious', reason: 'RetiredBefore' };

  test.for([
    ['retired a millisecond before T: ended', T - 1, ends],
    ['retired at T: lives', T, undefined],
    ['retired after T: lives', T + 1, undefined],
    ['retired within the tolerance ahead of the clock: lives', NOW + AHEAD, undefined],
    ['retired far ahead of a clock that was put back, so after T: lives', NOW + DAY, undefined],
  ] as const)('%s', ([, retiredAt, expected]) => {
    const situation = given().previous({ retiredAt }).boundary('revokeRetiredBefore', T);
    expect(situation.asks(endRetiredBefore)).toEqual(expected);
  });

  test('T up to 5 minutes ahead ends what is retained now', () => {
    const situation = given().previous({ retiredAt: NOW });
    expect(situation.boundary('revokeRetiredBefore', NOW + AHEAD).asks(endRetiredBefore)).toEqual(
      ends,
    );
  });

  test('a T further ahead is refused and ends nothing', () => {
    const situation = retained.boundary('revokeRetiredBefore', NOW + AHEAD + 1);
    expect(situation.asks(endRetiredBefore)).toBeUndefined();
  });

  test('a T that was refused ends nothing once it has come', () => {
    const situation = retained
      .boundary('revokeRetiredBefore', NOW)
      .record({ refused: { revokeRetiredBefore: specTime(NOW).text } });
    expect(situation.asks(endRetiredBefore)).toBeUndefined();
  });

  test('it does not look at the time of issue', () => {
    const situation = given().previous({ issuedAt: T - DAY, retiredAt: T });
    expect(situation.boundary('revokeRetiredBefore', T).asks(endRetiredBefore)).toBeUndefined();
  });
});

describe('revokeIssuedBefore: T – no previous secret with issuedAt < T is valid', () => {
  const T = NOW - 2 * DAY;
  const ends = { kind: 'RevokePrevious', reason: 'IssuedBefore' };

  test.for([
    ['issued a millisecond before T: ended', T - 1, ends],
    ['issued at T: lives', T, undefined],
    ['issued after T: lives', T + 1, undefined],
    ['issued as far ahead of the clock as is tolerated: lives', NOW + AHEAD, undefined],
    ['issued further ahead of the clock, which satisfies nothing: ended', NOW + AHEAD + 1, ends],
  ] as const)('%s', ([, issuedAt, expected]) => {
    const situation = given().previous({ issuedAt }).boundary('revokeIssuedBefore', T);
    expect(situation.asks(endIssuedBefore)).toEqual(expected);
  });

  test('a refused T ends nothing', () => {
    const situation = retained.boundary('revokeIssuedBefore', NOW + AHEAD + 1);
    expect(situation.asks(endIssuedBefore)).toBeUndefined();
  });
});

describe('a retained secret ends at its expiresAt', () => {
  const ends = { kind: 'RevokePrevious', reason: 'Expired' };

  test.for([
    ['expired: ended', NOW - 1, ends],
    ['expiring now: ended', NOW, ends],
    ['expiring in a millisecond: lives', NOW + 1, undefined],
  ] as const)('%s', ([, expiresAt, expected]) => {
    expect(given().previous({ expiresAt }).asks(endExpired)).toEqual(expected);
  });

  test('retainPreviousFor, edited later, neither ends nor prolongs it', () => {
    const living = given()
      .previous({ expiresAt: NOW + 1 })
      .spec({ retainPreviousFor: 0 });
    expect(living.asks(endExpired)).toBeUndefined();
    const ended = given()
      .previous({ expiresAt: NOW })
      .spec({ retainPreviousFor: 30 * DAY });
    expect(ended.asks(endExpired)).toEqual(ends);
  });

  test('an expiresAt beyond the longest retention is cut to 30 days after retirement', () => {
    const retiredAt = NOW - 30 * DAY;
    const forged = { expiresAt: NOW + 365 * DAY };
    expect(
      given()
        .previous({ retiredAt, ...forged })
        .asks(endExpired),
    ).toEqual(ends);
    expect(
      given()
        .previous({ retiredAt: retiredAt + 1, ...forged })
        .asks(endExpired),
    ).toBe(undefined);
  });
});

describe('a previous key that drifted', () => {
  test('removed or overwritten: the previous secret has ended', () => {
    const action = retained.home({ previous: 'lost' }).asks(endLostPrevious);
    expect(action).toEqual({ kind: 'RevokePrevious', reason: 'Removed' });
  });

  test('added where none is recorded: dropped', () => {
    expect(given().home({ previous: 'stray' }).asks(dropStray)).toEqual({ kind: 'DropStray' });
  });

  test('as recorded: left alone', () => {
    expect(retained.asks(endLostPrevious)).toBeUndefined();
    expect(retained.asks(dropStray)).toBeUndefined();
  });
});
