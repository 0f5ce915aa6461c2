import { describe, expect, test } from 'vitest';
import type { SecretAction } from '../../../src/rotation/decision.ts';
import type { RetainedSecret, RotationIntent } from '../../../src/rotation/record.ts';
import { transition } from '../../../src/rotation/transition.ts';
import { DAY, given, HOUR, NOW, type Situation } from '../fixtures.ts';

const INTENT: RotationIntent = {
  cause: 'RotateAfter',
  version: 3,
  startedAt: NOW,
  issuedAt: NOW,
  retiredAt: NOW,
  retainUntil: NOW + DAY,
};
const KEPT: RetainedSecret = {
  version: 2,
  issuedAt: NOW - DAY,
  retiredAt: NOW,
  expiresAt: NOW + DAY,
};
const CONCLUSION = {
  kind: 'ConcludeRotation',
  cause: 'RotateAfter',
  current: { version: 3, issuedAt: NOW },
  previous: KEPT,
  verification: undefined,
  twice: false,
  unaccepted: false,
} as const;
const SHOWN = { is: 'current', expiresAt: NOW + DAY } as const;

function outcome({ observation }: Situation, action: SecretAction) {
  return transition(observation, action);
}

test('an intent is put on record and taken from it; values and versions stay', () => {
  const begun = outcome(given().previous(), { kind: 'BeginRotation', intent: INTENT });
  expect(begun.record).toEqual({ ...given().previous().secret.record, intent: INTENT });
  expect(begun.values).toEqual({ current: 'observed', previous: 'keep' });
  const dropped = outcome(given().intent(), { kind: 'DropIntent' });
  expect(dropped.record).toEqual(given().secret.record);
});

test('an import knows nothing of the past', () => {
  const current = { version: 2, issuedAt: NOW };
  const found = { ...KEPT, version: 1 };
  expect(outcome(given().withoutSecret(), { kind: 'Import', current, previous: found })).toEqual({
    record: {
      current,
      previous: found,
      lastRevocation: undefined,
      refused: {},
      restorations: undefined,
      intent: undefined,
    },
    values: { current: 'provider', previous: 'provider' },
  });
});

describe('a concluded rotation', () => {
  test('ends no secret where the old one is retained, whose value is the provider’s', () => {
    const { record, values } = outcome(given().intent().view({ previous: SHOWN }), CONCLUSION);
    expect(record).toMatchObject({ current: CONCLUSION.current, previous: KEPT });
    expect(record.intent).toBeUndefined();
    expect(record.lastRevocation).toBeUndefined();
    expect(values).toEqual({ current: 'provider', previous: 'provider' });
  });

  test('keeps the value of the backing Secret where the provider does not show it', () => {
    const { values } = outcome(given().intent().view({ previous: undefined }), CONCLUSION);
    expect(values.previous).toBe('current');
  });

  test.for([
    ['RotateAfter', 'NotRetained'],
    ['IssuedBefore', 'IssuedBefore'],
  ] as const)('by %s without retention ends the old one: %s', ([cause, reason]) => {
    const verification = { result: 'Verified' } as const;
    const { record, values } = outcome(given().intent().provider(), {
      ...CONCLUSION,
      cause,
      previous: undefined,
      verification,
    });
    expect(record.lastRevocation).toEqual({ version: 2, time: NOW, reason, verification });
    expect(values.previous).toBe('none');
  });
});

describe('what somebody changed at the provider', () => {
  const current = { version: 3, issuedAt: NOW };

  test('without retaining: the one before ended', () => {
    const { record, values } = outcome(given(), { kind: 'Follow', current, previous: 'keep' });
    expect(record.lastRevocation).toEqual({ version: 2, time: NOW, reason: 'NotRetained' });
    expect(values).toEqual({ current: 'provider', previous: 'keep' });
  });

  test('retaining the one before: the previous one on record ended', () => {
    const { record, values } = outcome(given().previous(), {
      kind: 'Follow',
      current,
      previous: KEPT,
    });
    expect(record.previous).toEqual(KEPT);
    expect(record.lastRevocation).toEqual({ version: 1, time: NOW, reason: 'Removed' });
    expect(values).toEqual({ current: 'provider', previous: 'provider' });
  });

  test('a previous secret alone: the current one stays', () => {
    const found = { ...KEPT, version: 3 };
    const action = { kind: 'Follow', current: undefined, previous: found } as const;
    const { record, values } = outcome(given(), action);
    expect(record.current).toEqual(given().secret.record.current);
    expect(record.lastRevocation).toBeUndefined();
    expect(values).toEqual({ current: 'observed', previous: 'provider' });
  });
});

describe('values that are put back', () => {
  test('count against whoever changed them', () => {
    const changed = given()
      .previous()
      .home({ current: { kind: 'foreign', manager: 'argocd' } })
      .provider();
    const { record, values } = outcome(changed, { kind: 'Republish' });
    expect(record.restorations).toEqual({ count: 1, lastAt: NOW, by: 'argocd' });
    expect(values).toEqual({ current: 'provider', previous: 'provider' });
  });

  test('a previous secret that the provider does not have is not', () => {
    const changed = given().previous().home({ previous: 'lost' }).view({ previous: undefined });
    const { record, values } = outcome(changed, { kind: 'Republish' });
    expect(record.restorations).toBeUndefined();
    expect(values.previous).toBe('keep');
  });
});

test('a proof of an ending is on record', () => {
  const verification = { result: 'Unverifiable', message: 'why' } as const;
  const { record } = outcome(given().previous(), {
    kind: 'RevokePrevious',
    reason: 'Requested',
    verification,
  });
  expect(record.lastRevocation).toEqual({
    version: 1,
    time: NOW,
    reason: 'Requested',
    verification,
  });
  expect(record.previous).toBeUndefined();
});

test('versions: an hour later none is given that a discovered secret has', () => {
  const found = given().previous({ version: 9, expiresAt: NOW - HOUR });
  expect(found.view({ current: 'other' }).decision).toMatchObject({ current: { version: 10 } });
});
