import { expect, test } from 'vitest';
import {
  countRestoration,
  mayReplaceFormer,
  ongoingRestorations,
  restorationWakes,
} from '../../src/rotation/restorations.ts';
import { AHEAD, given, HOUR, MINUTE, NOW } from './fixtures.ts';

function recordOf(count: number, lastAt: number) {
  return given().record({ restorations: { count, lastAt, by: 'kustomize' } }).secret.record;
}

test.for([
  ['none: no series', given().secret.record, false],
  ['one: no series', recordOf(1, NOW), false],
  ['two: a series', recordOf(2, NOW), true],
  ['two, the last almost an hour ago: still a series', recordOf(2, NOW - HOUR + 1), true],
  ['two, the last an hour ago: over', recordOf(2, NOW - HOUR), false],
  ['two, as far ahead of the clock as is tolerated: a series', recordOf(2, NOW + AHEAD), true],
  ['two, further ahead of the clock: not to be relied on', recordOf(2, NOW + AHEAD + 1), false],
] as const)('%s', ([, record, goesOn]) => {
  expect(ongoingRestorations(record, NOW)).toBe(goesOn ? record.restorations : undefined);
});

test('each restoration within an hour of the last one counts on', () => {
  expect(countRestoration(given().secret.record, NOW, undefined)).toEqual({
    count: 1,
    lastAt: NOW,
    by: undefined,
  });
  expect(countRestoration(recordOf(3, NOW - MINUTE), NOW, 'argocd')).toEqual({
    count: 4,
    lastAt: NOW,
    by: 'argocd',
  });
  expect(countRestoration(recordOf(3, NOW - HOUR), NOW, 'argocd')).toMatchObject({ count: 1 });
});

test('a former value is replaced at once, but in a series only a minute after the last time', () => {
  expect(mayReplaceFormer(given().secret.record, NOW)).toBe(true);
  expect(mayReplaceFormer(recordOf(1, NOW), NOW)).toBe(true);
  expect(mayReplaceFormer(recordOf(2, NOW - MINUTE + 1), NOW)).toBe(false);
  expect(mayReplaceFormer(recordOf(2, NOW - MINUTE), NOW)).toBe(true);
});

test('a series is looked at again when its pause and when it itself ends', () => {
  const wakes = restorationWakes(recordOf(2, NOW));
  expect(wakes).toEqual(expect.arrayContaining([NOW + MINUTE, NOW + HOUR]));
});

test('one that lies ahead of a clock that was put back is looked at when the clock nears it', () => {
  const lastAt = NOW + HOUR;
  expect(restorationWakes(recordOf(2, lastAt))).toContain(lastAt - AHEAD);
});
