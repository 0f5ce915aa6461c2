import { describe, expect, test } from 'vitest';
import {
  acceptanceTime,
  issueTime,
  reaches,
  refusedBoundaries,
  retirementTime,
  sameRefusals,
  standingBoundary,
} from '../../src/rotation/boundaries.ts';
import { AHEAD, DAY, given, HOUR, MINUTE, NOW, specTime } from './fixtures.ts';

const FIELDS = ['revokeRetiredBefore', 'revokeIssuedBefore'] as const;

describe.for(FIELDS)('%s', (field) => {
  const far = NOW + AHEAD + 1;
  const farText = specTime(far).text;
  const tooFar = given().boundary(field, far);

  test.for([
    ['past', NOW - DAY],
    ['now', NOW],
    ['5 minutes ahead', NOW + AHEAD],
  ] as const)('%s: stands', ([, time]) => {
    const { observation } = given().boundary(field, time);
    expect(refusedBoundaries(observation)).toEqual({});
    expect(standingBoundary(observation, field)).toEqual(specTime(time));
  });

  test('more than 5 minutes ahead: refused', () => {
    expect(refusedBoundaries(tooFar.observation)).toEqual({ [field]: farText });
    expect(standingBoundary(tooFar.observation, field)).toBeUndefined();
  });

  test('refused before: stays so when its time has come', () => {
    const { observation } = tooFar.record({ refused: { [field]: farText } }).with({ now: far });
    expect(refusedBoundaries(observation)).toEqual({ [field]: farText });
    expect(standingBoundary(observation, field)).toBeUndefined();
  });

  test('edited: judged anew, also where the same moment is spelt otherwise', () => {
    const text = farText.replace('Z', '+00:00');
    const { observation } = given()
      .spec({ [field]: { text, time: far } })
      .record({ refused: { [field]: farText } })
      .with({ now: far });
    expect(refusedBoundaries(observation)).toEqual({});
    expect(standingBoundary(observation, field)).toEqual({ text, time: far });
  });

  test('removed: forgotten', () => {
    const { observation } = given().record({ refused: { [field]: farText } });
    expect(refusedBoundaries(observation)).toEqual({});
  });

  test('not judged by a clock that cannot be trusted', () => {
    expect(refusedBoundaries(tooFar.with({ clockTrusted: false }).observation)).toEqual({});
  });

  test('what was refused before stays so under such a clock', () => {
    const { observation } = tooFar
      .record({ refused: { [field]: farText } })
      .with({ clockTrusted: false, now: far });
    expect(refusedBoundaries(observation)).toEqual({ [field]: farText });
  });

  test('an application that is gone or unreadable says nothing: what was refused is kept', () => {
    const { observation } = given()
      .record({ refused: { [field]: farText } })
      .with({ expiryOnly: true });
    expect(refusedBoundaries(observation)).toEqual({ [field]: farText });
  });

  test('judged also where there is no backing Secret yet', () => {
    const { observation } = tooFar.withoutSecret();
    expect(refusedBoundaries(observation)).toEqual({ [field]: farText });
  });
});

test('each field is judged by itself', () => {
  const { observation } = given()
    .boundary('revokeRetiredBefore', NOW + HOUR)
    .boundary('revokeIssuedBefore', NOW);
  expect(standingBoundary(observation, 'revokeRetiredBefore')).toBeUndefined();
  expect(standingBoundary(observation, 'revokeIssuedBefore')).toBeDefined();
});

test('refusals are the same if they refuse the same texts', () => {
  expect(sameRefusals({}, {})).toBe(true);
  expect(sameRefusals({ revokeIssuedBefore: 'a' }, { revokeIssuedBefore: 'a' })).toBe(true);
  expect(sameRefusals({ revokeIssuedBefore: 'a' }, { revokeIssuedBefore: 'b' })).toBe(false);
  expect(sameRefusals({ revokeRetiredBefore: 'a' }, {})).toBe(false);
});

test.for([
  ['before the boundary', NOW - 1, NOW, false],
  ['at the boundary', NOW, NOW, true],
  ['after the boundary', NOW + 1, NOW, true],
  ['5 minutes ahead of the clock', NOW + AHEAD, NOW, true],
  ['further ahead, which satisfies nothing', NOW + AHEAD + 1, NOW, false],
] as const)('a moment %s', ([, moment, boundary, expected]) => {
  expect(reaches(moment, boundary, NOW)).toBe(expected);
});

describe('the time of issue', () => {
  const predecessor = { version: 2, issuedAt: NOW + MINUTE };

  test('is the decision time', () => {
    expect(issueTime(given().observation)).toBe(NOW);
    expect(issueTime(given().observation, { version: 2, issuedAt: NOW - 1 })).toBe(NOW);
  });

  test('is not before the predecessor’s, after a small step of the clock', () => {
    expect(issueTime(given().observation, predecessor)).toBe(NOW + MINUTE);
  });

  test('takes no account of a predecessor that was issued by a clock that was wrong', () => {
    expect(issueTime(given().observation, { version: 2, issuedAt: NOW + AHEAD + 1 })).toBe(NOW);
  });

  test('is not before a revokeIssuedBefore that stands just ahead', () => {
    const bounded = given().boundary('revokeIssuedBefore', NOW + 2 * MINUTE);
    expect(issueTime(bounded.observation, predecessor)).toBe(NOW + 2 * MINUTE);
    expect(issueTime(given().boundary('revokeIssuedBefore', NOW + HOUR).observation)).toBe(NOW);
  });

  test('takes no account of revokeRetiredBefore', () => {
    expect(issueTime(given().boundary('revokeRetiredBefore', NOW + 1).observation)).toBe(NOW);
  });
});

describe('the time of issue of a secret that somebody else made', () => {
  const predecessor = { version: 2, issuedAt: NOW + MINUTE };

  test('is the decision time', () => {
    expect(acceptanceTime(given().observation, { version: 2, issuedAt: NOW - 1 })).toBe(NOW);
  });

  test('is not before the predecessor’s, after a small step of the clock', () => {
    expect(acceptanceTime(given().observation, predecessor)).toBe(NOW + MINUTE);
    const passed = given().boundary('revokeIssuedBefore', NOW);
    expect(acceptanceTime(passed.observation, predecessor)).toBe(NOW + MINUTE);
  });

  test('does not reach a revokeIssuedBefore that stands just ahead, which its predecessor satisfies', () => {
    const bounded = given().boundary('revokeIssuedBefore', NOW + MINUTE);
    expect(acceptanceTime(bounded.observation, predecessor)).toBe(NOW);
  });
});

describe('the time of retirement', () => {
  const retired = { version: 2, issuedAt: NOW - DAY };

  test('is the decision time', () => {
    expect(retirementTime(given().observation, retired)).toBe(NOW);
  });

  test('is not before the time of issue, after a small step of the clock', () => {
    const ahead = { version: 2, issuedAt: NOW + MINUTE };
    expect(retirementTime(given().observation, ahead)).toBe(NOW + MINUTE);
  });

  test('is not before a revokeRetiredBefore that stands just ahead', () => {
    const { observation } = given().boundary('revokeRetiredBefore', NOW + AHEAD);
    expect(retirementTime(observation, retired)).toBe(NOW + AHEAD);
  });

  test('takes no account of revokeIssuedBefore', () => {
    const { observation } = given().boundary('revokeIssuedBefore', NOW + AHEAD);
    expect(retirementTime(observation, retired)).toBe(NOW);
  });
});
