import { describe, expect, test } from 'vitest';
import { decide } from '../../src/rotation/decide.ts';
import type { Impediment } from '../../src/rotation/decision.ts';
import { given, HOUR, MINUTE, NOW, specTime, WAITING } from './fixtures.ts';

const conflict: Impediment = { reason: 'SecretConflict', message: 'taken' };
const former = { kind: 'former', manager: 'argocd' } as const;
const due = given().spec({ rotateAfter: specTime(NOW) });

describe('Wait tells what is held', () => {
  test('guard 1', () => {
    const { observation } = due.spec({ revokePreviousSecret: true });
    expect(decide(observation)).toMatchObject({ hold: { reason: 'RevokePreviousSecretIsTrue' } });
  });

  test('guard 2, until the retention ends', () => {
    const { observation } = due.previous({ expiresAt: NOW + HOUR });
    expect(decide(observation)).toEqual({
      ...WAITING,
      until: NOW + HOUR,
      hold: { reason: 'PreviousSecretRetained', cause: 'RotateAfter' },
    });
  });

  test('a suspended replacement by revokeIssuedBefore', () => {
    const { observation } = given().boundary('revokeIssuedBefore', NOW).spec({ suspend: true });
    expect(decide(observation)).toMatchObject({
      hold: { reason: 'Suspended', cause: 'IssuedBefore' },
    });
  });

  test('nothing for an application that is gone', () => {
    const { observation } = due.previous().with({ expiryOnly: true });
    expect(decide(observation)).toMatchObject({ kind: 'Wait', hold: undefined });
  });
});

describe('Wait tells what stands in the way', () => {
  test.for(['revokeRetiredBefore', 'revokeIssuedBefore'] as const)('a refused %s', (field) => {
    const { text } = specTime(NOW + HOUR);
    const situation = given()
      .boundary(field, NOW + HOUR)
      .record({ refused: { [field]: text } });
    expect(decide(situation.observation)).toMatchObject({
      kind: 'Wait',
      impediment: { reason: 'InvalidSpec', message: expect.stringContaining(field) },
    });
  });

  test('all other statements go on beside a refused one', () => {
    const situation = due.boundary('revokeIssuedBefore', NOW + HOUR);
    expect(decide(situation.observation)).toMatchObject({ kind: 'Rotate', cause: 'RotateAfter' });
  });

  test('the Secret’s own impediment', () => {
    const { observation } = given().home({ impediment: conflict });
    expect(decide(observation)).toEqual({ ...WAITING, impediment: conflict });
  });

  test('a new name that is taken', () => {
    const renamed = given().spec({ secretName: 'web-oidc' });
    const taken = renamed.with({ target: { kind: 'obstructed', impediment: conflict } });
    expect(decide(taken.observation)).toEqual({ ...WAITING, impediment: conflict });
    const offered = renamed.with({ target: { kind: 'adoptable' } });
    expect(decide(offered.observation)).toMatchObject({ impediment: { reason: 'SecretConflict' } });
  });

  test('what stands under its own name does not stand in the way of a Secret in its place', () => {
    const { observation } = given().with({ target: { kind: 'obstructed', impediment: conflict } });
    expect(decide(observation)).toEqual(WAITING);
  });

  test('a former value that is put back again and again, by whom, and when it is replaced', () => {
    const situation = given()
      .home({ current: former })
      .record({ restorations: { count: 2, lastAt: NOW, by: 'argocd' } });
    expect(decide(situation.observation)).toEqual({
      ...WAITING,
      until: NOW + MINUTE,
      impediment: {
        reason: 'FormerSecretRestored',
        message: expect.stringContaining('argocd'),
      },
    });
  });

  test('nothing for an application that is gone', () => {
    const { observation } = given().home({ impediment: conflict }).with({ expiryOnly: true });
    expect(decide(observation)).toEqual(WAITING);
  });
});
