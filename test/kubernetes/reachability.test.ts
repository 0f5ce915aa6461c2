import { expect, test } from 'vitest';
import { Reachability } from '../../src/kubernetes/reachability.ts';
import { ManualClock } from './manual-clock.ts';

function watched() {
  const clock = new ManualClock();
  let recoveries = 0;
  const reachability = new Reachability({
    clock,
    onRecovery: () => {
      recoveries += 1;
    },
  });
  const answer = (status: number | 'error', method = 'GET') =>
    reachability.observe({ method, status });
  return { clock, answer, recoveries: () => recoveries };
}

test.each(['error', 401, 500, 503] as const)(
  'after %s, the next answer is a recovery',
  (failure) => {
    const { answer, recoveries } = watched();
    answer(200);
    expect(recoveries()).toBe(0);
    answer(failure);
    answer(failure);
    expect(recoveries()).toBe(0);
    answer(200);
    answer(200);
    expect(recoveries()).toBe(1);
  },
);

test('an API server that allows nothing or throttles is neither lost nor back', () => {
  const { answer, recoveries } = watched();
  for (const status of [403, 404, 410, 429]) {
    answer(status);
    answer(200);
  }
  expect(recoveries()).toBe(0);
  answer('error');
  answer(403);
  expect(recoveries()).toBe(0);
  answer(200);
  expect(recoveries()).toBe(1);
});

test('writes do not count, which may fail for the sake of what they write', () => {
  const { answer, recoveries } = watched();
  answer(500, 'PATCH');
  answer(200);
  answer('error');
  answer(200, 'PATCH');
  expect(recoveries()).toBe(0);
});

test('where it comes and goes, a recovery is told once in 30 seconds', () => {
  const { clock, answer, recoveries } = watched();
  for (let second = 0; second < 60; second += 1) {
    answer(503);
    answer(200);
    clock.advance(1000);
  }
  expect(recoveries()).toBe(2);
});
