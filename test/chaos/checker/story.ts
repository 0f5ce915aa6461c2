import { History } from './history.ts';
import type { ApplicationState, Moment, SecretState, Spec, Status } from './observed.ts';
import { judgeQuiet, rememberBoundaries } from './quiet.ts';
import { HOUR, type Millis } from './times.ts';

/** The history of one application, made up step by step: what a checker must find is told in tests. */
export class Story {
  now: Millis = Date.parse('2026-11-24T10:00:00Z');
  readonly complaints: string[] = [];
  readonly #history = new History();
  #revision = 0n;
  #application: ApplicationState = {
    namespace: 'shop',
    name: 'web',
    uid: 'uid-1',
    generation: 1,
    deleting: false,
    spec: SPEC,
    status: undefined,
  };

  constructor() {
    this.#history.settle(this.now);
    this.edit({});
  }

  /** Somebody edits spec. */
  edit(spec: Partial<Spec>): this {
    this.#application = {
      ...this.#application,
      generation: this.#application.generation + 1,
      spec: { ...this.#application.spec, ...spec },
    };
    const state = this.#application;
    return this.#take({ ...this.#stamp(), kind: 'application', by: 'user', gone: false, state });
  }

  /** The operator writes status, or where `contested` another replica does. */
  report(status: Partial<Status>, contested = false): this {
    const { generation } = this.#application;
    this.#application = {
      ...this.#application,
      status: { ...STATUS, observedGeneration: generation, ...status },
    };
    const state = this.#application;
    return this.#take({
      ...this.#stamp(),
      kind: 'application',
      by: 'operator',
      gone: false,
      contested,
      state,
    });
  }

  /** A Secret is as `secret` says, by whom it was written. */
  secret(by: Moment['by'], secret: Partial<SecretState>): this {
    const state = { ...SECRET, ...secret };
    return this.#take({ ...this.#stamp(), kind: 'secret', by, gone: false, state });
  }

  gone(by: Moment['by'], secret: Partial<SecretState>): this {
    const state = { ...SECRET, ...secret };
    return this.#take({ ...this.#stamp(), kind: 'secret', by, gone: true, state });
  }

  /** The same Secret, with `changes`. */
  touch(by: Moment['by'], changes: Partial<SecretState>): this {
    return this.secret(by, { ...this.#history.secret('shop/web'), ...changes });
  }

  /** The operator writes status anew, but for `conditions` as it is. */
  tell(conditions: Status['conditions']): this {
    return this.report({
      ...this.#application.status,
      conditions,
      observedGeneration: this.generation,
    });
  }

  get generation(): number {
    return this.#application.generation;
  }

  later(ms: Millis): this {
    this.now += ms;
    return this;
  }

  /** Everything is quiet: the complaints about how it is then. */
  quiet(): string[] {
    const found = judgeQuiet(this.#history, this.now).map(({ complaint }) => complaint);
    rememberBoundaries(this.#history, this.now);
    this.#history.settle(this.now);
    return found;
  }

  #take(moment: Moment): this {
    this.complaints.push(...this.#history.take(moment).map(({ complaint }) => complaint));
    return this;
  }

  #stamp(): Pick<Moment, 'revision' | 'at' | 'contested'> {
    this.#revision += 1n;
    return { revision: this.#revision, at: this.now, contested: false };
  }
}

/** What annotations say of a current and a previous secret. */
export function notes(
  version: number,
  issuedAt: Millis,
  previous?: { version: number; issuedAt: Millis; retiredAt: Millis; expiresAt: Millis },
): Record<string, string> {
  const time = (ms: Millis) => new Date(ms).toISOString();
  return {
    'keyturn.dev/application': 'web',
    'keyturn.dev/state': '{}',
    'keyturn.dev/secret-version': String(version),
    'keyturn.dev/issued-at': time(issuedAt),
    ...(previous && {
      'keyturn.dev/previous-version': String(previous.version),
      'keyturn.dev/previous-issued-at': time(previous.issuedAt),
      'keyturn.dev/previous-retired-at': time(previous.retiredAt),
      'keyturn.dev/previous-expires-at': time(previous.expiresAt),
    }),
  };
}

/** The values under the default keys. */
export function values(current: string, previous?: string): Record<string, string> {
  return {
    'client-id': 'shop.web',
    'client-secret': current,
    ...(previous !== undefined && { 'previous-client-secret': previous }),
  };
}

const SPEC: Spec = {
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
  retainPreviousFor: HOUR,
  revokePreviousSecret: false,
  revokeRetiredBefore: undefined,
  revokeIssuedBefore: undefined,
  suspend: false,
  deletionPolicy: 'Retain',
};

const STATUS: Status = {
  observedGeneration: 0,
  clientID: 'shop.web',
  secretName: 'web',
  current: undefined,
  previous: undefined,
  lastRevocation: undefined,
  nextRotationTime: undefined,
  conditions: [],
};

const SECRET: SecretState = {
  namespace: 'shop',
  name: 'web',
  uid: 'secret-1',
  resourceVersion: '1',
  labels: { 'app.kubernetes.io/managed-by': 'keyturn', 'keyturn.dev/application': 'web' },
  annotations: {},
  data: {},
  owners: [],
  immutable: false,
  deleting: false,
};
