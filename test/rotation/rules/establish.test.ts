import { describe, expect, test } from 'vitest';
import { establish } from '../../../src/rotation/rules/establish.ts';
import { AHEAD, given, NOW } from '../fixtures.ts';

const bare = given().withoutSecret();
const conflict = { reason: 'SecretConflict', message: 'taken' } as const;

describe('an application without a backing Secret', () => {
  test('is issued version 1, issued now', () => {
    expect(establish(bare.observation)).toEqual({
      kind: 'Issue',
      cause: 'NoSecret',
      version: 1,
      issuedAt: NOW,
    });
  });

  test('restarts above what status still says', () => {
    const { observation } = bare.with({ versionFloor: 7 });
    expect(establish(observation)).toMatchObject({ kind: 'Issue', version: 8 });
  });

  test('adopts an offered Secret as version 1, issued now', () => {
    const { observation } = bare.with({ target: { kind: 'adoptable' } });
    expect(establish(observation)).toEqual({ kind: 'Adopt', version: 1, issuedAt: NOW });
  });

  test('never touches what is somebody else’s', () => {
    const { observation } = bare.with({ target: { kind: 'obstructed', impediment: conflict } });
    expect(establish(observation)).toBeUndefined();
  });

  test('is issued one that satisfies a revokeIssuedBefore up to 5 minutes ahead', () => {
    const { observation } = bare.boundary('revokeIssuedBefore', NOW + AHEAD);
    expect(establish(observation)).toMatchObject({ issuedAt: NOW + AHEAD });
  });

  test('takes no account of a revokeIssuedBefore that is refused', () => {
    const { observation } = bare.boundary('revokeIssuedBefore', NOW + AHEAD + 1);
    expect(establish(observation)).toMatchObject({ issuedAt: NOW });
  });
});
