import { describe, expect, test } from 'vitest';
import type { SecretAction } from '../../src/rotation/decision.ts';
import type { RetainedSecret } from '../../src/rotation/record.ts';
import { transition } from '../../src/rotation/transition.ts';
import { DAY, given, HOUR, NOW, type Situation, specTime } from './fixtures.ts';

const retained: RetainedSecret = {
  version: 1,
  issuedAt: NOW - 10 * DAY,
  retiredAt: NOW - HOUR,
  expiresAt: NOW + HOUR,
};
const retaining = given().record({ previous: retained });
const issue = { version: 3, issuedAt: NOW } as const;
const upkeep: readonly SecretAction[] = [
  { kind: 'RecordRefusals' },
  { kind: 'Move' },
  { kind: 'DeleteLeftover', name: 'web-old' },
  { kind: 'Repair', drift: ['label app'] },
];

function outcome({ observation }: Situation, action: SecretAction) {
  return transition(observation, action);
}

describe('Rotate', () => {
  const rotation = {
    kind: 'Rotate',
    cause: 'Every',
    ...issue,
    retain: { retiredAt: NOW, expiresAt: NOW + DAY },
  } as const;

  test('the current secret becomes the previous one, a new value the current one', () => {
    const { record, values } = outcome(given(), rotation);
    expect(record.current).toEqual(issue);
    expect(record.previous).toEqual({
      version: 2,
      issuedAt: NOW - DAY,
      retiredAt: NOW,
      expiresAt: NOW + DAY,
    });
    expect(values).toEqual({ current: 'fresh', previous: 'current' });
  });

  test('a retention is no revocation: the last one stays on record', () => {
    const lastRevocation = { version: 1, time: NOW - HOUR, reason: 'Expired' } as const;
    expect(outcome(given().record({ lastRevocation }), rotation).record.lastRevocation).toEqual(
      lastRevocation,
    );
  });

  test.for([
    ['Every', 'NotRetained'],
    ['RotateAfter', 'NotRetained'],
    ['IssuedBefore', 'IssuedBefore'],
  ] as const)('%s without retention ends the current secret: %s', ([cause, reason]) => {
    const { record, values } = outcome(retaining, { ...rotation, cause, retain: undefined });
    expect(record.previous).toBeUndefined();
    expect(record.lastRevocation).toEqual({ version: 2, time: NOW, reason });
    expect(values).toEqual({ current: 'fresh', previous: 'none' });
  });
});

describe('RevokePrevious', () => {
  test.for(['Requested', 'RetiredBefore', 'IssuedBefore', 'Expired', 'Removed'] as const)(
    '%s: the previous secret ends, the current one stays',
    (reason) => {
      const { record, values } = outcome(retaining, { kind: 'RevokePrevious', reason });
      expect(record).toEqual({
        ...given().secret.record,
        lastRevocation: { version: 1, time: NOW, reason },
      });
      expect(values).toEqual({ current: 'observed', previous: 'none' });
    },
  );
});

describe('Issue', () => {
  test('the first: a new value, and nothing has ended', () => {
    const action = { kind: 'Issue', cause: 'NoSecret', version: 1, issuedAt: NOW } as const;
    const { record, values } = outcome(given().withoutSecret(), action);
    expect(record).toEqual({
      current: { version: 1, issuedAt: NOW },
      previous: undefined,
      lastRevocation: undefined,
      refused: {},
      restorations: undefined,
    });
    expect(values).toEqual({ current: 'fresh', previous: 'keep' });
  });

  test('for a lost Secret: what status remembers has ended', () => {
    const action = { kind: 'Issue', cause: 'NoSecret', version: 8, issuedAt: NOW } as const;
    const { record } = outcome(given().withoutSecret().with({ versionFloor: 7 }), action);
    expect(record.lastRevocation).toEqual({ version: 7, time: NOW, reason: 'Removed' });
  });

  test('for a missing value: what is retained lives on', () => {
    const { record, values } = outcome(retaining, {
      kind: 'Issue',
      cause: 'ValueMissing',
      ...issue,
    });
    expect(record.current).toEqual(issue);
    expect(record.previous).toEqual(retained);
    expect(record.lastRevocation).toEqual({ version: 2, time: NOW, reason: 'Removed' });
    expect(record.restorations).toBeUndefined();
    expect(values).toEqual({ current: 'fresh', previous: 'keep' });
  });

  test('for a former value: the restoration is counted, with the field manager behind it', () => {
    const situation = given().home({ current: { kind: 'former', manager: 'argocd' } });
    const { record } = outcome(situation, { kind: 'Issue', cause: 'FormerValue', ...issue });
    expect(record.restorations).toEqual({ count: 1, lastAt: NOW, by: 'argocd' });
  });
});

test('Accept: the value found is the current one, nothing is retained from the one it replaced', () => {
  const { record, values } = outcome(retaining, { kind: 'Accept', ...issue });
  expect(record.current).toEqual(issue);
  expect(record.previous).toEqual(retained);
  expect(record.lastRevocation).toEqual({ version: 2, time: NOW, reason: 'NotRetained' });
  expect(values).toEqual({ current: 'observed', previous: 'keep' });
});

test('Adopt: the value found is the current one', () => {
  const action = { kind: 'Adopt', version: 1, issuedAt: NOW } as const;
  const { record, values } = outcome(given().withoutSecret(), action);
  expect(record.current).toEqual({ version: 1, issuedAt: NOW });
  expect(record.lastRevocation).toBeUndefined();
  expect(values).toEqual({ current: 'observed', previous: 'keep' });
});

test('DropStray: the key goes, the record stays', () => {
  const { record, values } = outcome(given(), { kind: 'DropStray' });
  expect(record).toEqual(given().secret.record);
  expect(values).toEqual({ current: 'observed', previous: 'none' });
});

test.for(upkeep)('$kind: neither record nor values change', (action) => {
  const { record, values } = outcome(retaining, action);
  expect(record).toEqual(retaining.secret.record);
  expect(values).toEqual({ current: 'observed', previous: 'keep' });
});

test.for<SecretAction>([
  { kind: 'Issue', cause: 'ValueMissing', ...issue },
  { kind: 'Accept', ...issue },
  { kind: 'Rotate', cause: 'Every', ...issue, retain: undefined },
  { kind: 'RevokePrevious', reason: 'Requested' },
  { kind: 'DropStray' },
  ...upkeep,
])('$kind writes down which boundaries are refused', (action) => {
  const situation = retaining.boundary('revokeRetiredBefore', NOW + HOUR);
  expect(outcome(situation, action).record.refused).toEqual({
    revokeRetiredBefore: specTime(NOW + HOUR).text,
  });
});

test('a step on a backing Secret that was not observed is a fault', () => {
  expect(() => outcome(given().withoutSecret(), { kind: 'DropStray' })).toThrow();
});
