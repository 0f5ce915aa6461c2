import { ProviderError } from '../../providers/provider-error.ts';
import type { GuardedProvider } from './access.ts';
import type { Connection } from './connection.ts';

/** What a guarded provider tells besides what it does. */
export interface GuardFacts extends Pick<GuardedProvider, 'key' | 'issuer' | 'backend'> {
  readonly resyncIntervalMs: () => number;
}

export interface GuardHooks {
  readonly mayAct: () => boolean;
  /** Told when the circuit opens. */
  readonly onOpened: () => void;
}

interface Call<T> {
  readonly clientID: string;
  readonly signal: AbortSignal;
  /** Whether it changes something at the provider. */
  readonly changes?: boolean;
  /** Whether an answer tells that the provider is in order; left out: each does. */
  readonly tells?: (answer: T) => boolean;
}

/** Puts the connection's limit and circuit breaker before every call. */
export function guard(
  connection: Connection,
  { key, issuer, backend, resyncIntervalMs }: GuardFacts,
  { mayAct, onOpened }: GuardHooks,
): GuardedProvider {
  const { provider, breaker, limit } = connection;

  async function call<T>(
    { clientID, signal, changes = false, tells }: Call<T>,
    run: () => Promise<T>,
  ) {
    requireClosed(breaker.hold());
    const leave = await limit.enter(signal);
    try {
      // Who waited for a turn may have waited for a provider that fails, or for too long.
      requireClosed(breaker.hold());
      if (changes && !mayAct()) throw new ProviderError('ProviderBusy', 'another replica leads');
      breaker.begun();
      const answer = await run();
      if (tells?.(answer) === false) breaker.abandoned();
      else breaker.succeeded();
      return answer;
    } catch (error) {
      if (connection.noteFailure(error, clientID, signal)) onOpened();
      throw error;
    } finally {
      leave();
    }
  }

  return {
    key,
    issuer,
    backend,
    get capabilities() {
      return connection.capabilities;
    },
    get resyncIntervalMs() {
      return resyncIntervalMs();
    },
    read: (clientID, signal) => call({ clientID, signal }, () => provider.read(clientID, signal)),
    rotate: (clientID, rotation, signal) =>
      call({ clientID, signal, changes: true }, () => provider.rotate(clientID, rotation, signal)),
    revokePrevious: (clientID, transaction, signal) =>
      call({ clientID, signal, changes: true }, () =>
        provider.revokePrevious(clientID, transaction, signal),
      ),
    test: (subject, signal) =>
      call(
        { clientID: subject.clientID, signal, tells: ({ result }) => result !== 'unknown' },
        () => connection.probe(issuer).test(subject, signal),
      ),
  };
}

// Those who are sent away do not all come back at the same moment.
const SPREAD = 0.5;

function requireClosed(holdMs: number | undefined): void {
  if (holdMs === undefined) return;
  throw new ProviderError('ProviderBusy', 'the provider is given time to recover', {
    retryAfterMs: Math.ceil(holdMs * (1 + SPREAD * Math.random())),
  });
}
