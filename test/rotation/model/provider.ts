import type { ProviderAuthority, Trouble } from '../../../src/rotation/authority.ts';
import type { ProviderAction } from '../../../src/rotation/decision.ts';
import type { Millis } from '../../../src/rotation/record.ts';
import { HOUR, SECOND } from '../fixtures.ts';
import type { BackingSecret, Token } from './backing-secret.ts';

interface Retained {
  readonly token: Token;
  readonly expiresAt: Millis;
}

const UNREACHABLE: Trouble = {
  reason: 'ProviderUnavailable',
  message: 'no answer',
  lasting: false,
};
const GOES_ON: Trouble = { reason: 'ProviderUnavailable', message: 'still shown', lasting: false };

type Change = 'rotation' | 'revocation';

/** It is not carried out, or it is, or it is 10 seconds later. */
export type Loss = 'before' | 'after' | 'late';

/** A client at an identity provider that keeps one previous secret. */
export class ProviderModel {
  current: Token;
  previous: Retained | undefined;
  reachable = true;
  /** Whether it goes on accepting what was revoked, without showing it. */
  lingers = false;
  /** What becomes of the next request that changes something, whose answer is lost. */
  losing: Loss | undefined;
  lastReadAt: Millis | undefined;
  /** Until when a revocation whose answer was lost may still take effect. */
  settlesAt: Millis | undefined;
  readonly #lingering = new Set<Token>();
  #inFlight: { readonly what: Change; readonly apply: () => void; readonly at: Millis } | undefined;

  constructor(current: Token) {
    this.current = current;
  }

  /** Carries out what was sent and has not arrived yet, if it has by now. */
  arrive(now: Millis): void {
    if (this.#inFlight === undefined || now < this.#inFlight.at) return;
    this.#inFlight.apply();
    this.#inFlight = undefined;
  }

  /** Whether a rotation is under way whose answer was lost. */
  get isRotating(): boolean {
    return this.#inFlight?.what === 'rotation';
  }

  /** Has `apply` take effect, or not, or later. Returns whether the answer is lost. */
  change(what: Change, apply: () => void, now: Millis): boolean {
    const { losing } = this;
    this.losing = undefined;
    if (losing === 'late') this.#inFlight = { what, apply, at: now + 10 * SECOND };
    else if (losing !== 'before') apply();
    return losing !== undefined;
  }

  shown(now: Millis): Retained | undefined {
    this.arrive(now);
    if (this.previous !== undefined && this.previous.expiresAt <= now) this.previous = undefined;
    return this.previous;
  }

  accepts(token: Token | undefined, now: Millis): boolean {
    if (token === undefined) return false;
    if (token === this.current || token === this.shown(now)?.token) return true;
    return this.lingers && this.#lingering.has(token);
  }

  rotate(token: Token, retainUntil: Millis | undefined): void {
    if (retainUntil === undefined) this.#lingering.add(this.current);
    if (this.previous !== undefined) this.#lingering.add(this.previous.token);
    this.previous =
      retainUntil === undefined ? undefined : { token: this.current, expiresAt: retainUntil };
    this.current = token;
  }

  revokePrevious(): void {
    if (this.previous !== undefined) this.#lingering.add(this.previous.token);
    this.previous = undefined;
  }
}

/** What one reconciliation has learnt at the provider, as the controller keeps it. */
export class Errand {
  readonly #provider: ProviderModel;
  readonly #newToken: () => Token;
  #seen: { readonly current: Token; readonly previous: Retained | undefined } | undefined;
  #trouble: Trouble | undefined;
  #attempt: ProviderAuthority['attempt'];
  #probes: ProviderAuthority['probes'] = {};
  #hasRevoked = false;

  constructor(provider: ProviderModel, newToken: () => Token) {
    this.#provider = provider;
    this.#newToken = newToken;
  }

  get seen() {
    return this.#seen;
  }

  began(): void {
    this.#attempt = 'begun';
  }

  authority(secret: BackingSecret | undefined): ProviderAuthority {
    const seen = this.#trouble === undefined ? this.#seen : undefined;
    const { current, previous } = secret?.known ?? {};
    return {
      kind: 'provider',
      view: seen && {
        current: seen.current === current ? 'recorded' : 'other',
        previous: seen.previous && {
          is:
            seen.previous.token === previous
              ? 'previous'
              : seen.previous.token === current
                ? 'current'
                : 'other',
          expiresAt: seen.previous.expiresAt,
        },
      },
      trouble: this.#trouble,
      lastReadAt: this.#provider.lastReadAt,
      settlesAt: this.#provider.settlesAt,
      resyncInterval: HOUR,
      longestRetention: undefined,
      attempt: this.#attempt,
      probes: this.#probes,
    };
  }

  carryOut(action: ProviderAction, home: BackingSecret | undefined, now: Millis): void {
    const provider = this.#provider;
    provider.arrive(now);
    if (!provider.reachable) {
      this.#trouble = UNREACHABLE;
      if (action.kind === 'SendRotation') this.#attempt = 'refused';
      return;
    }
    switch (action.kind) {
      case 'ReadProvider':
        this.#seen = { current: provider.current, previous: provider.shown(now) };
        provider.lastReadAt = now;
        return;
      case 'SendRotation':
        this.#attempt = undefined;
        this.#forget();
        provider.change(
          'rotation',
          () => provider.rotate(this.#newToken(), action.intent.retainUntil),
          now,
        );
        return;
      case 'RevokeAtProvider': {
        this.#forget();
        const isLost = provider.change('revocation', () => provider.revokePrevious(), now);
        if (isLost) provider.settlesAt = now + 15 * SECOND;
        if (isLost || this.#hasRevoked) this.#trouble = isLost ? UNREACHABLE : GOES_ON;
        this.#hasRevoked = true;
        return;
      }
      case 'Probe': {
        const { current, previous } = home?.keys ?? {};
        const token = { current: this.#seen?.current, replaced: current, previous }[action.secret];
        const result = provider.accepts(token, now) ? 'accepted' : 'rejected';
        this.#probes = { ...this.#probes, [action.secret]: { result } };
      }
    }
  }

  #forget(): void {
    this.#seen = undefined;
    this.#probes = {};
  }
}
