import { createHmac } from 'node:crypto';
import { inspect } from 'node:util';

const REDACTED = '[secret value]';
/** Shorter pieces of a long value tell little, and are found in ordinary words. */
const PIECE = 8;

/**
 * A value out of a Secret's data. It cannot be printed, logged or serialised by accident: only
 * {@link SecretValue.reveal} and {@link SecretValue.revealText} give it away, and only what writes
 * to the API server or authenticates at an identity provider calls them.
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

  /** The value as UTF-8 text, as an identity provider takes it. */
  revealText(): string {
    return Buffer.from(this.#base64, 'base64').toString('utf8');
  }

  /**
   * `text` without this value, and without any piece of it of 8 characters or more: in clear, in
   * base64, or in base64 twice, as where a whole Secret is quoted. What stands before it in what was
   * encoded shifts its base64.
   */
  redactFrom(text: string): string {
    if (this.isEmpty) return text;
    const [twice = '', ...shiftedTwice] = encodings(Buffer.from(this.#base64, 'utf8'));
    const [, ...shifted] = encodings(Buffer.from(this.#base64, 'base64'));
    const long = [...shiftedTwice, ...shifted].filter(({ length }) => length >= PIECE);
    return [twice, ...long, this.#base64, this.revealText()].reduce(withoutPieces, text);
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

/** Base64 of `bytes` after 0, 1 and 2 other bytes, without the characters that hold any of these. */
function encodings(bytes: Buffer): string[] {
  return [0, 2, 3].map((foreign, before) =>
    Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .slice(foreign),
  );
}

function withoutPieces(text: string, value: string): string {
  const length = Math.min(PIECE, value.length);
  let kept = '';
  let redactedTo = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (at + length <= text.length && value.includes(text.slice(at, at + length))) {
      if (at >= redactedTo) kept += REDACTED;
      redactedTo = at + length;
    } else if (at >= redactedTo) {
      kept += text.charAt(at);
    }
  }
  return kept;
}
