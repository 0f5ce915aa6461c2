import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextReading } from '../../../src/rotation/provider/resync.ts';
import { given, HOUR, NOW } from '../fixtures.ts';

const unread = given().provider({ view: undefined });

test('a client is read once in every interval, and a fleet not at once', () => {
  const uids = fc.uniqueArray(fc.uuid(), { minLength: 200, maxLength: 200 });
  fc.assert(
    fc.property(uids, (fleet) => {
      const quarters = [0, 0, 0, 0];
      for (const uid of fleet) {
        const first = nextReading(unread.with({ uid }).observation) ?? 0;
        expect(first).toBeGreaterThan(NOW);
        expect(first).toBeLessThanOrEqual(NOW + HOUR);
        const after = unread.with({ uid }).provider({ lastReadAt: first });
        expect(nextReading(after.observation)).toBe(first + HOUR);
        const quarter = Math.min(3, Math.floor(((first - NOW) / HOUR) * 4));
        quarters[quarter] = (quarters[quarter] ?? 0) + 1;
      }
      expect(Math.min(...quarters)).toBeGreaterThan(20);
    }),
    { numRuns: 20 },
  );
});

test('it is read when its time comes, and not before', () => {
  const next = nextReading(unread.observation) ?? 0;
  expect(unread.decision).toMatchObject({ kind: 'Wait', until: next });
  expect(unread.with({ now: next - 1 }).decision.kind).toBe('Wait');
  expect(unread.with({ now: next }).decision).toEqual({ kind: 'ReadProvider' });
});

test.for([
  ['nothing is known of it', undefined],
  ['the clock was put back', NOW + HOUR],
] as const)('it is read at once where %s', ([, lastReadAt]) => {
  expect(unread.provider({ lastReadAt }).decision).toEqual({ kind: 'ReadProvider' });
});

test('it is read at once where status remembers a later version than the Secret, and once only', () => {
  const restored = unread.with({ versionFloor: 3 });
  expect(restored.decision).toEqual({ kind: 'ReadProvider' });
  expect(restored.view({ current: 'recorded' }).decision.kind).toBe('Wait');
});

test('it is not read for an application that is gone', () => {
  const gone = unread.provider({ lastReadAt: undefined }).with({ expiryOnly: true });
  expect(gone.decision.kind).toBe('Wait');
});
