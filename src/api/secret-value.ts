import { createHmac } from 'node:crypto';
import { inspect } from 'node:util';

const REDACTED = '[secret value]';

/**
 * A value out of a Secret's data. It cannot be printed, logged or serialised by accident: only
 * {@link SecretValue.reveal} gives it away, and only what writes to the API server calls that.
 */
export class SecretValue {
  readonly #base64: string;

  private constructor(base64: string) {
    this.#base64 = base64;
  }

  static fromBase64(base64: string): SecretValue {
    return new SecretValue(base64);
  }

  static fromText(text: string): SecretValue {
    return new SecretValue(Buffer.from(text, 'utf8').toString('base64'));
  }

  /** The value in base64, as the API server takes it. */
  reveal(): string {
    return this.#base64;
  }

  /** `text` without this value, in clear or in base64. */
  redactFrom(text: string): string {
    if (this.isEmpty) return text;
    const clear = Buffer.from(this.#base64, 'base64').toString('utf8');
    return text.replaceAll(this.#base64, REDACTED).replaceAll(clear, REDACTED);
  }

  get isEmpty(): boolean {
    return this.#base64 === '';
  }

  equals(other: SecretValue): boolean {
    return this.#base64 === other.#base64;
  }

  /** The first 128 bits of HMAC-SHA-256 under `salt`, in base64url: tells values apart, reveals none. */
  digest(salt: string): string {
    const mac = createHmac('sha256', salt).update(this.#base64, 'base64').digest();
    return mac.subarray(0, 16).toString('base64url');
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return REDACTED;
  }
}
