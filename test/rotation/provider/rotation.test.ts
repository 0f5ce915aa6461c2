import { describe, expect, test } from 'vitest';
import type { ProbeOutcome } from '../../../src/rotation/authority.ts';
import { DAY, given, HOUR, MINUTE, NOW, SECOND, specTime } from '../fixtures.ts';

const accepted: ProbeOutcome = { result: 'accepted' };
const rejected: ProbeOutcome = { result: 'rejected' };
const unknown: ProbeOutcome = { result: 'unknown', reason: 'no endpoint' };
const due = given().spec({ rotateAfter: specTime(NOW) });

describe('a rotation that is due', () => {
  test('has the provider read first', () => {
    expect(due.provider({ view: undefined }).decision).toEqual({ kind: 'ReadProvider' });
  });

  test('is written down, with what would be so if it happened', () => {
    expect(due.provider().decision).toEqual({
      kind: 'BeginRotation',
      intent: {
        cause: 'RotateAfter',
        version: 3,
        startedAt: NOW,
        issuedAt: NOW,
        retiredAt: NOW,
        retainUntil: NOW + DAY,
      },
    });
  });

  test('asks for no longer a retention than the provider has', () => {
    expect(due.provider({ longestRetention: HOUR }).decision).toMatchObject({
      intent: { retainUntil: NOW + HOUR },
    });
  });

  test('retains nothing under retainPreviousFor: 0s', () => {
    expect(due.spec({ retainPreviousFor: 0 }).provider().decision).toMatchObject({
      kind: 'BeginRotation',
      intent: { retainUntil: undefined },
    });
  });

  test('does not start over a previous secret that the provider holds', () => {
    const shown = { is: 'current', expiresAt: NOW + HOUR } as const;
    expect(due.view({ previous: shown }).decision).toMatchObject({
      kind: 'Wait',
      awaitsProvider: { kind: 'Rotate' },
    });
  });

  test('does not start while the provider is in trouble, and says for what it waits', () => {
    const trouble = { reason: 'ProviderUnavailable', message: 'no answer', lasting: false };
    expect(due.provider({ view: undefined, trouble }).decision).toMatchObject({
      kind: 'Wait',
      awaitsProvider: { kind: 'Rotate' },
      trouble,
    });
  });

  test('waits for a revocation that may still take effect, unless it retains nothing', () => {
    const unclear = due.provider({ settlesAt: NOW + SECOND });
    expect(unclear.decision).toMatchObject({
      kind: 'Wait',
      until: NOW + SECOND,
      pending: { kind: 'RevocationUnclear', version: 3 },
    });
    expect(unclear.with({ now: NOW + SECOND }).decision).toMatchObject({ kind: 'BeginRotation' });
    expect(unclear.spec({ retainPreviousFor: 0 }).decision).toMatchObject({
      kind: 'BeginRotation',
    });
  });

  test('an incident ends the previous secret there before it replaces the current one', () => {
    const incident = given().previous().boundary('revokeIssuedBefore', NOW);
    expect(incident.provider().decision).toEqual({ kind: 'RevokeAtProvider', version: 1 });
  });

  test('an incident does not wait for a previous secret that goes on being accepted', () => {
    const incident = given().previous().boundary('revokeIssuedBefore', NOW).provider();
    const lingering = incident.provider({ probes: { previous: accepted } });
    expect(lingering.view({ previous: undefined }).decision).toMatchObject({
      kind: 'BeginRotation',
      intent: { cause: 'IssuedBefore', retainUntil: undefined },
    });
  });
});

describe('an intent, where the provider shows the secret on record', () => {
  const begun = due.intent();

  test('is sent by the reconciliation that wrote it', () => {
    expect(begun.provider({ attempt: 'begun' }).decision).toMatchObject({
      kind: 'SendRotation',
      intent: { version: 3 },
    });
  });

  test('is begun anew where it waited too long to be sent', () => {
    const startedAt = NOW - 15 * SECOND;
    expect(due.intent({ startedAt }).provider({ attempt: 'begun' }).decision).toMatchObject({
      kind: 'BeginRotation',
      intent: { startedAt: NOW },
    });
  });

  test('is not sent if spec has come not to ask for it', () => {
    const unwanted = begun.spec({ rotateAfter: undefined }).provider({ attempt: 'begun' });
    expect(unwanted.decision).toEqual({ kind: 'DropIntent' });
  });

  test('is not sent if spec has come to be suspended', () => {
    const suspended = begun.spec({ suspend: true }).provider({ attempt: 'begun' });
    expect(suspended.decision).toEqual({ kind: 'DropIntent' });
  });

  test('is dropped if the provider has refused the rotation', () => {
    const trouble = { reason: 'RotationPolicyMissing', message: 'none', lasting: true };
    const refused = begun.provider({ attempt: 'refused', view: undefined, trouble });
    expect(refused.decision).toEqual({ kind: 'DropIntent' });
  });

  test('of another process is left alone for as long as its request may be under way', () => {
    expect(begun.provider().decision).toMatchObject({
      kind: 'Wait',
      until: NOW - SECOND + 15 * SECOND,
      pending: { kind: 'RotationUnclear', version: 3 },
    });
  });

  test('is begun anew after that', () => {
    const startedAt = NOW - 15 * SECOND;
    expect(due.intent({ startedAt }).provider().decision).toMatchObject({
      kind: 'BeginRotation',
      intent: { version: 3, startedAt: NOW },
    });
  });

  test('is begun anew where a clock that was put back has left it far ahead', () => {
    const startedAt = NOW + HOUR;
    expect(due.intent({ startedAt }).provider().decision).toMatchObject({
      kind: 'BeginRotation',
    });
  });

  test('is dropped after that where nothing asks for it any more', () => {
    const stale = given().intent({ startedAt: NOW - HOUR });
    expect(stale.provider().decision).toEqual({ kind: 'DropIntent' });
    expect(stale.with({ expiryOnly: true }).provider().decision).toEqual({ kind: 'DropIntent' });
  });
});

describe('an intent, where the provider shows another secret', () => {
  const retained = { is: 'current', expiresAt: NOW + HOUR } as const;
  const happened = given().intent().view({ current: 'other', previous: retained });
  const proven = happened.provider({ probes: { current: accepted } });

  test('has the provider asked whether it accepts the new one', () => {
    expect(happened.decision).toEqual({ kind: 'Probe', secret: 'current' });
  });

  test('is concluded: the old one is retained until the earlier of both ends', () => {
    expect(proven.decision).toEqual({
      kind: 'ConcludeRotation',
      cause: 'RotateAfter',
      current: { version: 3, issuedAt: NOW - SECOND },
      previous: {
        version: 2,
        issuedAt: NOW - DAY,
        retiredAt: NOW - SECOND,
        expiresAt: NOW + HOUR,
      },
      verification: undefined,
      twice: false,
      unaccepted: false,
    });
    const later = { ...retained, expiresAt: NOW + 2 * DAY };
    expect(proven.view({ previous: later }).decision).toMatchObject({
      previous: { expiresAt: NOW - SECOND + DAY },
    });
  });

  test.for([
    ['the application is gone', { expiryOnly: true }],
    ['the clock is wrong', { clockTrusted: false }],
  ] as const)('is concluded also where %s', ([, change]) => {
    expect(proven.with(change).decision).toMatchObject({ kind: 'ConcludeRotation' });
  });

  test('is concluded under suspend', () => {
    expect(proven.spec({ suspend: true }).decision).toMatchObject({ kind: 'ConcludeRotation' });
  });

  test('is concluded unasked where verifyRevocation is false', () => {
    expect(happened.spec({ verifyRevocation: false }).decision).toMatchObject({
      kind: 'ConcludeRotation',
      verification: undefined,
    });
  });

  test('is concluded where it cannot be told whether the new one is accepted', () => {
    expect(happened.provider({ probes: { current: unknown } }).decision).toMatchObject({
      kind: 'ConcludeRotation',
      unaccepted: false,
    });
  });

  test('waits for the new one to be accepted, for 2 minutes', () => {
    const waiting = happened.provider({ probes: { current: rejected } });
    expect(waiting.decision).toMatchObject({
      kind: 'Wait',
      pending: { kind: 'NotYetAccepted', version: 3 },
    });
    const late = waiting.intent({ startedAt: NOW - 2 * MINUTE });
    expect(late.decision).toMatchObject({ kind: 'ConcludeRotation', unaccepted: true });
  });

  describe('and does not retain the one on record', () => {
    const ended = proven.view({ previous: undefined });

    test('has the provider asked whether it still accepts that', () => {
      expect(ended.decision).toEqual({ kind: 'Probe', secret: 'replaced' });
    });

    test.for([
      ['a rejection is a proof', rejected, { result: 'Verified' }],
      ['no answer proves nothing', unknown, { result: 'Unverifiable', message: 'no endpoint' }],
    ] as const)('%s', ([, replaced, verification]) => {
      expect(ended.provider({ probes: { current: accepted, replaced } }).decision).toMatchObject({
        kind: 'ConcludeRotation',
        previous: undefined,
        verification,
      });
    });

    test('a value that was changed in the backing Secret cannot be asked about', () => {
      expect(ended.home({ current: { kind: 'missing' } }).decision).toMatchObject({
        kind: 'ConcludeRotation',
        verification: { result: 'Unverifiable' },
      });
    });

    test('it is kept, to end at once, while the provider accepts it', () => {
      const lingering = ended.provider({ probes: { current: accepted, replaced: accepted } });
      expect(lingering.decision).toMatchObject({
        kind: 'ConcludeRotation',
        previous: { version: 2, expiresAt: NOW - SECOND, unpromised: true },
        verification: undefined,
      });
    });
  });

  test('a retention that was not asked for is to end at once', () => {
    const unasked = proven.intent({ retainUntil: undefined });
    expect(unasked.decision).toMatchObject({
      previous: { version: 2, expiresAt: NOW - SECOND, unpromised: true },
    });
  });

  test('somebody who rotated too is told of, and what they evicted is no longer retained', () => {
    const other = { is: 'other', expiresAt: NOW + HOUR } as const;
    const probes = { current: accepted, replaced: rejected };
    expect(proven.view({ previous: other }).provider({ probes }).decision).toMatchObject({
      kind: 'ConcludeRotation',
      current: { version: 4 },
      previous: { version: 3, retiredAt: NOW, expiresAt: NOW + HOUR, discovery: { generation: 3 } },
      verification: { result: 'Verified' },
      twice: true,
    });
  });
});
