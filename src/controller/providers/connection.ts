import type { ProviderConfig } from '../../providers/config.ts';
import { createHttpClient, type HttpObservation } from '../../providers/http.ts';
import type { Timing } from '../../providers/pingone/timing.ts';
import type { Capabilities, IdentityProvider, ProviderFacts } from '../../providers/port.ts';
import { createProbe, type Probe } from '../../providers/probe.ts';
import { ProviderError } from '../../providers/provider-error.ts';
import { createProvider } from '../../providers/registry.ts';
import { Breaker } from './breaker.ts';
import { type CallBudget, CallLimit } from './call-limit.ts';

export interface ConnectionOptions {
  readonly timing: Timing;
  /** Monotonic, in milliseconds. */
  readonly now: () => number;
  /** How many calls of one provider may be under way. */
  readonly callsAtOnce: number;
  readonly budget: CallBudget;
  /** Told of each request that was answered, or should have been. */
  readonly answered: (observation: HttpObservation) => void;
}

/** What a check needs in requests, one after the other, each of which has a limit of its own. */
const CHECK_REQUESTS = 4;
const CHECKING = 'checking the provider';
/** Where a provider that limits the rate does not say for how long. */
const UNTOLD_PAUSE_MS = 5_000;

/** One configuration of a provider, with all that is kept for it while it stays the same. */
export class Connection {
  readonly config: ProviderConfig;
  readonly limit: CallLimit;
  readonly breaker: Breaker;
  readonly #http;
  readonly #provider: IdentityProvider;
  #probe: { readonly issuer: string; readonly probe: Probe } | undefined;

  constructor(config: ProviderConfig, options: ConnectionOptions) {
    const { timing, now, callsAtOnce, budget, answered } = options;
    this.config = config;
    this.#http = createHttpClient(config, answered);
    this.#provider = createProvider(config, this.#http, timing);
    this.limit = new CallLimit({ atOnce: callsAtOnce, budget, now });
    this.breaker = new Breaker(now);
  }

  get provider(): IdentityProvider {
    return this.#provider;
  }

  get capabilities(): Capabilities {
    return this.#provider.capabilities;
  }

  probe(issuer: string): Probe {
    if (this.#probe?.issuer !== issuer) {
      this.#probe = { issuer, probe: createProbe({ issuer, http: this.#http }) };
    }
    return this.#probe.probe;
  }

  /**
   * Checks the credentials, however many calls are under way. What comes of it counts for the
   * circuit breaker too.
   *
   * @throws {ProviderError}
   */
  async check(signal: AbortSignal): Promise<ProviderFacts> {
    const limit = AbortSignal.timeout(CHECK_REQUESTS * this.config.requestTimeoutMs);
    try {
      const facts = await this.#provider.check(AbortSignal.any([signal, limit]));
      this.breaker.succeeded();
      return facts;
    } catch (error) {
      this.noteFailure(error, CHECKING, signal);
      throw error;
    }
  }

  /** Tells the circuit breaker of a failed call; returns whether that opened the circuit. */
  noteFailure(error: unknown, client: string, signal: AbortSignal): boolean {
    if (!(error instanceof ProviderError) || signal.aborted) {
      this.breaker.abandoned();
      return false;
    }
    switch (error.reason) {
      case 'ProviderBusy':
        return false;
      case 'ProviderUnavailable':
      case 'ProviderUnauthorized':
        return this.breaker.failed(client);
      case 'RateLimited':
        this.breaker.pause(error.retryAfterMs ?? UNTOLD_PAUSE_MS);
        return false;
      default:
        this.breaker.succeeded();
        return false;
    }
  }

  /** Refuses what waits, and ends when what is under way has ended. */
  close(): Promise<void> {
    return this.#provider.close();
  }
}
