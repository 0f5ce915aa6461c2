import { describe, expect, test } from 'vitest';
import { bringForward, expiryOf, nextRotation, nextWake } from '../../src/rotation/schedule.ts';
import { AHEAD, DAY, given, HOUR, MINUTE, NOW, type Situation, specTime } from './fixtures.ts';

const UID = given().observation.uid;

function nextIn({ observation, secret }: Situation) {
  return nextRotation(observation, secret.record);
}

function wakeIn({ observation, secret }: Situation) {
  return nextWake(observation, secret);
}

describe('expiryOf', () => {
  test('the recorded expiresAt', () => {
    expect(expiryOf({ retiredAt: NOW, expiresAt: NOW + DAY })).toBe(NOW + DAY);
    expect(expiryOf({ retiredAt: NOW, expiresAt: NOW + 30 * DAY })).toBe(NOW + 30 * DAY);
  });

  test('at most 30 days after retirement', () => {
    expect(expiryOf({ retiredAt: NOW, expiresAt: NOW + 31 * DAY })).toBe(NOW + 30 * DAY);
  });
});

describe('every is brought forward by a hash of the UID', () => {
  const uids = Array.from({ length: 1000 }, (_, index) => `fleet-${index}`);

  test('always by the same for the same application', () => {
    expect(bringForward(UID, 30 * DAY)).toBe(bringForward(UID, 30 * DAY));
  });

  test.for([
    ['10m', 10 * MINUTE, MINUTE],
    ['24h', DAY, 0.1 * DAY],
    ['240h', 10 * DAY, DAY],
    ['720h', 30 * DAY, DAY],
    ['8760h', 365 * DAY, DAY],
  ] as const)('%s: by less than a tenth, and less than 24 h', ([, every, limit]) => {
    const shares = uids.map((uid) => bringForward(uid, every));
    expect(Math.min(...shares)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...shares)).toBeLessThan(limit);
    expect(shares.every(Number.isInteger)).toBe(true);
  });

  test('a fleet created at once is spread evenly', () => {
    const counts = Array.from({ length: 10 }, () => 0);
    for (const uid of uids) {
      const tenth = Math.floor((10 * bringForward(uid, 365 * DAY)) / DAY);
      counts[tenth] = (counts[tenth] ?? 0) + 1;
    }
    expect(Math.min(...counts)).toBeGreaterThan(60);
    expect(Math.max(...counts)).toBeLessThan(140);
  });
});

describe('nextRotation', () => {
  test('none is asked for: none', () => {
    expect(nextIn(given())).toBeUndefined();
  });

  test('rotateAfter: at its time, past or to come, unless it is satisfied', () => {
    const T = NOW + DAY;
    expect(nextIn(given().spec({ rotateAfter: specTime(T) }))).toEqual({
      cause: 'RotateAfter',
      at: T,
    });
    expect(nextIn(given().spec({ rotateAfter: specTime(NOW - 2 * DAY) }))).toBeUndefined();
  });

  test('every: when the current secret gets that old, less the share', () => {
    const every = 30 * DAY;
    expect(nextIn(given().current({ issuedAt: NOW }).spec({ every }))).toEqual({
      cause: 'Every',
      at: NOW + every - bringForward(UID, every),
    });
  });

  test('the earlier of the two', () => {
    const both = given().spec({ every: 2 * DAY });
    const early = both.spec({ rotateAfter: specTime(NOW + HOUR) });
    expect(nextIn(early)).toMatchObject({ cause: 'RotateAfter', at: NOW + HOUR });
    const late = both.spec({ rotateAfter: specTime(NOW + 2 * DAY) });
    expect(nextIn(late)).toMatchObject({ cause: 'Every' });
  });

  test('what is retained uses up the share, and never more than that', () => {
    const every = 30 * DAY;
    const latest = NOW + every;
    const planned = latest - bringForward(UID, every);
    const aged = given().current({ issuedAt: NOW }).spec({ every });
    const retainedUntil = (expiresAt: number) =>
      nextIn(aged.previous({ retiredAt: NOW + 29 * DAY, expiresAt }))?.at;
    expect(retainedUntil(planned - 1)).toBe(planned);
    expect(retainedUntil(planned + 1)).toBe(planned + 1);
    expect(retainedUntil(latest + 1)).toBe(latest);
  });

  test('an issuedAt further ahead of the clock than is tolerated: due now', () => {
    const ahead = given()
      .current({ issuedAt: NOW + AHEAD + 1 })
      .spec({ every: 30 * DAY });
    expect(nextIn(ahead)).toEqual({ cause: 'Every', at: NOW });
  });
});

describe('nextWake', () => {
  test('nothing to come: never', () => {
    expect(wakeIn(given())).toBeUndefined();
  });

  test('the expiry of what is retained', () => {
    expect(wakeIn(given().previous({ expiresAt: NOW + HOUR }))).toBe(NOW + HOUR);
  });

  test('the next rotation', () => {
    expect(wakeIn(given().spec({ rotateAfter: specTime(NOW + HOUR) }))).toBe(NOW + HOUR);
  });

  test('the earliest of all, and never one that has passed', () => {
    const situation = given()
      .previous({ expiresAt: NOW + 2 * HOUR })
      .spec({ rotateAfter: specTime(NOW + HOUR) });
    expect(wakeIn(situation)).toBe(NOW + HOUR);
    expect(wakeIn(situation.with({ now: NOW + HOUR }))).toBe(NOW + 2 * HOUR);
    expect(wakeIn(situation.with({ now: NOW + 2 * HOUR }))).toBeUndefined();
  });

  test('each rotation that is planned: a later one can become what is told of', () => {
    const unsound = given()
      .current({ issuedAt: NOW + DAY })
      .spec({ every: 30 * DAY });
    expect(wakeIn(unsound.spec({ rotateAfter: specTime(NOW + HOUR) }))).toBe(NOW + HOUR);
  });

  test('the end of the pause of a series of restorations', () => {
    const restorations = { count: 2, lastAt: NOW, by: undefined };
    expect(wakeIn(given().record({ restorations }))).toBe(NOW + MINUTE);
  });

  test('an application that is gone: the expiry alone', () => {
    const gone = given()
      .spec({ rotateAfter: specTime(NOW + HOUR) })
      .record({ restorations: { count: 2, lastAt: NOW, by: undefined } })
      .with({ expiryOnly: true });
    expect(wakeIn(gone)).toBeUndefined();
    expect(wakeIn(gone.previous({ expiresAt: NOW + 3 * HOUR }))).toBe(NOW + 3 * HOUR);
  });

  test.for([
    ['current secret', given().current({ issuedAt: NOW + HOUR })],
    ['previous secret', given().previous({ issuedAt: NOW + HOUR, expiresAt: NOW + DAY })],
  ] as const)(
    'an issuedAt of the %s that lies ahead counts again when the clock nears it',
    ([, situation]) => {
      expect(wakeIn(situation)).toBe(NOW + HOUR - AHEAD);
    },
  );
});
