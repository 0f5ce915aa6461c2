import { expect, onTestFinished, test } from 'vitest';
import { SecretValue } from '../../src/api/secret-value.ts';
import type { GuardedProvider } from '../../src/controller/providers/access.ts';
import { Connection } from '../../src/controller/providers/connection.ts';
import { guard } from '../../src/controller/providers/guard.ts';
import type { PingOneConfig } from '../../src/providers/config.ts';
import { systemTiming } from '../../src/providers/pingone/timing.ts';
import { ProviderError } from '../../src/providers/provider-error.ts';
import { ManualClock } from '../kubernetes/manual-clock.ts';
import { configFor, rejection } from '../providers/pingone/harness.ts';
import { type PingOneSimulator, startPingOneSimulator } from '../simulators/pingone/simulator.ts';

const { signal } = new AbortController();
const CALLS_AT_ONCE = 2;

interface Rig {
  readonly pingone: PingOneSimulator;
  readonly connection: Connection;
  readonly provider: GuardedProvider;
  readonly clock: ManualClock;
  readonly openings: number[];
  /** Client IDs of applications. */
  readonly clients: readonly string[];
}

async function start(overrides: Partial<PingOneConfig> = {}, mayAct = true): Promise<Rig> {
  const pingone = await startPingOneSimulator({ rateLimit: 'none' });
  const clock = new ManualClock();
  const connection = new Connection(configFor(pingone, overrides), {
    timing: systemTiming,
    now: () => clock.monotonic(),
    callsAtOnce: CALLS_AT_ONCE,
    budget: { most: 100, taken: 0 },
    answered: () => {},
  });
  onTestFinished(async () => {
    await connection.close();
    await pingone.stop();
  });
  const { issuer } = await connection.check(signal);
  const openings: number[] = [];
  const provider = guard(
    connection,
    { key: 'OIDCProvider/shop/pingone', issuer, backend: 'pingone', resyncIntervalMs: () => 1 },
    { mayAct: () => mayAct, onOpened: () => openings.push(clock.monotonic()) },
  );
  const clients = Array.from({ length: 12 }, () => pingone.addApplication().clientID);
  return { pingone, connection, provider, clock, openings, clients };
}

/** Reads the clients one after the other; resolves to what each came to. */
async function readAll({ provider }: Rig, clients: readonly string[]): Promise<string[]> {
  const outcomes: string[] = [];
  for (const clientID of clients) {
    const outcome = await provider.read(clientID, signal).then(
      () => 'read',
      (error: unknown) => (error instanceof ProviderError ? error.reason : String(error)),
    );
    outcomes.push(outcome);
  }
  return outcomes;
}

const fault = { kind: 'answer', when: 'before', status: 503 } as const;

test('a provider that fails is given time, then one call finds out whether it has recovered', async () => {
  const rig = await start();
  const { pingone, clients, clock, openings, provider } = rig;
  pingone.faults.arm({ server: 'api' }, fault, 1000);
  const outcomes = await readAll(rig, clients);
  expect(outcomes.slice(0, 5)).toEqual(Array<string>(5).fill('ProviderUnavailable'));
  expect(outcomes.slice(5)).toEqual(Array<string>(7).fill('ProviderBusy'));
  expect(openings).toHaveLength(1);
  const refusal = await rejection(provider.read(clients[0] ?? '', signal));
  expect(refusal.retryAfterMs).toBeGreaterThanOrEqual(5_000);
  expect(refusal.ambiguous).toBe(false);

  pingone.faults.disarm();
  const { length } = pingone.requests;
  expect(await readAll(rig, clients)).not.toContain('read');
  expect(pingone.requests).toHaveLength(length);
  clock.advance(5_000);
  expect(new Set(await readAll(rig, clients))).toEqual(new Set(['read']));
});

test('a check tells the circuit breaker too', async () => {
  const rig = await start();
  const { pingone, clients, connection } = rig;
  pingone.faults.arm({ server: 'api' }, fault, 1000);
  await readAll(rig, clients);
  pingone.faults.disarm();
  await connection.check(signal);
  expect(await readAll(rig, clients)).not.toContain('ProviderBusy');
});

test('a provider that hangs holds a few callers, and sends the others away', async () => {
  const rig = await start();
  const { pingone, clients, provider } = rig;
  const release = Promise.withResolvers<void>();
  const hold = { kind: 'hold', when: 'before', until: release.promise } as const;
  pingone.faults.arm({ server: 'api' }, hold, 1000);
  const { length } = pingone.requests;
  const calls = clients.map((clientID) => provider.read(clientID, signal));
  const away = await Promise.all(calls.slice(2 * CALLS_AT_ONCE).map((call) => rejection(call)));
  expect(new Set(away.map(({ reason }) => reason))).toEqual(new Set(['ProviderBusy']));
  release.resolve();
  pingone.faults.disarm();
  await Promise.all(calls.slice(0, 2 * CALLS_AT_ONCE));
  const asked = new Set(pingone.requests.slice(length).map(({ path }) => path));
  expect(asked.size).toBe(2 * 2 * CALLS_AT_ONCE);
});

test('who waits for a turn is sent away too when the circuit opens', async () => {
  const rig = await start({ requestTimeoutMs: 200 });
  const { pingone, clients, provider } = rig;
  const { promise, resolve } = Promise.withResolvers<void>();
  onTestFinished(() => resolve());
  pingone.faults.arm({ server: 'api' }, { kind: 'hold', when: 'before', until: promise }, 1000);
  const outcomes: string[] = [];
  for (const batch of [clients.slice(0, 4), clients.slice(4, 8)]) {
    const calls = batch.map((clientID) => rejection(provider.read(clientID, signal)));
    outcomes.push(...(await Promise.all(calls)).map(({ reason }) => reason));
  }
  expect(outcomes).toEqual([
    ...Array<string>(6).fill('ProviderUnavailable'),
    'ProviderBusy',
    'ProviderBusy',
  ]);
});

test('what one client alone is refused holds up no other one', async () => {
  const rig = await start();
  const { clients } = rig;
  const missing = Array<string>(20).fill('00000000-0000-4000-8000-000000000000');
  expect(new Set(await readAll(rig, missing))).toEqual(new Set(['ClientNotFound']));
  expect(await readAll(rig, clients)).not.toContain('ProviderBusy');
});

test('a rate limit is waited for, for as long as the provider says', async () => {
  const rig = await start();
  const { pingone, clients, clock, openings } = rig;
  const headers = { 'retry-after': '7' };
  pingone.faults.arm({ server: 'api' }, { ...fault, status: 429, headers });
  expect(await readAll(rig, clients.slice(0, 3))).toEqual([
    'RateLimited',
    'ProviderBusy',
    'ProviderBusy',
  ]);
  clock.advance(7_000);
  expect(await readAll(rig, clients.slice(0, 3))).toEqual(['read', 'read', 'read']);
  expect(openings).toEqual([]);
});

test('a replica that does not lead reads, but changes nothing', async () => {
  const { pingone, clients, provider } = await start({}, false);
  const [clientID = ''] = clients;
  await provider.read(clientID, signal);
  const rotation = { retainUntil: undefined, transaction: 'test' };
  const refusals = [
    await rejection(provider.rotate(clientID, rotation, signal)),
    await rejection(provider.revokePrevious(clientID, 'test', signal)),
  ];
  expect(refusals.map(({ reason, ambiguous }) => [reason, ambiguous])).toEqual([
    ['ProviderBusy', false],
    ['ProviderBusy', false],
  ]);
  const changes = pingone.requests.filter(
    ({ server, method }) => server === 'api' && method !== 'GET',
  );
  expect(changes).toEqual([]);
});

test('a probe is let through like any call, and one that tells nothing counts for nothing', async () => {
  const rig = await start();
  const { pingone, clients, provider } = rig;
  const [clientID = ''] = clients;
  const { current } = await provider.read(clientID, signal);
  const wrong = SecretValue.fromText('a'.repeat(64));
  const ask = (candidate = current ?? wrong, of = clientID) =>
    provider.test({ clientID: of, candidate, reference: current }, signal);
  expect(await ask()).toEqual({ result: 'accepted' });
  expect(await ask(wrong)).toEqual({ result: 'rejected' });
  pingone.faults.arm({ server: 'api' }, fault, 1000);
  await readAll(rig, clients.slice(0, 4));
  pingone.faults.arm({ server: 'auth' }, fault, 1000);
  expect(await ask(current, 'another')).toMatchObject({ result: 'unknown' });
  expect(await readAll(rig, clients.slice(4, 6))).toEqual(['ProviderUnavailable', 'ProviderBusy']);
  expect(await rejection(ask())).toMatchObject({ reason: 'ProviderBusy' });
});
