import { describe, expect, test } from 'vitest';
import { DAY, given, HOUR, MINUTE, NOW } from '../fixtures.ts';

const RETAINED = { is: 'current', expiresAt: NOW + HOUR } as const;
const UNKNOWN = { is: 'other', expiresAt: NOW + HOUR } as const;
const { uid, generation } = given().observation;

describe('somebody rotated at the provider', () => {
  const rotated = given().view({ current: 'other' });

  test('without retaining: the backing Secret follows, and nothing is rotated', () => {
    expect(rotated.decision).toEqual({
      kind: 'Follow',
      current: { version: 3, issuedAt: NOW },
      previous: 'keep',
    });
  });

  test('retaining what was published: it counts as retired when it was found', () => {
    expect(rotated.view({ previous: RETAINED }).decision).toEqual({
      kind: 'Follow',
      current: { version: 3, issuedAt: NOW },
      previous: {
        version: 2,
        issuedAt: NOW - DAY,
        retiredAt: NOW,
        expiresAt: NOW + HOUR,
        discovery: { uid, generation },
      },
    });
  });

  test('twice: what it retains has a version of its own', () => {
    expect(rotated.view({ previous: UNKNOWN }).decision).toMatchObject({
      current: { version: 4 },
      previous: { version: 3, issuedAt: NOW, retiredAt: NOW },
    });
  });

  test('a retention without an end is cut to 30 days', () => {
    const endless = { is: 'other', expiresAt: undefined } as const;
    expect(rotated.view({ previous: endless }).decision).toMatchObject({
      previous: { expiresAt: NOW + 30 * DAY },
    });
  });

  test('a boundary that lies just ahead does not reach what was found', () => {
    const { decision } = rotated
      .view({ previous: RETAINED })
      .boundary('revokeRetiredBefore', NOW + MINUTE);
    expect(decision).toMatchObject({ previous: { retiredAt: NOW + MINUTE } });
  });

  test('the previous secret on record stays as it is where the provider still has it', () => {
    const replaced = given().previous().view({ current: 'other' });
    expect(replaced.decision).toMatchObject({ kind: 'Follow', previous: 'keep' });
  });

  test('a previous secret appeared beside the current one', () => {
    expect(given().view({ previous: UNKNOWN }).decision).toMatchObject({
      kind: 'Follow',
      current: undefined,
      previous: { version: 3, discovery: { uid, generation } },
    });
  });

  test('versions: none that a previous secret has is given again', () => {
    const found = given().previous({ version: 7 });
    expect(found.view({ current: 'other' }).decision).toMatchObject({ current: { version: 8 } });
  });

  test.for([
    ['suspended', given().spec({ suspend: true })],
    ['gone', given().with({ expiryOnly: true })],
  ] as const)('an application that is %s does not follow', ([, situation]) => {
    expect(situation.view({ current: 'other', previous: UNKNOWN }).decision.kind).toBe('Wait');
  });

  test('a wrong clock: it is followed once there is a time for it', () => {
    expect(rotated.with({ clockTrusted: false }).decision).toMatchObject({
      kind: 'Wait',
      awaitsClock: { kind: 'Follow' },
    });
  });
});

describe('somebody changed the backing Secret', () => {
  const removed = given().home({ current: { kind: 'missing' } });

  test('the provider is read first', () => {
    expect(removed.provider({ view: undefined }).decision).toEqual({ kind: 'ReadProvider' });
  });

  test.for([
    ['removed', { kind: 'missing' }],
    ['made up', { kind: 'foreign' }],
    ['former', { kind: 'former', manager: 'argocd' }],
  ] as const)('a %s client secret: the provider’s is put back', ([, current]) => {
    expect(given().home({ current }).provider().decision).toEqual({ kind: 'Republish' });
  });

  test('the previous client secret: it is put back', () => {
    expect(given().previous().home({ previous: 'lost' }).provider().decision).toEqual({
      kind: 'Republish',
    });
  });

  test('again and again: once a minute', () => {
    const restorations = { count: 2, lastAt: NOW, by: 'argocd' };
    const { decision } = removed.record({ restorations }).provider();
    expect(decision).toMatchObject({
      kind: 'Wait',
      until: NOW + MINUTE,
      impediment: { reason: 'FormerSecretRestored' },
    });
  });

  test('while the application is suspended: nothing is put back', () => {
    expect(removed.spec({ suspend: true }).provider().decision.kind).toBe('Wait');
  });

  test('while somebody rotated at the provider: its newest secret is published', () => {
    expect(removed.view({ current: 'other' }).decision).toMatchObject({ kind: 'Follow' });
  });
});

describe('an application without a backing Secret', () => {
  const bare = given().withoutSecret().provider();

  test('has the provider read', () => {
    expect(bare.provider({ view: undefined }).decision).toEqual({ kind: 'ReadProvider' });
  });

  test('publishes what the client has, and rotates nothing', () => {
    expect(bare.view({ current: 'other' }).decision).toEqual({
      kind: 'Import',
      current: { version: 1, issuedAt: NOW },
      previous: undefined,
    });
  });

  test('publishes a previous one too, as found there', () => {
    expect(bare.view({ current: 'other', previous: UNKNOWN }).decision).toMatchObject({
      kind: 'Import',
      current: { version: 2 },
      previous: { version: 1, retiredAt: NOW, expiresAt: NOW + HOUR, discovery: { uid } },
    });
  });

  test('publishes it in a Secret that is offered', () => {
    expect(bare.with({ target: { kind: 'adoptable' } }).decision).toMatchObject({ kind: 'Import' });
  });

  test('gives no version twice', () => {
    expect(bare.with({ versionFloor: 6 }).decision).toMatchObject({ current: { version: 7 } });
  });

  test('waits for a provider that is in trouble, and issues nothing of its own', () => {
    const trouble = { reason: 'ClientNotFound', message: 'none', lasting: true };
    expect(bare.provider({ view: undefined, trouble }).decision).toMatchObject({
      kind: 'Wait',
      awaitsProvider: { kind: 'ReadProvider' },
      trouble,
    });
  });
});
