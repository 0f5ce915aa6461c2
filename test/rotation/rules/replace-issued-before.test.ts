import { expect, test } from 'vitest';
import { replaceIssuedBefore } from '../../../src/rotation/rules/replace-issued-before.ts';
import { AHEAD, given, HOUR, NOW, specTime } from '../fixtures.ts';

const T = NOW - HOUR;

function issued(issuedAt: number) {
  return given().current({ issuedAt }).boundary('revokeIssuedBefore', T);
}

test('revokeIssuedBefore: T – a current secret from before T is replaced now, nothing retained', () => {
  expect(issued(T - 1).asks(replaceIssuedBefore)).toEqual({
    kind: 'Rotate',
    cause: 'IssuedBefore',
    version: 3,
    issuedAt: NOW,
    retain: undefined,
  });
});

test.for([
  ['issued at T: stays', T],
  ['issued after T: stays', NOW],
  ['issued as far ahead of the clock as is tolerated: stays', NOW + AHEAD],
] as const)('revokeIssuedBefore: T – %s', ([, issuedAt]) => {
  expect(issued(issuedAt).asks(replaceIssuedBefore)).toBeUndefined();
});

test('an issuedAt more than 5 minutes ahead of the clock satisfies nothing; the new one is issued now', () => {
  const action = issued(NOW + AHEAD + 1).asks(replaceIssuedBefore);
  expect(action).toMatchObject({ kind: 'Rotate', cause: 'IssuedBefore', issuedAt: NOW });
});

test('a T up to 5 minutes ahead is satisfied by the new secret at once', () => {
  const action = given()
    .boundary('revokeIssuedBefore', NOW + AHEAD)
    .asks(replaceIssuedBefore);
  expect(action).toMatchObject({ issuedAt: NOW + AHEAD });
});

test('a T further ahead is refused', () => {
  const situation = given().boundary('revokeIssuedBefore', NOW + AHEAD + 1);
  expect(situation.asks(replaceIssuedBefore)).toBeUndefined();
});

test('a T that was refused does not fire when it has come', () => {
  const situation = issued(T - 1).record({ refused: { revokeIssuedBefore: specTime(T).text } });
  expect(situation.asks(replaceIssuedBefore)).toBeUndefined();
});

test('an incident waits for nothing: neither for what is retained nor for revokePreviousSecret', () => {
  const action = issued(T - 1)
    .previous()
    .spec({ revokePreviousSecret: true })
    .asks(replaceIssuedBefore);
  expect(action).toMatchObject({ kind: 'Rotate', cause: 'IssuedBefore' });
});

test('the version is above what the backing Secret and status remember', () => {
  const action = issued(T - 1)
    .with({ versionFloor: 9 })
    .asks(replaceIssuedBefore);
  expect(action).toMatchObject({ version: 10 });
});

test('absent: nothing', () => {
  expect(given().asks(replaceIssuedBefore)).toBeUndefined();
});
