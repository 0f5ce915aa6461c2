import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SecretValue } from '../../src/api/secret-value.ts';
import type { Capabilities, IdentityProvider, Rotation } from '../../src/providers/port.ts';
import { ProviderError } from '../../src/providers/provider-error.ts';

/** What the contract is proved with: a provider, and what an application sees of it. */
export interface ContractSubject {
  readonly provider: IdentityProvider;
  /** Creates a confidential OIDC client with a secret, and resolves to its client ID. */
  newClient(): Promise<string>;
  /** The status of the token endpoint for the client's secret: 200 or 401. */
  tokenStatus(clientID: string, secret: SecretValue): Promise<number>;
  /** A client whose previous secret the provider ends soon by itself; default: any one. */
  newClientOfShortRetention?(): Promise<string>;
  /** The provider's time in epoch milliseconds; default: the system's. */
  now?(): number;
  /** Lets the provider's time come to `time`; default: waits for it. */
  reach?(time: number): Promise<void>;
  /** Ends what the subject started, except the provider, which the contract closes. */
  stop?(): Promise<void>;
}

const limitMs = 120_000;
const patience = { timeout: limitMs, interval: 250 };
const retentionMs = 3_600_000;
const shortRetentionMs = 90_000;
const transaction = 'contract/client#1';

/** Tests what every identity provider must do, by what its capabilities promise. */
export function describeContract(name: string, start: () => Promise<ContractSubject>): void {
  describe(`the contract of identity providers: ${name}`, { timeout: 2 * limitMs }, () => {
    let subject: ContractSubject;
    let provider: IdentityProvider;
    let can: Capabilities;
    beforeAll(async () => {
      subject = await start();
      provider = subject.provider;
      await provider.check(signal());
      can = provider.capabilities;
    }, limitMs);
    afterAll(async () => {
      await provider.close();
      await subject.stop?.();
    });

    const now = () => subject.now?.() ?? Date.now();
    const retain = () => ({ retainUntil: now() + retentionMs, transaction });
    const discard: Rotation = { retainUntil: undefined, transaction };

    /** Rotates, and resolves to the client's secrets before and after. */
    async function rotated(clientID: string, rotation: Rotation = retain()) {
      const { current: told } = await provider.read(clientID, signal());
      // Where secrets are told only when they are issued, the one before is had by a rotation.
      const old = told ?? (await provider.rotate(clientID, discard, signal()));
      const issued = await provider.rotate(clientID, rotation, signal());
      const after = await provider.read(clientID, signal());
      return { old: present(old), current: present(issued ?? after.current), after };
    }

    /** What the token endpoint says to the old and the new secret. */
    function statuses(
      clientID: string,
      { old, current }: { old: SecretValue; current: SecretValue },
    ) {
      return Promise.all([old, current].map((secret) => subject.tokenStatus(clientID, secret)));
    }

    test('capabilities do not contradict each other', () => {
      expect(can.maxSecrets).toBeGreaterThanOrEqual(can.overlap === 'none' ? 1 : 2);
      expect(can.revoke === 'none').toBe(can.overlap === 'none');
      if (can.overlap === 'slot') expect(can.maxSecrets).toBe(2);
      if (can.readable === 'all' || can.lastUsed) expect(can.previousVisible).toBe(true);
      if (can.longestOverlapMs !== undefined) expect(can.longestOverlapMs).toBeGreaterThan(0);
    });

    test('the check finds an issuer', async () => {
      const { issuer } = await provider.check(signal());
      expect(URL.canParse(issuer)).toBe(true);
    });

    test('a new client has a current secret, and no previous one', async () => {
      const clientID = await subject.newClient();
      const secrets = await provider.read(clientID, signal());
      expect(secrets.previous).toBeUndefined();
      expect(secrets.current === undefined).toBe(can.readable === 'never');
      if (secrets.current !== undefined) {
        expect(await subject.tokenStatus(clientID, secrets.current)).toBe(200);
      }
    });

    test('reading changes nothing', async () => {
      const clientID = await subject.newClient();
      await rotated(clientID);
      const first = await provider.read(clientID, signal());
      expect(await provider.read(clientID, signal())).toEqual(first);
    });

    test('after a rotation the old secret and the new one work, and both are told', async () => {
      const clientID = await subject.newClient();
      const earliest = now();
      const { old, current, after } = await rotated(clientID);
      expect(current.equals(old)).toBe(false);
      expect(await statuses(clientID, { old, current })).toEqual([200, 200]);

      if (can.readable !== 'never') expect(after.current?.equals(current)).toBe(true);
      expect(after.previous !== undefined).toBe(can.previousVisible);
      if (can.readable === 'all') expect(after.previous?.value?.equals(old)).toBe(true);
      if (can.previousExpiry !== 'none') {
        expect(after.previous?.expiresAt).toBeGreaterThan(earliest);
      }
      if (can.previousExpiry === 'perRotation') {
        const difference = (after.previous?.expiresAt ?? 0) - (earliest + retentionMs);
        expect(Math.abs(difference)).toBeLessThan(60_000);
      }
    });

    test('after a revocation the new secret alone works, and is the one that is told', async () => {
      const clientID = await subject.newClient();
      const pair = await rotated(clientID);
      await provider.revokePrevious(clientID, transaction, signal());
      expect(await statuses(clientID, pair)).toEqual([401, 200]);
      const secrets = await provider.read(clientID, signal());
      expect(secrets.previous).toBeUndefined();
      expect(secrets.current).toEqual(pair.after.current);
    });

    test('a revocation where there is nothing to revoke does nothing', async () => {
      const clientID = await subject.newClient();
      const before = await provider.read(clientID, signal());
      await provider.revokePrevious(clientID, transaction, signal());
      await provider.revokePrevious(clientID, transaction, signal());
      expect(await provider.read(clientID, signal())).toEqual(before);
    });

    test('a rotation that retains nothing ends the old secret at once', async () => {
      const clientID = await subject.newClient();
      const pair = await rotated(clientID, discard);
      expect(await statuses(clientID, pair)).toEqual([401, 200]);
      expect(pair.after.previous).toBeUndefined();
    });

    test('after a revocation there is room for the next rotation', async () => {
      const clientID = await subject.newClient();
      await rotated(clientID);
      await provider.revokePrevious(clientID, transaction, signal());
      const pair = await rotated(clientID);
      expect(await statuses(clientID, pair)).toEqual([200, 200]);
    });

    test('a retained secret is not pushed out of its slot by another rotation', async () => {
      if (can.overlap !== 'slot') return;
      const clientID = await subject.newClient();
      const pair = await rotated(clientID);
      const error = await errorOf(provider.rotate(clientID, retain(), signal()));
      expect(error).toMatchObject({ reason: 'ProviderRejected', ambiguous: false });
      expect(await provider.read(clientID, signal())).toEqual(pair.after);
      expect(await statuses(clientID, pair)).toEqual([200, 200]);
    });

    test('the last use of a retained secret is told by those who know it alone', async () => {
      const clientID = await subject.newClient();
      const { old, after } = await rotated(clientID);
      expect(after.previous?.lastUsedAt).toBeUndefined();
      const earliest = Math.floor(now() / 1000) * 1000;
      expect(await subject.tokenStatus(clientID, old)).toBe(200);
      const lastUsedAt = (await provider.read(clientID, signal())).previous?.lastUsedAt;
      if (can.lastUsed) expect(lastUsedAt).toBeGreaterThanOrEqual(earliest);
      else expect(lastUsedAt).toBeUndefined();
    });

    test('after its expiry a retained secret has ended, and is told no more', async () => {
      const clientID = await (subject.newClientOfShortRetention ?? subject.newClient)();
      const rotation = { retainUntil: now() + shortRetentionMs, transaction };
      const pair = await rotated(clientID, rotation);
      expect(await statuses(clientID, pair)).toEqual([200, 200]);
      const expiresAt = pair.after.previous?.expiresAt ?? rotation.retainUntil;
      await reach(subject, expiresAt);
      await expect.poll(() => statuses(clientID, pair), patience).toEqual([401, 200]);
      await expect
        .poll(async () => (await provider.read(clientID, signal())).previous, patience)
        .toBeUndefined();
    });

    test('a client that does not exist is told by its own reason', async () => {
      const clientID = '00000000-0000-4000-8000-000000000000';
      for (const call of [
        () => provider.read(clientID, signal()),
        () => provider.rotate(clientID, retain(), signal()),
        () => provider.revokePrevious(clientID, transaction, signal()),
      ]) {
        expect(await errorOf(call())).toMatchObject({ reason: 'ClientNotFound', ambiguous: false });
      }
    });

    test('what is aborted ends in a ProviderError, and nothing is rotated', async () => {
      const clientID = await subject.newClient();
      const before = await provider.read(clientID, signal());
      const aborted = AbortSignal.abort();
      for (const call of [
        () => provider.check(aborted),
        () => provider.read(clientID, aborted),
        () => provider.rotate(clientID, retain(), aborted),
        () => provider.revokePrevious(clientID, transaction, aborted),
      ]) {
        expect(await errorOf(call())).toMatchObject({ ambiguous: false });
      }
      expect(await provider.read(clientID, signal())).toEqual(before);
    });

    test('nothing that is printed shows a secret', async () => {
      const clientID = await subject.newClient();
      const { old, current, after } = await rotated(clientID);
      const printed = inspect([provider, after], { depth: 20, showHidden: true });
      for (const secret of [old, current]) {
        expect(printed).not.toContain(secret.revealText());
        expect(printed).not.toContain(secret.reveal());
      }
    });
  });
}

async function reach({ reach: letReach }: ContractSubject, time: number): Promise<void> {
  if (letReach !== undefined) return await letReach(time);
  await expect.poll(() => Date.now(), patience).toBeGreaterThan(time);
}

/** Long enough for a busy machine. */
function signal(): AbortSignal {
  return AbortSignal.timeout(limitMs);
}

function present(secret: SecretValue | undefined): SecretValue {
  if (secret === undefined) throw new Error('the provider does not tell the secret');
  return secret;
}

/** Resolves to the ProviderError that a call ends with. */
async function errorOf(call: Promise<unknown>): Promise<ProviderError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ProviderError) return error;
  throw new Error('the call did not end with a ProviderError', { cause: error });
}
