import type { ApplicationSpec } from '../../../src/api/application.ts';
import type { CurrentValue, PreviousValue } from '../../../src/rotation/observation.ts';
import type { SecretRecord } from '../../../src/rotation/record.ts';

/** Stands for a client secret: the same number, the same secret. */
export type Token = number;

/** A backing Secret: what stands at its keys, and what its annotations say should stand there. */
export interface BackingSecret {
  readonly record: SecretRecord;
  readonly keys: { readonly current: Token | undefined; readonly previous: Token | undefined };
  /** What the digests tell: the recorded values, and every one that was recorded before. */
  readonly known: {
    readonly current: Token;
    readonly previous: Token | undefined;
    readonly former: ReadonlySet<Token>;
  };
  readonly movedFrom: string | undefined;
  readonly labels: string;
  readonly deletionPolicy: ApplicationSpec['deletionPolicy'];
}

/** What stands at the key of the current secret, told by what is known. */
export function currentValue({ keys, known }: BackingSecret): CurrentValue {
  if (keys.current === undefined) return { kind: 'missing' };
  if (keys.current === known.current) return { kind: 'intact' };
  return keys.current === known.previous || known.former.has(keys.current)
    ? { kind: 'former', manager: 'argocd' }
    : { kind: 'foreign' };
}

/** What stands at the key of the previous secret, told by what is known. */
export function previousValue({ record, keys, known }: BackingSecret): PreviousValue {
  if (record.previous === undefined) return keys.previous === undefined ? 'intact' : 'stray';
  return keys.previous === known.previous ? 'intact' : 'lost';
}
