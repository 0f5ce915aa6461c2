import type { SecretValue } from '../../api/secret-value.ts';
import type { ClientSecrets } from '../../providers/port.ts';
import { ProviderError } from '../../providers/provider-error.ts';
import type { ProbedSecret, ProbeOutcome } from '../../rotation/authority.ts';
import type { ProviderAction } from '../../rotation/decision.ts';
import type { RotationIntent } from '../../rotation/record.ts';
import type { GuardedProvider } from '../providers/access.ts';
import {
  goesOnShowing,
  type ProviderTrouble,
  tellsNothing,
  troubleOfError,
  unanswered,
} from './trouble.ts';

/** Which client of which provider an errand is about. */
export interface Client {
  readonly provider: GuardedProvider;
  readonly clientID: string;
}

/** The client's secrets as the provider tells them. */
export interface KnownSecrets {
  readonly current: SecretValue;
  readonly previous:
    | {
        readonly value: SecretValue;
        readonly expiresAt: number | undefined;
        readonly lastUsedAt: number | undefined;
      }
    | undefined;
}

/** The values that the backing Secret holds. */
export interface HeldValues {
  readonly current: SecretValue | undefined;
  readonly previous: SecretValue | undefined;
}

/** What one reconciliation asks of its application's provider, and what it has learnt there. */
export class Errand {
  readonly #application: string;
  readonly #signal: AbortSignal;
  #secrets: KnownSecrets | undefined;
  #backend: string | undefined;
  #trouble: ProviderTrouble | undefined;
  #attempt: 'begun' | 'refused' | undefined;
  #probes: Partial<Record<ProbedSecret, ProbeOutcome>> = {};
  #hasRevoked = false;
  #isUnclear = false;

  /** `application` is its namespace and name, for the provider's own log. */
  constructor(application: string, signal: AbortSignal) {
    this.#application = application;
    this.#signal = signal;
  }

  /** What was behind the provider that {@link secrets} were read from. */
  get backend(): string | undefined {
    return this.#backend;
  }

  /** As they were read since something may last have changed there. */
  get secrets(): KnownSecrets | undefined {
    return this.#secrets;
  }

  /** What a call has failed with. */
  get trouble(): ProviderTrouble | undefined {
    return this.#trouble;
  }

  /** Where the rotation stands whose intent is on record. */
  get attempt(): 'begun' | 'refused' | undefined {
    return this.#attempt;
  }

  get probes(): Readonly<Partial<Record<ProbedSecret, ProbeOutcome>>> {
    return this.#probes;
  }

  /** Whether what failed last may have been carried out, or may still be. */
  get isUnclear(): boolean {
    return this.#isUnclear;
  }

  /** The intent to rotate was written by this reconciliation, and nothing was sent yet. */
  began(): void {
    this.#attempt = 'begun';
  }

  /**
   * Carries out a step at the provider. A failure there is remembered as trouble; so is, for one who
   * `asksAgain`, that whether a secret works cannot be told for the moment.
   *
   * @throws {ProviderError} once the signal has aborted
   */
  async carryOut(
    client: Client,
    held: HeldValues,
    action: ProviderAction,
    asksAgain: boolean,
  ): Promise<void> {
    try {
      await this.#try(client, held, action, asksAgain);
    } catch (error) {
      // What is cut off because the operator ends says nothing of the provider.
      if (!(error instanceof ProviderError) || this.#signal.aborted) throw error;
      if (action.kind === 'SendRotation') {
        // Whether it happened is found out by reading.
        if (error.ambiguous) return;
        this.#attempt = error.reason === 'ProviderBusy' ? 'begun' : 'refused';
      }
      this.#isUnclear = error.ambiguous;
      this.#trouble = troubleOfError(error);
    }
  }

  async #try(
    client: Client,
    held: HeldValues,
    action: ProviderAction,
    asksAgain: boolean,
  ): Promise<void> {
    switch (action.kind) {
      case 'ReadProvider':
        return await this.#read(client);
      case 'SendRotation':
        return await this.#rotate(client, action.intent);
      case 'RevokeAtProvider':
        return await this.#revoke(client, action.version);
      case 'Probe':
        return await this.#probe(client, held, action.secret, asksAgain);
    }
  }

  async #read({ provider, clientID }: Client): Promise<void> {
    const secrets = known(await provider.read(clientID, this.#signal));
    if (secrets === undefined) this.#trouble = tellsNothing();
    this.#secrets = secrets;
    this.#backend = provider.backend;
  }

  async #rotate(
    { provider, clientID }: Client,
    { version, retainUntil }: RotationIntent,
  ): Promise<void> {
    this.#attempt = undefined;
    this.#forget();
    const transaction = this.#transaction(version);
    await provider.rotate(clientID, { retainUntil, transaction }, this.#signal);
  }

  async #revoke({ provider, clientID }: Client, version: number): Promise<void> {
    this.#forget();
    if (this.#hasRevoked) {
      this.#trouble = goesOnShowing();
      return;
    }
    await provider.revokePrevious(clientID, this.#transaction(version), this.#signal);
    this.#hasRevoked = true;
  }

  async #probe(
    { provider, clientID }: Client,
    held: HeldValues,
    secret: ProbedSecret,
    asksAgain: boolean,
  ): Promise<void> {
    const { current, previous } = this.#secrets ?? {};
    const candidate = { current, replaced: held.current, previous: held.previous }[secret];
    // Only a secret that the provider shows as valid is known to work.
    const reference = secret === 'current' ? previous?.value : current;
    if (candidate === undefined) {
      this.#probes[secret] = { result: 'unknown', reason: 'its value is not known' };
      return;
    }
    const ask = (other: SecretValue | undefined) =>
      provider.test({ clientID, candidate, reference: other }, this.#signal);
    // Signing in with the old secret is what its last use is told by: only where it cannot be helped.
    const alone = secret === 'current' ? await ask(undefined) : undefined;
    const isEnough = alone?.result === 'accepted' || reference === undefined;
    const answer = alone !== undefined && isEnough ? alone : await ask(reference);
    this.#signal.throwIfAborted();
    if (answer.result === 'unknown' && answer.passing && asksAgain) {
      this.#trouble = unanswered(answer.reason);
    }
    this.#probes[secret] = answer;
  }

  /** Once something may have changed there, what was learnt before may not be so any more. */
  #forget(): void {
    this.#secrets = undefined;
    this.#probes = {};
  }

  #transaction(version: number): string {
    return `keyturn:${this.#application.slice(0, 76)}:${version}`;
  }
}

function known({ current, previous }: ClientSecrets): KnownSecrets | undefined {
  if (current === undefined) return undefined;
  if (previous === undefined) return { current, previous: undefined };
  const { value, expiresAt, lastUsedAt } = previous;
  return value && { current, previous: { value, expiresAt, lastUsedAt } };
}
