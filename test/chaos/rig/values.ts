import { KEYS } from '../checker/backing-secret.ts';
import type { Token } from '../checker/observed.ts';

/** Names the values of Secrets, so that nothing else ever holds or prints one. */
export class Values {
  readonly #tokens = new Map<string, Token>();
  readonly #values = new Map<Token, string>();

  /** A client ID is public and stays as it is. */
  readonly tokenOf = (key: string, base64: string): Token => {
    if (base64 === '') return '';
    if (KEYS.clientID.some((name) => name === key)) {
      return Buffer.from(base64, 'base64').toString('utf8');
    }
    const known = this.#tokens.get(base64);
    if (known !== undefined) return known;
    const token = `v${this.#tokens.size + 1}`;
    this.#tokens.set(base64, token);
    this.#values.set(token, base64);
    return token;
  };

  /** The value in base64, to write it back. */
  valueOf(token: Token): string | undefined {
    return this.#values.get(token);
  }

  /** The name of a value that `text` tells, in clear or in base64. */
  foundIn(text: string): Token | undefined {
    for (const [base64, token] of this.#tokens) {
      const clear = Buffer.from(base64, 'base64').toString('utf8');
      if (text.includes(base64) || text.includes(clear)) return token;
    }
    return undefined;
  }
}
