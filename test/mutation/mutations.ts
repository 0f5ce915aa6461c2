import { type Document, daysFromNow } from './documents.ts';

/** What a field is set to; undefined leaves it out. */
export type Value = string | boolean | Document | undefined;

/** A change of one field, after which nothing must tell that it was ever another. */
export interface Change {
  readonly from: Value;
  readonly to: Value;
  /** A rotation that each application has behind it: before it is changed, or after. */
  readonly rotated?: 'before' | 'after';
  /** What the change does for good, in the state that a fresh application then lacks, and why. */
  readonly lasting?: { readonly why: string; readonly state: Document };
  /** Why the two values cannot be told apart by the state that they lead to. */
  readonly unseen?: string;
}

/** A value that the API server accepts and the operator cannot work with. */
export interface Stall {
  readonly value: Value;
  readonly reason: string;
}

/** A value that the API server refuses, and what it says about it beside the field's name. */
export type Refusal = readonly [value: Value, ...says: string[]];

export type Mutation = Mutable | Immutable;

export interface Mutable {
  readonly changes: readonly [Change, ...Change[]];
  readonly removals: readonly [Change, ...Change[]];
  readonly refused: readonly [Refusal, ...Refusal[]];
  readonly stalled?: Stall;
}

/** A field that is set at creation or never. */
export interface Immutable {
  readonly immutable: readonly [Value, Value];
  /** What spec holds besides. */
  readonly beside?: Document;
  readonly refused: readonly [Refusal, ...Refusal[]];
}

/** What the API server says about a field that can only be set at creation. */
export const SET_AT_CREATION = 'is set at creation or never';

/** The name of a Secret of somebody else's in each namespace. */
export const FOREIGN_SECRET = 'foreign';

const WITHOUT_PROVIDER = 'it says something only where there is an identity provider';

/** Changed from one value to another and back, and left out. */
function between(
  a: Value,
  b: Value,
  rotated?: 'before' | 'after',
): Pick<Mutable, 'changes' | 'removals'> {
  const history = rotated && { rotated };
  return {
    changes: [
      { from: a, to: b, ...history },
      { from: b, to: a, ...history },
      { from: undefined, to: a, ...history },
    ],
    removals: [{ from: a, to: undefined, ...history }],
  };
}

/** Client secret version 1 was replaced by 2, and is not valid any more. */
function ended(reason: string, by: string): Document {
  const revocation = { version: 1, time: 'day 0', reason };
  return {
    status: {
      currentSecret: { version: 2 },
      lastRevocation: revocation,
      conditions: {
        Ready: { message: 'Client secret version 2 is published in Secret web.' },
        PreviousSecretRetained: {
          reason: 'Revoked',
          message: `Client secret version 1 was revoked by spec.${by} at day 0.`,
        },
      },
    },
    secrets: {
      web: {
        annotations: {
          'keyturn.dev/secret-version': '2',
          'keyturn.dev/state': { digests: { former: 1 }, lastRevocation: revocation },
        },
      },
    },
  };
}

const NOTHING_RETAINED = 'there is no previous secret that true could end';
const LONG_BEFORE = 'no secret was issued or replaced before that time';
const TOO_FAR_AHEAD = { value: daysFromNow(2), reason: 'InvalidSpec' };
const NOT_A_TIME: Refusal = ['tomorrow', 'a time that exists'];
const NOT_A_SECRET_KEY: Refusal = ['client/id', "letters, digits, '-', '_' and '.'"];

export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  clientID: {
    immutable: ['web-shop', 'web-store'],
    refused: [[' web', 'no space at the beginning']],
  },
  providerRef: {
    immutable: [
      { kind: 'OIDCProvider', name: 'one' },
      { kind: 'ClusterOIDCProvider', name: 'two' },
    ],
    refused: [[{ kind: 'Vault', name: 'one' }, 'Unsupported value']],
  },
  'providerRef.kind': {
    immutable: ['OIDCProvider', 'ClusterOIDCProvider'],
    beside: { providerRef: { name: 'one' } },
    refused: [['Vault', 'Unsupported value']],
  },
  'providerRef.name': {
    immutable: ['one', 'two'],
    beside: { providerRef: { kind: 'OIDCProvider' } },
    refused: [['Key_cloak', 'lower-case letters']],
  },
  secret: {
    ...between(
      { name: 'web-a', labels: { team: 'a' } },
      { keys: { clientSecret: 'secret' }, annotations: { 'example.com/b': 'b' } },
      'before',
    ),
    refused: [
      ['web-oidc', 'expected map'],
      [{ nmae: 'web-oidc' }, 'nmae'],
    ],
  },
  'secret.name': {
    ...between('web-a', 'web-b', 'before'),
    refused: [
      ['', 'at least 1'],
      ['Web', 'lower-case letters'],
    ],
    stalled: { value: FOREIGN_SECRET, reason: 'SecretConflict' },
  },
  'secret.keys': {
    ...between(
      { clientID: 'id', clientSecret: 'secret' },
      { clientID: 'secret', clientSecret: 'previous', previousClientSecret: 'id' },
      'before',
    ),
    refused: [[{ clientID: 'same', clientSecret: 'same' }, 'must differ']],
  },
  'secret.keys.clientID': {
    ...between('id-a', 'id-b', 'before'),
    refused: [NOT_A_SECRET_KEY],
  },
  'secret.keys.clientSecret': {
    ...between('secret-a', 'secret-b', 'before'),
    refused: [NOT_A_SECRET_KEY],
  },
  'secret.keys.previousClientSecret': {
    ...between('previous-a', 'previous-b', 'before'),
    refused: [NOT_A_SECRET_KEY],
  },
  'secret.keys.issuer': {
    changes: [{ from: 'issuer-a', to: 'issuer-b', unseen: WITHOUT_PROVIDER }],
    removals: [{ from: 'issuer-a', to: undefined, unseen: WITHOUT_PROVIDER }],
    refused: [NOT_A_SECRET_KEY],
  },
  'secret.labels': {
    ...between({ team: 'a', only: 'a' }, { team: 'b', tier: 'b' }, 'before'),
    refused: [[{ 'keyturn.dev/application': 'x' }, 'remove it here']],
  },
  'secret.annotations': {
    ...between({ 'example.com/x': 'a', only: 'a' }, { 'example.com/x': 'b', other: 'b' }, 'before'),
    refused: [[{ 'a b': 'x' }, 'up to 63 letters']],
  },
  rotation: {
    ...between({ every: '96h', retainPreviousFor: '48h' }, { rotateAfter: daysFromNow(3) }),
    refused: [['720h', 'expected map']],
  },
  'rotation.rotateAfter': {
    ...between(daysFromNow(2), daysFromNow(4)),
    refused: [NOT_A_TIME],
  },
  'rotation.every': {
    ...between('48h', '96h', 'before'),
    refused: [
      ['30d', 'a day is 24h'],
      ['12h', 'must be longer than retainPreviousFor'],
    ],
  },
  'rotation.retainPreviousFor': {
    changes: [
      { from: '48h', to: '72h', rotated: 'after' },
      { from: '48h', to: '0s', rotated: 'after' },
    ],
    removals: [{ from: '48h', to: undefined, rotated: 'after' }],
    refused: [['30d', 'a day is 24h']],
  },
  revokePreviousSecret: {
    changes: [
      {
        from: false,
        to: true,
        rotated: 'before',
        lasting: {
          why: 'a rotation left a previous secret, which true has ended',
          state: ended('Requested', 'revokePreviousSecret'),
        },
      },
      { from: true, to: false, unseen: NOTHING_RETAINED },
    ],
    removals: [{ from: true, to: undefined, unseen: NOTHING_RETAINED }],
    refused: [['yes', 'expected boolean']],
  },
  revokeRetiredBefore: {
    changes: [
      {
        from: daysFromNow(-1),
        to: daysFromNow(0),
        rotated: 'before',
        lasting: {
          why: 'a rotation left a previous secret, which the later time has ended',
          state: ended('RetiredBefore', 'revokeRetiredBefore'),
        },
      },
    ],
    removals: [{ from: daysFromNow(-1), to: undefined, rotated: 'before', unseen: LONG_BEFORE }],
    refused: [NOT_A_TIME],
    stalled: TOO_FAR_AHEAD,
  },
  revokeIssuedBefore: {
    changes: [
      {
        from: daysFromNow(-1),
        to: daysFromNow(0),
        lasting: {
          why: 'the later time has replaced version 1',
          state: ended('IssuedBefore', 'revokeIssuedBefore'),
        },
      },
    ],
    removals: [{ from: daysFromNow(-1), to: undefined, rotated: 'before', unseen: LONG_BEFORE }],
    refused: [NOT_A_TIME],
    stalled: TOO_FAR_AHEAD,
  },
  verifyRevocation: {
    changes: [{ from: false, to: true, unseen: WITHOUT_PROVIDER }],
    removals: [{ from: false, to: undefined, unseen: WITHOUT_PROVIDER }],
    refused: [['yes', 'expected boolean']],
  },
  suspend: {
    changes: [{ from: true, to: false }],
    removals: [{ from: true, to: undefined }],
    refused: [['yes', 'expected boolean']],
  },
  deletionPolicy: {
    ...between('Delete', 'Retain', 'before'),
    refused: [['Orphan', 'Unsupported value']],
  },
};
