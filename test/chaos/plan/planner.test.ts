import { expect, test } from 'vitest';
import { Planner } from './planner.ts';

function rounds(seed: number, count: number) {
  const planner = new Planner(seed);
  return Array.from({ length: count }, () => planner.nextRound());
}

test('a seed gives one course of events, and another seed another one', () => {
  expect(rounds(7, 20)).toEqual(rounds(7, 20));
  expect(rounds(8, 20)).not.toEqual(rounds(7, 20));
});

test('a longer run begins as a shorter one', () => {
  expect(rounds(7, 20).slice(0, 5)).toEqual(rounds(7, 5));
});

test('every kind of action, every field of spec and every fault comes about', () => {
  const actions = rounds(7, 200).flatMap((round) => round.actions.map(({ action }) => action));
  const kinds = new Set(actions.map(({ kind }) => kind));
  const fields = new Set(actions.flatMap((each) => Object.keys('spec' in each ? each.spec : {})));
  const faults = new Set(actions.flatMap((each) => ('fault' in each ? [each.fault] : [])));
  expect([kinds.size, fields.size, faults.size]).toEqual([23, 12, 15]);
});
