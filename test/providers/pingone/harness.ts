import { onTestFinished } from 'vitest';
import { SecretValue } from '../../../src/api/secret-value.ts';
import type { PingOneConfig } from '../../../src/providers/config.ts';
import { createHttpClient } from '../../../src/providers/http.ts';
import { createPingOneProvider } from '../../../src/providers/pingone/provider.ts';
import type { Timing } from '../../../src/providers/pingone/timing.ts';
import type { IdentityProvider } from '../../../src/providers/port.ts';
import { ProviderError } from '../../../src/providers/provider-error.ts';
import { ManualClock } from '../../kubernetes/manual-clock.ts';
import {
  LIKELY_SWITCHES,
  OTHER_SWITCHES,
  type SimulatorOptions,
  type Switches,
} from '../../simulators/pingone/options.ts';
import {
  type PingOneSimulator,
  startPingOneSimulator,
} from '../../simulators/pingone/simulator.ts';

export const DAY_MS = 24 * 60 * 60 * 1000;
export const TRANSACTION = 'keyturn:shop/web:3';

/** A provider and the simulator that it talks to, on one clock that tests move. */
export interface Bench {
  readonly simulator: PingOneSimulator;
  readonly provider: IdentityProvider;
  readonly config: PingOneConfig;
  readonly clock: ManualClock;
  readonly signal: AbortSignal;
  /** How long the provider waited by itself, in milliseconds, each time. */
  readonly waits: number[];
  rotate(clientID: string, retainForMs?: number): Promise<void>;
  /** What was sent to the management API about secrets, like `POST`. */
  secretCalls(): string[];
}

/** Starts both; they end with the test. */
export async function startBench(
  options: SimulatorOptions = {},
  overrides: Partial<PingOneConfig> = {},
): Promise<Bench> {
  const clock = new ManualClock();
  const simulator = await startPingOneSimulator({ clock, ...options });
  const config = configFor(simulator, overrides);
  const waits: number[] = [];
  const provider = createPingOneProvider(config, createHttpClient(config), timingOf(clock, waits));
  onTestFinished(async () => {
    await provider.close();
    await simulator.stop();
  });
  const { signal } = new AbortController();
  return {
    simulator,
    provider,
    config,
    clock,
    signal,
    waits,
    async rotate(clientID, retainForMs) {
      const retainUntil = retainForMs === undefined ? undefined : clock.now() + retainForMs;
      await provider.rotate(clientID, { retainUntil, transaction: TRANSACTION }, signal);
    },
    secretCalls: () =>
      simulator.requests
        .filter(({ server, path }) => server === 'api' && path.endsWith('/secret'))
        .map(({ method }) => method),
  };
}

/** The clock's time for a provider, whose waits move the clock and are noted in `waits`. */
export function timingOf(clock: ManualClock, waits: number[] = []): Timing {
  return {
    now: () => clock.now(),
    async delay(ms, signal) {
      signal.throwIfAborted();
      waits.push(ms);
      clock.advance(ms);
    },
  };
}

export function configFor(
  simulator: PingOneSimulator,
  overrides: Partial<PingOneConfig> = {},
): PingOneConfig {
  return {
    kind: 'pingone',
    insecure: true,
    caBundle: undefined,
    requestTimeoutMs: 10_000,
    requestsPerSecond: 100,
    apiURL: simulator.apiURL,
    authURL: simulator.authURL,
    environmentID: simulator.environmentID,
    workerEnvironmentID: simulator.workerEnvironmentID,
    credentials: {
      clientID: simulator.worker.clientID,
      clientSecret: SecretValue.fromText(simulator.worker.clientSecret),
    },
    ...overrides,
  };
}

/** What the promise is rejected with; anything but a ProviderError fails the test. */
export async function rejection(promise: Promise<unknown>): Promise<ProviderError> {
  const outcome = await promise.then(
    () => 'it resolved',
    (error: unknown) => error,
  );
  if (outcome instanceof ProviderError) return outcome;
  throw new Error('not a ProviderError', { cause: outcome });
}

/** The status with which the token endpoint answers a client that authenticates by Basic. */
export async function tokenStatus(
  { authURL, environmentID }: PingOneSimulator,
  clientID: string,
  secret: string,
): Promise<number> {
  const credentials = Buffer.from(`${clientID}:${encodeURIComponent(secret)}`).toString('base64');
  const response = await fetch(`${authURL}/${environmentID}/as/token`, {
    method: 'POST',
    headers: { Authorization: `Basic ${credentials}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  await response.body?.cancel();
  return response.status;
}

/** All switches in the likely position, all in the other one, and each one flipped alone. */
export const SWITCH_POSITIONS: readonly (readonly [string, Switches])[] = [
  ['as seems likely', LIKELY_SWITCHES],
  ['all the other way', OTHER_SWITCHES],
  ...switchNames().map(
    (name) => [`${name} the other way`, flipped(name)] satisfies [string, Switches],
  ),
];

function flipped(name: keyof Switches): Switches {
  return { ...LIKELY_SWITCHES, [name]: OTHER_SWITCHES[name] };
}

function switchNames(): (keyof Switches)[] {
  return Object.keys(LIKELY_SWITCHES).filter(
    (name): name is keyof Switches => name in OTHER_SWITCHES,
  );
}
