import type { Clock } from '../kubernetes/clock.ts';
import { keyOf, type Store } from '../kubernetes/store.ts';
import type { Action } from '../rotation/decision.ts';
import type { RevocationReason } from '../rotation/record.ts';
import type { OIDCApplication } from './resources.ts';

/** Measures from the change of spec that asked for a revocation to the secret being gone. */
export class RevocationTimer {
  readonly #clock: Clock;
  readonly #observe: (seconds: number) => void;
  readonly #changedAt = new Map<string, number>();

  constructor(
    applications: Store<OIDCApplication>,
    clock: Clock,
    observe: (seconds: number) => void,
  ) {
    this.#clock = clock;
    this.#observe = observe;
    applications.subscribe(({ type, object, previous }) => {
      if (type !== 'modified') return;
      if (object.metadata.generation === previous?.metadata.generation) return;
      this.#changedAt.set(keyOf(object), clock.monotonic());
    });
  }

  acted(key: string, action: Action): void {
    const changedAt = this.#changedAt.get(key);
    if (changedAt === undefined || !isRevocationBySpec(action)) return;
    this.#observe((this.#clock.monotonic() - changedAt) / 1000);
  }

  settled(key: string): void {
    this.#changedAt.delete(key);
  }
}

const NOT_BY_SPEC: ReadonlySet<RevocationReason> = new Set(['Expired', 'Removed', 'Deleted']);

function isRevocationBySpec(action: Action): boolean {
  switch (action.kind) {
    case 'Rotate':
    case 'ConcludeRotation':
      return action.cause === 'IssuedBefore';
    case 'RevokePrevious':
      return !NOT_BY_SPEC.has(action.reason);
    default:
      return false;
  }
}
