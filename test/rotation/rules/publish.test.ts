import { describe, expect, test } from 'vitest';
import {
  deleteLeftover,
  move,
  recordRefusals,
  repair,
} from '../../../src/rotation/rules/publish.ts';
import { AHEAD, given, HOUR, NOW, specTime } from '../fixtures.ts';

const conflict = { reason: 'SecretConflict', message: 'taken' } as const;

describe('a refused boundary is written down', () => {
  const tooFar = given().boundary('revokeRetiredBefore', NOW + HOUR);
  const written = { refused: { revokeRetiredBefore: specTime(NOW + HOUR).text } };

  test('when it is first seen', () => {
    expect(tooFar.asks(recordRefusals)).toEqual({ kind: 'RecordRefusals' });
  });

  test('once', () => {
    expect(tooFar.record(written).asks(recordRefusals)).toBeUndefined();
  });

  test('and forgotten when it is edited or removed', () => {
    expect(given().record(written).asks(recordRefusals)).toEqual({ kind: 'RecordRefusals' });
    const edited = given().boundary('revokeRetiredBefore', NOW).record(written);
    expect(edited.asks(recordRefusals)).toEqual({ kind: 'RecordRefusals' });
  });

  test('only if it is refused', () => {
    const standing = given().boundary('revokeRetiredBefore', NOW + AHEAD);
    expect(standing.asks(recordRefusals)).toBeUndefined();
  });
});

describe('secret.name changed', () => {
  const renamed = given().spec({ secretName: 'web-oidc' });

  test.for(['free', 'ours'] as const)('the values move where the new name is %s', (kind) => {
    expect(renamed.with({ target: { kind } }).asks(move)).toEqual({ kind: 'Move' });
  });

  test.for([{ kind: 'adoptable' }, { kind: 'obstructed', impediment: conflict }] as const)(
    'they stay where the new name is $kind',
    (target) => {
      expect(renamed.with({ target }).asks(move)).toBeUndefined();
    },
  );

  test('not changed: nothing moves', () => {
    expect(given().asks(move)).toBeUndefined();
  });

  test('the old Secret goes once the values stand in the new one', () => {
    const moved = given().home({ leftover: 'web-old' });
    expect(moved.asks(deleteLeftover)).toEqual({ kind: 'DeleteLeftover', name: 'web-old' });
    expect(given().asks(deleteLeftover)).toBeUndefined();
  });

  test('also when the name has changed again meanwhile, unless it is the old one again', () => {
    const moved = given().home({ leftover: 'web-old' });
    expect(moved.spec({ secretName: 'web-3' }).asks(deleteLeftover)).toBeDefined();
    expect(moved.spec({ secretName: 'web-old' }).asks(deleteLeftover)).toBeUndefined();
  });
});

test('anything that drifts is put right', () => {
  const drift = ['label app', 'key client-id'];
  expect(given().home({ drift }).asks(repair)).toEqual({ kind: 'Repair', drift });
  expect(given().asks(repair)).toBeUndefined();
});
