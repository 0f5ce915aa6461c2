import { expect, test } from 'vitest';
import { isOlderState } from '../../src/rotation/versions.ts';
import { given, NOW } from './fixtures.ts';

const restored = given().with({ versionFloor: 3 });

test('a backing Secret below a version that status remembers is an older state of it', () => {
  expect(isOlderState(restored.observation)).toBe(true);
});

test.for([
  ['it is at the version that status remembers', given().with({ versionFloor: 2 })],
  ['there is no status', given().with({ versionFloor: 0 })],
  ['there is no backing Secret', restored.with({ home: undefined })],
  ['the application is being deleted', restored.with({ deletedAt: NOW })],
  ['an identity provider is the authority', restored.provider()],
] as const)('it is not, where %s', ([, situation]) => {
  expect(isOlderState(situation.observation)).toBe(false);
});
