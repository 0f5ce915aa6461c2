import { beforeEach, expect, test } from 'vitest';
import { Breaker } from '../../src/controller/providers/breaker.ts';
import { ManualClock } from '../kubernetes/manual-clock.ts';

const SECOND = 1000;
let clock: ManualClock;
let breaker: Breaker;

beforeEach(() => {
  clock = new ManualClock();
  breaker = new Breaker(() => clock.monotonic());
});

/** Makes a call that fails, where one may be made; returns whether it opened the circuit. */
function fail(client: string): boolean {
  expect(breaker.hold()).toBeUndefined();
  breaker.begun();
  return breaker.failed(client);
}

function failures(...clients: string[]): boolean[] {
  return clients.map(fail);
}

function open(): void {
  failures('a', 'b', 'a', 'b', 'a');
}

test('five failures in a row of two clients open it for five seconds', () => {
  expect(failures('a', 'b', 'a', 'b', 'a')).toEqual([false, false, false, false, true]);
  expect(breaker.hold()).toBe(5 * SECOND);
  clock.advance(5 * SECOND - 1);
  expect(breaker.hold()).toBe(1);
  clock.advance(1);
  expect(breaker.hold()).toBeUndefined();
});

test('however often one client alone fails, it stays closed', () => {
  expect(failures(...Array<string>(20).fill('a'))).not.toContain(true);
  expect(fail('b')).toBe(true);
});

test('it is open from the last failure until an answer, through pauses and trials', () => {
  failures('a', 'b', 'a', 'b');
  expect(breaker.isOpen).toBe(false);
  fail('a');
  expect(breaker.isOpen).toBe(true);
  clock.advance(5 * SECOND);
  breaker.begun();
  expect(breaker.isOpen).toBe(true);
  breaker.succeeded();
  expect(breaker.isOpen).toBe(false);
});

test('an answer in between begins the count anew', () => {
  failures('a', 'b', 'a', 'b');
  breaker.succeeded();
  expect(failures('a', 'b', 'a', 'b')).not.toContain(true);
});

test('after the pause one call is let through, and the others wait for what comes of it', () => {
  open();
  clock.advance(5 * SECOND);
  breaker.begun();
  expect(breaker.hold()).toBe(SECOND);
  breaker.succeeded();
  expect(breaker.hold()).toBeUndefined();
  expect(failures('a', 'b', 'a', 'b')).not.toContain(true);
});

test('each trial that fails doubles the pause, up to a minute', () => {
  open();
  const pauses: (number | undefined)[] = [];
  for (let trial = 0; trial < 6; trial += 1) {
    const pause = breaker.hold();
    pauses.push(pause);
    clock.advance(pause ?? 0);
    expect(fail('a')).toBe(false);
  }
  expect(pauses.map((ms) => (ms ?? 0) / SECOND)).toEqual([5, 10, 20, 40, 60, 60]);
});

test('a trial that came to nothing leaves the next one to another call', () => {
  open();
  clock.advance(5 * SECOND);
  breaker.begun();
  breaker.abandoned();
  expect(breaker.hold()).toBeUndefined();
  breaker.begun();
  expect(breaker.hold()).toBe(SECOND);
});

test('failures of calls that began before it opened make the pause no longer', () => {
  open();
  breaker.failed('a');
  breaker.failed('b');
  expect(breaker.hold()).toBe(5 * SECOND);
});

test('a pause that the provider asked for is kept, and is no failure', () => {
  breaker.begun();
  breaker.pause(30 * SECOND);
  expect(breaker.hold()).toBe(30 * SECOND);
  breaker.pause(10 * SECOND);
  expect(breaker.hold()).toBe(30 * SECOND);
  clock.advance(30 * SECOND);
  breaker.begun();
  expect(breaker.hold()).toBeUndefined();
});
