import { describe, expect, test } from 'vitest';
import { restoreCurrent } from '../../../src/rotation/rules/restore-current.ts';
import { AHEAD, given, MINUTE, NOW } from '../fixtures.ts';

const former = { kind: 'former', manager: 'argocd-controller' } as const;
const intruded = given().home({ current: former });

function restoredBefore(count: number, lastAt: number) {
  return intruded.record({ restorations: { count, lastAt, by: 'argocd-controller' } });
}

test('intact: nothing', () => {
  expect(given().asks(restoreCurrent)).toBeUndefined();
});

test('replaced by hand: accepted as the next version, issued when it was noticed', () => {
  const situation = given().home({ current: { kind: 'foreign' } });
  expect(situation.asks(restoreCurrent)).toEqual({ kind: 'Accept', version: 3, issuedAt: NOW });
});

test('replaced by hand after a small step of the clock: not issued before its predecessor', () => {
  const situation = given().home({ current: { kind: 'foreign' } });
  const succeeding = situation.current({ issuedAt: NOW + MINUTE });
  expect(succeeding.asks(restoreCurrent)).toMatchObject({ issuedAt: NOW + MINUTE });
});

test('emptied or removed: issued anew', () => {
  const situation = given().home({ current: { kind: 'missing' } });
  expect(situation.asks(restoreCurrent)).toEqual({
    kind: 'Issue',
    cause: 'ValueMissing',
    version: 3,
    issuedAt: NOW,
  });
});

describe('a former value is never accepted again', () => {
  const issue = { kind: 'Issue', cause: 'FormerValue', version: 3, issuedAt: NOW };

  test('a new one is issued', () => {
    expect(intruded.asks(restoreCurrent)).toEqual(issue);
  });

  test('also the second time, at once', () => {
    expect(restoredBefore(1, NOW).asks(restoreCurrent)).toEqual(issue);
  });

  test('from the third time on at most once a minute', () => {
    expect(restoredBefore(2, NOW - MINUTE + 1).asks(restoreCurrent)).toBeUndefined();
    expect(restoredBefore(2, NOW - MINUTE).asks(restoreCurrent)).toEqual(issue);
  });
});

describe('what is issued satisfies the statements that the replaced one satisfied', () => {
  test.for([{ kind: 'missing' }, former] as const)(
    '$kind: a revokeIssuedBefore just ahead, and the time of its predecessor',
    (current) => {
      const situation = given().home({ current });
      const bounded = situation.boundary('revokeIssuedBefore', NOW + AHEAD);
      expect(bounded.asks(restoreCurrent)).toMatchObject({ issuedAt: NOW + AHEAD });
      const succeeding = situation.current({ issuedAt: NOW + MINUTE });
      expect(succeeding.asks(restoreCurrent)).toMatchObject({ issuedAt: NOW + MINUTE });
    },
  );
});

test.for([{ kind: 'foreign' }, { kind: 'missing' }, former] as const)(
  '$kind: the version is above what the backing Secret and status remember',
  (current) => {
    const situation = given().home({ current });
    expect(situation.asks(restoreCurrent)).toMatchObject({ version: 3 });
    expect(situation.with({ versionFloor: 9 }).asks(restoreCurrent)).toMatchObject({ version: 10 });
  },
);
