import type { ApplicationSpec, SpecTime } from '../../src/api/application.ts';
import type { ProviderAuthority, ProviderView } from '../../src/rotation/authority.ts';
import { decide } from '../../src/rotation/decide.ts';
import type { Action, Decision, Wait } from '../../src/rotation/decision.ts';
import type { Observation, OwnedSecret } from '../../src/rotation/observation.ts';
import type {
  IssuedSecret,
  Millis,
  RetainedSecret,
  RotationIntent,
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
    issuer: undefined,
  },
  labels: {},
  annotations: {},
  rotateAfter: undefined,
  every: undefined,
  retainPreviousFor: DAY,
  revokePreviousSecret: false,
  revokeRetiredBefore: undefined,
  revokeIssuedBefore: undefined,
  verifyRevocation: true,
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
  awaitsProvider: undefined,
  trouble: undefined,
  pending: undefined,
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

  /** A provider is the authority, which was just read and shows what is on record, unless told otherwise. */
  provider(overrides: Partial<ProviderAuthority> = {}): Situation {
    const { authority } = this.observation;
    const before = authority.kind === 'provider' ? authority : this.#mirrored;
    return this.with({ authority: { ...before, ...overrides } });
  }

  get #mirrored(): ProviderAuthority {
    const retained = this.observation.home?.record.previous;
    return {
      kind: 'provider',
      view: {
        current: 'recorded',
        previous: retained && { is: 'previous', expiresAt: retained.expiresAt },
      },
      trouble: undefined,
      lastReadAt: NOW,
      settlesAt: undefined,
      resyncInterval: HOUR,
      longestRetention: undefined,
      attempt: undefined,
      probes: {},
    };
  }

  /** What the provider shows. */
  view(overrides: Partial<ProviderView>): Situation {
    const { authority } = this.provider().observation;
    if (authority.kind === 'local') throw new Error('there is no provider');
    const before = authority.view ?? { current: 'recorded', previous: undefined };
    return this.provider({ view: { ...before, ...overrides } });
  }

  /** A rotation to version 3 was written down a second ago, unless told otherwise. */
  intent(overrides: Partial<RotationIntent> = {}): Situation {
    const startedAt = NOW - SECOND;
    return this.record({
      intent: {
        cause: 'RotateAfter',
        version: 3,
        startedAt,
        issuedAt: startedAt,
        retiredAt: startedAt,
        retainUntil: startedAt + DAY,
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

  /** What is decided here. */
  get decision(): Decision {
    return decide(this.observation);
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
    generation: 3,
    authority: { kind: 'local' },
    deletedAt: undefined,
    holdsDeletion: false,
    expiryOnly: false,
    home: {
      name: DEFAULT_SPEC.secretName,
      record: {
        current: { version: 2, issuedAt: NOW - DAY },
        previous: undefined,
        lastRevocation: undefined,
        refused: {},
        restorations: undefined,
        intent: undefined,
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
