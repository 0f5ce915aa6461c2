import { randomBytes } from 'node:crypto';

export interface PreviousSecret {
  readonly secret: string;
  readonly expiresAt: number;
  lastUsed: number | undefined;
}

/** An application's client secrets: a current one, and a single slot for a previous one. */
export class Secrets {
  #current = newSecret();
  #previous: PreviousSecret | undefined;
  readonly #revoked = new Set<string>();
  #rotated = false;

  get current(): string {
    return this.#current;
  }

  /** What the slot holds, expired or not. */
  get slot(): PreviousSecret | undefined {
    return this.#previous;
  }

  /** The previous secret where it is still valid. */
  previousAt(now: number): PreviousSecret | undefined {
    return this.#previous !== undefined && now < this.#previous.expiresAt
      ? this.#previous
      : undefined;
  }

  /** Makes a new secret; the replaced one takes the slot until `expiresAt`, or dies at once. */
  rotate(expiresAt: number | undefined): void {
    const replaced = this.#current;
    this.#rotated = true;
    if (expiresAt === undefined) this.#revoked.add(replaced);
    this.#current = newSecret();
    this.#previous =
      expiresAt === undefined ? undefined : { secret: replaced, expiresAt, lastUsed: undefined };
  }

  revokePrevious(): void {
    if (this.#previous !== undefined) this.#revoked.add(this.#previous.secret);
    this.#previous = undefined;
  }

  /** Whether `secret` is the current one, and came to be by a rotation. */
  isNew(secret: string): boolean {
    return this.#rotated && secret === this.#current;
  }

  /** Whether `secret` was revoked, or replaced without being retained. */
  wasRevoked(secret: string): boolean {
    return this.#revoked.has(secret);
  }

  /** Whether a client may authenticate by `secret`; notes the use of a previous one. */
  accepts(secret: string, now: number): boolean {
    if (secret === this.#current) return true;
    const previous = this.previousAt(now);
    if (previous?.secret !== secret) return false;
    previous.lastUsed = now;
    return true;
  }
}

/** 64 characters, the shortest that PingOne makes. */
function newSecret(): string {
  return randomBytes(48).toString('base64url').replace(/^-/, '~');
}
