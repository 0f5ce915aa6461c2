import type { ApplicationSpec, SpecTime } from '../../src/api/application.ts';
import type { Action, Wait } from '../../src/rotation/decision.ts';
import type { Observation, OwnedSecret } from '../../src/rotation/observation.ts';
import type {
  IssuedSecret,
  Millis,
  RetainedSecret,
  SecretRecord,
} from '../../src/rotation/record.ts';
import type { Rule } from '../../src/rotation/rules/rule.ts';

export const SECOND: Millis = 1000;
export const MINUTE: Millis = 60 * SECOND;
export const HOUR: Millis = 60 * MINUTE;
export const DAY: Millis = 24 * HOUR;
/** How far ahead of the clock the design lets a time be. */
export const AHEAD: Millis = 5 * MINUTE;

/** The frozen time of the table tests. */
export const NOW: Millis = Date.UTC(2026, 5, 1, 12);

export const DEFAULT_SPEC: ApplicationSpec = {
  clientID: 'shop.web',
  providerRef: undefined,
  secretName: 'web',
  keys: {
    clientID: 'client-id',
    clientSecret: 'client-secret',
    previousClientSecret: 'previous-client-secret',
  },
  labels: {},
  annotations: {},
  rotateAfter: undefined,
  every: undefined,
  retainPreviousFor: DAY,
  revokePreviousSecret: false,
  revokeRetiredBefore: undefined,
  revokeIssuedBefore: undefined,
  suspend: false,
  deletionPolicy: 'Retain',
};

/** What is decided where there is nothing to do, and nothing to come. */
export const WAITING: Wait = {
  kind: 'Wait',
  until: undefined,
  hold: undefined,
  impediment: undefined,
  awaitsClock: undefined,
};

/** A moment as a person would write it in spec. */
export function specTime(time: Millis): SpecTime {
  return { text: new Date(time).toISOString(), time };
}

/** An observation that is put together step by step; each step leaves the earlier ones as they were. */
export class Situation {
  readonly observation: Observation;

  constructor(observation: Observation) {
    this.observation = observation;
  }

  with(overrides: Partial<Observation>): Situation {
    return new Situation({ ...this.observation, ...overrides });
  }

  spec(overrides: Partial<ApplicationSpec>): Situation {
    return this.with({ spec: { ...this.observation.spec, ...overrides } });
  }

  /** `revokeRetiredBefore` and its like, by name, for tables over both. */
  boundary(field: 'revokeRetiredBefore' | 'revokeIssuedBefore', time: Millis): Situation {
    return this.spec({ [field]: specTime(time) });
  }

  home(overrides: Partial<OwnedSecret>): Situation {
    return this.with({ home: { ...this.secret, ...overrides } });
  }

  record(overrides: Partial<SecretRecord>): Situation {
    return this.home({ record: { ...this.secret.record, ...overrides } });
  }

  current(overrides: Partial<IssuedSecret>): Situation {
    return this.record({ current: { ...this.secret.record.current, ...overrides } });
  }

  /** Version 1, replaced an hour ago and retained for a day, unless told otherwise. */
  previous(overrides: Partial<RetainedSecret> = {}): Situation {
    const { retiredAt = NOW - HOUR } = overrides;
    return this.record({
      previous: {
        version: 1,
        issuedAt: NOW - 10 * DAY,
        retiredAt,
        expiresAt: retiredAt + DAY,
        ...overrides,
      },
    });
  }

  withoutSecret(): Situation {
    return this.with({ home: undefined, target: { kind: 'free' }, versionFloor: 0 });
  }

  get secret(): OwnedSecret {
    if (this.observation.home === undefined) throw new Error('there is no backing Secret');
    return this.observation.home;
  }

  /** What `rule` asks for here. */
  asks(rule: Rule): Action | undefined {
    return rule.apply(this.observation, this.secret);
  }
}

/** Version 2, issued a day ago, published and intact; nothing retained, nothing asked for. */
export function given(): Situation {
  return new Situation({
    now: NOW,
    clockTrusted: true,
    rotationsPaused: false,
    spec: DEFAULT_SPEC,
    uid: '6f1c2b1e-0c5e-4b57-9a43-0d6f6d9c1a11',
    expiryOnly: false,
    home: {
      name: DEFAULT_SPEC.secretName,
      record: {
        current: { version: 2, issuedAt: NOW - DAY },
        previous: undefined,
        lastRevocation: undefined,
        refused: {},
        restorations: undefined,
      },
      current: { kind: 'intact' },
      previous: 'intact',
      immutable: false,
      impediment: undefined,
      drift: [],
      leftover: undefined,
    },
    target: { kind: 'ours' },
    versionFloor: 2,
  });
}
