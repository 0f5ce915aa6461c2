import { describe, expect, test } from 'vitest';
import {
  DAY_MS,
  rejection,
  SWITCH_POSITIONS,
  startBench,
  TRANSACTION,
  tokenStatus,
} from './harness.ts';

describe.each(SWITCH_POSITIONS)('PingOne, %s', (_name, switches) => {
  test('a rotation retains the previous secret until it is revoked', async () => {
    const { simulator, provider, signal, clock } = await startBench({ switches });
    const { id, clientID } = simulator.addApplication();
    const before = await provider.read(clientID, signal);
    const retainUntil = clock.now() + DAY_MS;

    const issued = await provider.rotate(
      clientID,
      { retainUntil, transaction: TRANSACTION },
      signal,
    );

    const rotated = await provider.read(clientID, signal);
    expect(issued?.revealText()).toBe(simulator.secretsOf(id).current);
    expect(rotated.current?.revealText()).toBe(issued?.revealText());
    expect(rotated.previous?.value?.revealText()).toBe(before.current?.revealText());
    expect(rotated.previous?.expiresAt).toBe(retainUntil);
    expect(rotated.previous?.lastUsedAt).toBeUndefined();
    const old = before.current?.revealText() ?? '';
    const current = rotated.current?.revealText() ?? '';
    expect(await tokenStatus(simulator, clientID, old)).toBe(200);
    expect(await tokenStatus(simulator, clientID, current)).toBe(200);
    expect((await provider.read(clientID, signal)).previous?.lastUsedAt).toBe(clock.now());

    await provider.revokePrevious(clientID, TRANSACTION, signal);

    expect((await provider.read(clientID, signal)).previous).toBeUndefined();
    expect(await tokenStatus(simulator, clientID, old)).toBe(401);
    expect(await tokenStatus(simulator, clientID, current)).toBe(200);
  });

  test('a previous secret is gone once it has expired, and another rotation may follow', async () => {
    const { simulator, provider, signal, clock, rotate, secretCalls } = await startBench({
      switches,
    });
    const { id, clientID } = simulator.addApplication();
    const old = simulator.secretsOf(id).current;
    await rotate(clientID, DAY_MS);

    clock.advance(DAY_MS);

    expect((await provider.read(clientID, signal)).previous).toBeUndefined();
    expect(await tokenStatus(simulator, clientID, old)).toBe(401);
    await provider.revokePrevious(clientID, TRANSACTION, signal);
    expect(secretCalls()).not.toContain('DELETE');
    const retired = simulator.secretsOf(id).current;
    await rotate(clientID, DAY_MS);
    expect(simulator.secretsOf(id).previous?.secret).toBe(retired);
  });

  test('without retention the old secret ends at once', async () => {
    const { simulator, provider, signal, rotate } = await startBench({ switches });
    const { id, clientID } = simulator.addApplication();
    const old = simulator.secretsOf(id).current;

    await rotate(clientID);

    expect((await provider.read(clientID, signal)).previous).toBeUndefined();
    expect(await tokenStatus(simulator, clientID, old)).toBe(401);
    expect(await tokenStatus(simulator, clientID, simulator.secretsOf(id).current)).toBe(200);
  });

  test('it never evicts a previous secret that is still valid', async () => {
    const { simulator, rotate, secretCalls } = await startBench({ switches });
    const { id, clientID } = simulator.addApplication();
    await rotate(clientID, DAY_MS);
    const secrets = simulator.secretsOf(id);

    for (const retainForMs of [DAY_MS, undefined]) {
      const error = await rejection(rotate(clientID, retainForMs));
      expect(error).toMatchObject({ reason: 'ProviderRejected', ambiguous: false });
      expect(error.message).toContain('still valid');
    }

    expect(simulator.secretsOf(id)).toEqual(secrets);
    expect(secretCalls().filter((method) => method === 'POST')).toHaveLength(1);
  });

  test('a retention out of bounds is refused before anything is sent', async () => {
    const { simulator, rotate, secretCalls } = await startBench({ switches });
    const { id, clientID } = simulator.addApplication();
    const secrets = simulator.secretsOf(id);

    for (const retainForMs of [-DAY_MS, 0, 29_000, 30 * DAY_MS + 31_000, Number.NaN]) {
      const error = await rejection(rotate(clientID, retainForMs));
      expect(error).toMatchObject({ reason: 'ProviderRejected', ambiguous: false });
      expect(error.message).toContain('1 minute to 30 days');
    }

    expect(simulator.secretsOf(id)).toEqual(secrets);
    expect(secretCalls()).not.toContain('POST');
  });

  test.each([
    ['1 minute', 60_000],
    ['30 days', 30 * DAY_MS],
  ])('a retention of just %s is within the bounds when it arrives', async (_name, retainForMs) => {
    const { simulator, clock, rotate } = await startBench({ switches });
    const { id, clientID } = simulator.addApplication();
    const decidedAt = clock.now();

    clock.advance(5000);
    await rotate(clientID, retainForMs - 5000);

    const expiresAt = simulator.secretsOf(id).previous?.expiresAt ?? 0;
    expect(Math.abs(expiresAt - (decidedAt + retainForMs))).toBeLessThanOrEqual(35_000);
  });

  test('revoking where nothing is retained sends no DELETE', async () => {
    const { simulator, provider, signal, secretCalls } = await startBench({ switches });
    const { clientID } = simulator.addApplication();

    await provider.revokePrevious(clientID, TRANSACTION, signal);

    expect(secretCalls()).toEqual(['GET']);
  });

  test('a previous secret that vanishes between reading and DELETE is revoked all the same', async () => {
    const { simulator, provider, signal, rotate, secretCalls } = await startBench({ switches });
    const { id, clientID } = simulator.addApplication();
    await rotate(clientID, DAY_MS);
    const { promise: until, resolve: goOn } = Promise.withResolvers<void>();
    simulator.faults.arm({ method: 'DELETE' }, { kind: 'hold', when: 'before', until });

    const revoked = provider.revokePrevious(clientID, TRANSACTION, signal);
    await expect.poll(() => secretCalls().at(-1)).toBe('DELETE');
    simulator.revokeByHand(id);
    goOn();

    await revoked;
    expect(simulator.secretsOf(id).previous).toBeUndefined();
  });

  test('a client that cannot be managed is told apart, and its secret left alone', async () => {
    const { simulator, provider, signal, rotate, secretCalls } = await startBench({ switches });
    const cases = [
      [simulator.addApplication({ protocol: 'SAML' }), 'NotOIDCApplication'],
      [simulator.addApplication({ protocol: 'EXTERNAL_LINK' }), 'NotOIDCApplication'],
      [
        simulator.addApplication({ type: 'SINGLE_PAGE_APP', tokenEndpointAuthMethod: 'NONE' }),
        'NotConfidentialClient',
      ],
      [
        simulator.addApplication({ tokenEndpointAuthMethod: 'PRIVATE_KEY_JWT' }),
        'NotConfidentialClient',
      ],
      [simulator.addApplication({ tokenEndpointAuthMethod: null }), 'NotConfidentialClient'],
      [{ clientID: '6e3c7e8e-35a1-4b0b-9a51-0ec4a6a3b0aa' }, 'ClientNotFound'],
      [{ clientID: 'not-a-uuid/../../secret' }, 'ClientNotFound'],
      [{ clientID: simulator.worker.clientID }, 'OwnClient'],
    ] as const;

    for (const [{ clientID }, reason] of cases) {
      for (const attempt of [
        provider.read(clientID, signal),
        rotate(clientID, DAY_MS),
        provider.revokePrevious(clientID, TRANSACTION, signal),
      ]) {
        expect(await rejection(attempt)).toMatchObject({ reason, ambiguous: false });
      }
    }
    expect(secretCalls()).toEqual([]);
  });
});
