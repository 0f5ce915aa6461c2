import { describe, expect, test } from 'vitest';
import type { ProbeOutcome } from '../../../src/rotation/authority.ts';
import { DAY, given, HOUR, NOW, SECOND } from '../fixtures.ts';

const accepted: ProbeOutcome = { result: 'accepted' };
const rejected: ProbeOutcome = { result: 'rejected' };
const unknown: ProbeOutcome = { result: 'unknown', reason: 'no endpoint' };
const retained = given().previous();
const requested = retained.spec({ revokePreviousSecret: true }).provider();
const gone = requested.view({ previous: undefined });

describe('a previous secret that is to end', () => {
  test('has the provider read first', () => {
    expect(requested.provider({ view: undefined }).decision).toEqual({ kind: 'ReadProvider' });
  });

  test('is revoked there first', () => {
    expect(requested.decision).toEqual({ kind: 'RevokeAtProvider', version: 1 });
  });

  test('is not revoked there where the provider shows another one', () => {
    const other = { is: 'other', expiresAt: NOW + DAY } as const;
    const suspended = requested.spec({ suspend: true }).view({ previous: other });
    expect(suspended.decision).toEqual({ kind: 'Probe', secret: 'previous' });
  });

  test('is asked about once it is not shown any more', () => {
    expect(gone.decision).toEqual({ kind: 'Probe', secret: 'previous' });
  });

  test.for([
    ['rejected', rejected, { result: 'Verified' }],
    ['no answer', unknown, { result: 'Unverifiable', message: 'no endpoint' }],
  ] as const)('%s: it is dropped', ([, previous, verification]) => {
    expect(gone.provider({ probes: { previous } }).decision).toEqual({
      kind: 'RevokePrevious',
      reason: 'Requested',
      verification,
    });
  });

  test('accepted: it is kept, and not told to have ended', () => {
    expect(gone.provider({ probes: { previous: accepted } }).decision).toMatchObject({
      kind: 'Wait',
      pending: { kind: 'StillAccepted', version: 1, reason: 'Requested' },
    });
  });

  test('verifyRevocation: false: it is dropped unasked', () => {
    expect(gone.spec({ verifyRevocation: false }).decision).toEqual({
      kind: 'RevokePrevious',
      reason: 'Requested',
    });
  });

  test('its value was taken out of the backing Secret: it cannot be asked about', () => {
    const { decision } = gone.spec({ suspend: true }).home({ previous: 'lost' });
    expect(decision).toMatchObject({ verification: { result: 'Unverifiable' } });
  });

  test('is kept while the provider is in trouble', () => {
    const trouble = { reason: 'ProviderForbidden', message: 'no', lasting: true };
    expect(requested.provider({ view: undefined, trouble }).decision).toMatchObject({
      kind: 'Wait',
      awaitsProvider: { kind: 'RevokePrevious', reason: 'Requested' },
      trouble,
    });
  });

  test('at its expiry, also where its application is gone', () => {
    const expired = given().previous({ expiresAt: NOW }).provider();
    expect(expired.with({ expiryOnly: true }).decision).toEqual({
      kind: 'RevokeAtProvider',
      version: 1,
    });
  });

  test('as not retained, where a rotation was not to retain it', () => {
    const unpromised = given()
      .previous({ expiresAt: NOW - HOUR, unpromised: true })
      .provider({ probes: { previous: rejected } })
      .view({ previous: undefined });
    expect(unpromised.decision).toMatchObject({ kind: 'RevokePrevious', reason: 'NotRetained' });
  });
});

describe('a previous secret that the provider does not show any more', () => {
  const vanished = retained.view({ previous: undefined });
  const dead = { probes: { previous: rejected } };

  test('has ended, by somebody else', () => {
    expect(vanished.provider(dead).decision).toMatchObject({
      kind: 'RevokePrevious',
      reason: 'Removed',
    });
  });

  test.for([
    ['30 seconds before', 30 * SECOND, 'Expired'],
    ['earlier', 31 * SECOND, 'Removed'],
  ] as const)('%s its expiry', ([, left, reason]) => {
    const near = given()
      .previous({ expiresAt: NOW + left })
      .view({ previous: undefined });
    expect(near.provider(dead).decision).toMatchObject({ kind: 'RevokePrevious', reason });
  });

  test('has ended also where another one took its place while nothing is followed', () => {
    const other = { is: 'other', expiresAt: NOW + DAY } as const;
    const { decision } = retained.spec({ suspend: true }).view({ previous: other }).provider(dead);
    expect(decision).toMatchObject({ kind: 'RevokePrevious', reason: 'Removed' });
  });

  test('has not ended while it is accepted', () => {
    expect(vanished.provider({ probes: { previous: accepted } }).decision).toMatchObject({
      pending: { kind: 'StillAccepted', reason: 'Removed' },
    });
  });
});

describe('a previous secret that somebody else retained', () => {
  const uid = given().observation.uid;
  const found = (discovery: { uid: string; generation: number }) =>
    given().previous({ discovery }).spec({ revokePreviousSecret: true }).provider();

  test.for([
    ['that stood when it was found', { uid, generation: 3 }, 3, false],
    ['of a spec that was changed since', { uid, generation: 3 }, 4, true],
    ['of a restored object', { uid: 'another', generation: 9 }, 1, false],
    ['of a restored object that was changed since', { uid: 'another', generation: 9 }, 2, true],
  ] as const)('a revokePreviousSecret %s', ([, discovery, generation, ends]) => {
    const { decision } = found(discovery).with({ generation });
    expect(decision.kind).toBe(ends ? 'RevokeAtProvider' : 'Wait');
  });

  test('is ended by a boundary that is later than its discovery', () => {
    const { decision } = found({ uid, generation: 3 }).boundary('revokeRetiredBefore', NOW);
    expect(decision).toEqual({ kind: 'RevokeAtProvider', version: 1 });
  });
});
