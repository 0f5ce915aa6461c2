import { describe, expect, test } from 'vitest';
import type { Fault } from '../../simulators/pingone/faults.ts';
import { DAY_MS, rejection, startBench, TRANSACTION } from './harness.ts';

const CUT_BEFORE: Fault = { kind: 'drop', when: 'before' };
const CUT_AFTER: Fault = { kind: 'drop', when: 'after' };
const FAILED_BEFORE: Fault = { kind: 'answer', when: 'before', status: 500 };
const FAILED_AFTER: Fault = { kind: 'answer', when: 'after', status: 502 };
const TIMED_OUT: Fault = { kind: 'answer', when: 'after', status: 408 };
const GARBLED: Fault = { kind: 'answer', when: 'after', status: 200, body: '{"secret":' };
const UNEXPECTED: Fault = { kind: 'answer', when: 'after', status: 202 };

const LOST: readonly (readonly [string, Fault, boolean])[] = [
  ['cut before it was carried out', CUT_BEFORE, false],
  ['cut after it was carried out', CUT_AFTER, true],
  ['500 before it was carried out', FAILED_BEFORE, false],
  ['502 after it was carried out', FAILED_AFTER, true],
  ['408 after it was carried out', TIMED_OUT, true],
  ['an unexpected success', UNEXPECTED, true],
];

describe('a rotation whose answer is lost', () => {
  test.each([...LOST, ['garbled', GARBLED, true] as const])('%s', async (_name, fault, applied) => {
    const { simulator, provider, signal, rotate, secretCalls } = await startBench();
    const { id, clientID } = simulator.addApplication();
    const { current: old } = simulator.secretsOf(id);
    simulator.faults.arm({ method: 'POST', server: 'api' }, fault);

    const error = await rejection(rotate(clientID, DAY_MS));

    expect(error).toMatchObject({ reason: 'ProviderUnavailable', ambiguous: true });
    expect(error.message).toMatch(/^rotating the client secret: /);
    expect(secretCalls()).toEqual(['GET', 'POST']);
    const { current, previous } = await provider.read(clientID, signal);
    expect(current?.revealText() === old).toBe(!applied);
    expect(previous?.value?.revealText()).toBe(applied ? old : undefined);
  });

  test('the secret that it had before is no new one', async () => {
    const { simulator, rotate } = await startBench();
    const { id, clientID } = simulator.addApplication();
    const { current } = simulator.secretsOf(id);
    const body = JSON.stringify({ secret: current });
    const fault = { kind: 'answer', when: 'before', status: 200, body } as const;
    simulator.faults.arm({ method: 'POST', server: 'api' }, fault);
    const error = await rejection(rotate(clientID, DAY_MS));
    expect(error).toMatchObject({ reason: 'ProviderUnavailable', ambiguous: true });
  });

  test('given up while it was under way', async () => {
    const { simulator, provider, clock, secretCalls } = await startBench();
    const { clientID } = simulator.addApplication();
    const { promise: until, resolve: goOn } = Promise.withResolvers<void>();
    const fault = { kind: 'hold', when: 'after', until } as const;
    simulator.faults.arm({ method: 'POST', server: 'api' }, fault);
    const giving = new AbortController();
    const rotation = { retainUntil: clock.now() + DAY_MS, transaction: TRANSACTION };
    const rotated = rejection(provider.rotate(clientID, rotation, giving.signal));
    await expect.poll(() => secretCalls().at(-1)).toBe('POST');
    giving.abort();
    expect(await rotated).toMatchObject({ reason: 'ProviderUnavailable', ambiguous: true });
    goOn();
  });
});

describe('a revocation whose answer is lost', () => {
  test.each(LOST)('%s', async (_name, fault, applied) => {
    const { simulator, provider, signal, rotate, secretCalls } = await startBench();
    const { id, clientID } = simulator.addApplication();
    await rotate(clientID, DAY_MS);
    const before = secretCalls().length;
    simulator.faults.arm({ method: 'DELETE' }, fault);

    const error = await rejection(provider.revokePrevious(clientID, TRANSACTION, signal));

    expect(error).toMatchObject({ reason: 'ProviderUnavailable', ambiguous: true });
    expect(secretCalls().slice(before)).toEqual(['GET', 'DELETE']);
    expect(simulator.secretsOf(id).previous === undefined).toBe(applied);
    await provider.revokePrevious(clientID, TRANSACTION, signal);
    expect(simulator.secretsOf(id).previous).toBeUndefined();
    const deletions = secretCalls().filter((method) => method === 'DELETE');
    expect(deletions).toHaveLength(applied ? 1 : 2);
  });

  test.each([204, 404])(
    'a DELETE that answers %s and does nothing is no success',
    async (status) => {
      const { simulator, provider, signal, rotate } = await startBench();
      const { clientID } = simulator.addApplication();
      await rotate(clientID, DAY_MS);
      simulator.faults.arm({ method: 'DELETE' }, { kind: 'answer', when: 'before', status });
      const error = await rejection(provider.revokePrevious(clientID, TRANSACTION, signal));
      expect(error).toMatchObject({ reason: 'ProviderUnavailable', ambiguous: status === 204 });
      expect(error.message).toContain('still there');
    },
  );

  test.each([
    CUT_BEFORE,
    FAILED_BEFORE,
    { kind: 'answer', when: 'before', status: 429 } satisfies Fault,
  ])('carried out, but not to be confirmed', async (fault) => {
    const { simulator, provider, signal, rotate } = await startBench();
    const { id, clientID } = simulator.addApplication();
    await rotate(clientID, DAY_MS);
    const { promise: until, resolve: goOn } = Promise.withResolvers<void>();
    simulator.faults.arm({ method: 'DELETE' }, { kind: 'hold', when: 'before', until });
    const revoked = rejection(provider.revokePrevious(clientID, TRANSACTION, signal));
    await expect.poll(() => simulator.faults.pending).toBe(0);
    simulator.faults.arm({ method: 'GET', path: /\/secret$/ }, fault);
    goOn();
    expect(await revoked).toMatchObject({ ambiguous: true });
    expect(simulator.secretsOf(id).previous).toBeUndefined();
  });

  test('somebody rotates meanwhile: what is retained then is not taken for revoked', async () => {
    const { simulator, provider, signal, rotate, clock } = await startBench();
    const { id, clientID } = simulator.addApplication();
    await rotate(clientID, DAY_MS);
    const { promise: until, resolve: goOn } = Promise.withResolvers<void>();
    simulator.faults.arm({ method: 'DELETE' }, { kind: 'hold', when: 'after', until });
    const revoked = rejection(provider.revokePrevious(clientID, TRANSACTION, signal));
    await expect.poll(() => simulator.secretsOf(id).previous).toBeUndefined();
    simulator.rotateByHand(id, clock.now() + DAY_MS);
    goOn();
    expect(await revoked).toMatchObject({ reason: 'ProviderUnavailable', ambiguous: true });
  });
});

describe('a read whose answer is lost', () => {
  test.each([CUT_BEFORE, CUT_AFTER, FAILED_BEFORE, FAILED_AFTER, TIMED_OUT, GARBLED, UNEXPECTED])(
    'is never ambiguous, nor is a rotation that it was to prepare',
    async (fault) => {
      const { simulator, provider, signal, rotate, secretCalls } = await startBench();
      const attempts = [
        (clientID: string) => rotate(clientID, DAY_MS),
        (clientID: string) => provider.revokePrevious(clientID, TRANSACTION, signal),
        (clientID: string) => provider.read(clientID, signal),
      ];
      for (const path of [/\/applications\/[^/]+$/, /\/secret$/]) {
        for (const attempt of attempts) {
          const { clientID } = simulator.addApplication();
          simulator.faults.arm({ method: 'GET', path }, fault);
          const error = await rejection(attempt(clientID));
          expect(error).toMatchObject({ reason: 'ProviderUnavailable', ambiguous: false });
        }
      }
      expect(secretCalls()).not.toContain('POST');
      expect(secretCalls()).not.toContain('DELETE');
    },
  );
});
