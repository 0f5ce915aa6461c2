import { expect, test } from 'vitest';
import { ServerTime } from '../../src/cli/server-time.ts';
import { HOUR, NOW } from './applications.ts';

const RESPONSE = { method: 'GET', resource: 'oidcapplications', status: 200, seconds: 0.1 };

/** The time of a server whose clock shows `ahead` ms more, after an answer that took 100 ms. */
function serverTime(ahead: number): ServerTime {
  const time = new ServerTime();
  const serverDate = Math.floor((NOW + ahead + 50) / 1000) * 1000;
  time.observe({ ...RESPONSE, serverDate, sentAt: NOW, receivedAt: NOW + 100 });
  return time;
}

test.for([0, 300, 800])('a clock that may agree by what is known is left alone: %d ms', (ahead) => {
  expect(serverTime(ahead).at(NOW)).toBe(NOW);
});

test.for([-HOUR, -5000, 5000, HOUR])('a clock that is %d ms off is put right', (ahead) => {
  expect(Math.abs(serverTime(ahead).at(NOW) - NOW - ahead)).toBeLessThanOrEqual(1000);
});

test('without an answer, and by one without a date, nothing is known', () => {
  const time = new ServerTime();
  expect(time.at(NOW)).toBe(NOW);
  time.observe({ ...RESPONSE, status: 'error', sentAt: NOW, receivedAt: NOW + 100 });
  expect(time.at(NOW)).toBe(NOW);
});
