import { currentTokens, previousTokens } from './backing-secret.ts';
import type { ApplicationState, SecretState, Token } from './observed.ts';
import type { SecretRecord } from './record.ts';
import type { Millis, Span } from './times.ts';

export const BOUNDARIES: readonly BoundaryField[] = ['revokeRetiredBefore', 'revokeIssuedBefore'];
export type BoundaryField = 'revokeRetiredBefore' | 'revokeIssuedBefore';

/** How a client secret ended: one of the reasons that the design allows for it. */
export interface Ending {
  readonly version: number;
  readonly reasons: ReadonlySet<string>;
  readonly span: Span;
}

/** Whether a boundary was refused when everything was quiet, which holds until it is edited. */
export interface Judgement {
  readonly text: string;
  readonly refused: boolean;
}

/**
 * The client secrets that follow one another in a backing Secret, and in those that it is moved to,
 * until the Secret is lost: with it goes what the operator knows of earlier values.
 */
export class Lineage {
  readonly #tokens = new Map<number, Token>();
  lastEnding: Ending | undefined;
  /** When former values that somebody had put back were replaced. */
  readonly restorations: Millis[] = [];
  readonly judgements = new Map<BoundaryField, Judgement>();

  tokenOf(version: number): Token | undefined {
    return this.#tokens.get(version);
  }

  /** True where the version was given before. */
  give(version: number, token: Token): boolean {
    const given = this.#tokens.has(version);
    this.#tokens.set(version, token);
    return given;
  }

  isKnown(token: Token): boolean {
    return this.#tokens.values().some((known) => known === token);
  }

  /** Whether the value was a client secret here that is neither current nor previous any more. */
  isEnded(token: Token, { version, previous }: SecretRecord): boolean {
    const valid = [version, previous?.version].map((each) => each && this.#tokens.get(each));
    return this.isKnown(token) && !valid.includes(token);
  }

  /** What stands where the current client secret should. */
  currentOf(
    secret: SecretState,
    { version }: SecretRecord,
  ): 'intact' | 'missing' | 'former' | 'foreign' {
    const [token] = currentTokens(secret);
    if (token === undefined) return 'missing';
    if (token === this.#tokens.get(version)) return 'intact';
    return this.isKnown(token) ? 'former' : 'foreign';
  }

  /** Whether the recorded previous secret is there. */
  hasPrevious(secret: SecretState, { previous }: SecretRecord): boolean {
    const token = previous && this.#tokens.get(previous.version);
    return token !== undefined && previousTokens(secret).includes(token);
  }

  /** What is known of a boundary that was not edited since it was judged. */
  judgementOf(
    field: BoundaryField,
    text: string,
    states: readonly (ApplicationState | undefined)[],
  ): Judgement | undefined {
    const judgement = this.judgements.get(field);
    const stands = states.every(
      (state) => state === undefined || state.spec[field]?.text === judgement?.text,
    );
    return stands && judgement?.text === text ? judgement : undefined;
  }
}
