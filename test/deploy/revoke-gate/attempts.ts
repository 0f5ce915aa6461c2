import type { OIDCApplicationSpec } from '../../../src/api/oidcapplication.gen.ts';

const T = '2026-03-01T10:00:00Z';
/** T in another offset: the same instant, but later as text. */
const SAME = '2026-03-01T11:00:00+01:00';
/** Half an hour after T, but earlier as text. */
const LATER = '2026-03-01T09:30:00-01:00';
/** Refused when it is set, since it lies in the future; edited, it would be judged anew. */
const FUTURE = '2126-03-01T10:00:00Z';

/** A change of spec, from what somebody with every right has set. */
interface Attempt {
  readonly from: OIDCApplicationSpec;
  /** Merged into spec. */
  readonly change: Readonly<Record<string, unknown>>;
  /** The field that the refusal names. */
  readonly field: string;
}

const rotation = (fields: Readonly<Record<string, unknown>>) => ({ rotation: fields });

/** What would end a client secret early: each way there is. */
export const ENDING: Readonly<Record<string, Attempt>> = {
  'revokePreviousSecret turned to true': {
    from: { revokePreviousSecret: false },
    change: { revokePreviousSecret: true },
    field: 'revokePreviousSecret',
  },
  ...Object.fromEntries(
    (['revokeRetiredBefore', 'revokeIssuedBefore'] as const).flatMap((field) => [
      [`${field} set`, { from: {}, change: { [field]: T }, field }],
      [
        `${field} moved forward`,
        { from: { [field]: T }, change: { [field]: '2026-03-01T10:00:01Z' }, field },
      ],
      [
        `${field} moved forward by a millisecond`,
        { from: { [field]: T }, change: { [field]: '2026-03-01T10:00:00.001Z' }, field },
      ],
      [
        `${field} moved forward in another offset`,
        { from: { [field]: T }, change: { [field]: LATER }, field },
      ],
      [
        `${field} moved back from a time in the future`,
        { from: { [field]: FUTURE }, change: { [field]: T }, field },
      ],
      [`${field} spelt otherwise`, { from: { [field]: T }, change: { [field]: SAME }, field }],
    ]),
  ),
  'retainPreviousFor set to 0s': {
    from: {},
    change: rotation({ retainPreviousFor: '0s' }),
    field: 'rotation.retainPreviousFor',
  },
  'retainPreviousFor set to 0s in another unit, with rotateAfter': {
    from: {},
    change: rotation({ retainPreviousFor: '0h0m0s', rotateAfter: T }),
    field: 'rotation.retainPreviousFor',
  },
  'retainPreviousFor set to a minute': {
    from: {},
    change: rotation({ retainPreviousFor: '1m' }),
    field: 'rotation.retainPreviousFor',
  },
  'retainPreviousFor shortened from a short time': {
    from: rotation({ retainPreviousFor: '10m' }),
    change: rotation({ retainPreviousFor: '1m' }),
    field: 'rotation.retainPreviousFor',
  },
  'rotateAfter set where nothing is retained': {
    from: rotation({ retainPreviousFor: '0s' }),
    change: rotation({ rotateAfter: T }),
    field: 'rotation.retainPreviousFor',
  },
  'rotateAfter moved where nothing is retained': {
    from: rotation({ retainPreviousFor: '0s', rotateAfter: T }),
    change: rotation({ rotateAfter: LATER }),
    field: 'rotation.retainPreviousFor',
  },
  'every set where nothing is retained': {
    from: rotation({ retainPreviousFor: '0s' }),
    change: rotation({ every: '24h' }),
    field: 'rotation.retainPreviousFor',
  },
  'every shortened where nothing is retained': {
    from: rotation({ retainPreviousFor: '0s', every: '24h' }),
    change: rotation({ every: '1439m' }),
    field: 'rotation.retainPreviousFor',
  },
  'deletionPolicy switched to Delete': {
    from: { deletionPolicy: 'Retain' },
    change: { deletionPolicy: 'Delete' },
    field: 'deletionPolicy',
  },
};

/** What ends nothing early, and is an editor's to do. */
export const HARMLESS: Readonly<Record<string, Omit<Attempt, 'field'>>> = {
  'rotateAfter set': { from: {}, change: rotation({ rotateAfter: T }) },
  'every set': { from: {}, change: rotation({ every: '48h' }) },
  'retainPreviousFor shortened to an hour': {
    from: rotation({ retainPreviousFor: '720h' }),
    change: rotation({ retainPreviousFor: '60m' }),
  },
  'retainPreviousFor prolonged, though short': {
    from: rotation({ retainPreviousFor: '0s' }),
    change: rotation({ retainPreviousFor: '10m' }),
  },
  'rotation removed': { from: rotation({ every: '48h' }), change: { rotation: null } },
  'rotateAfter spelt otherwise where nothing is retained': {
    from: rotation({ retainPreviousFor: '0s', rotateAfter: T }),
    change: rotation({ rotateAfter: SAME }),
  },
  'rotations removed where nothing is retained': {
    from: rotation({ retainPreviousFor: '0s', rotateAfter: T, every: '24h' }),
    change: rotation({ rotateAfter: null, every: null }),
  },
  'every prolonged where nothing is retained': {
    from: rotation({ retainPreviousFor: '0s', every: '24h' }),
    change: rotation({ every: '48h' }),
  },
  'another field changed where nothing is retained': {
    from: rotation({ retainPreviousFor: '0s', rotateAfter: T, every: '24h' }),
    change: { suspend: true },
  },
  'revokePreviousSecret turned to false': {
    from: { revokePreviousSecret: true },
    change: { revokePreviousSecret: false },
  },
  'another field changed while revokePreviousSecret is true': {
    from: { revokePreviousSecret: true, revokeRetiredBefore: T, revokeIssuedBefore: T },
    change: { suspend: true },
  },
  'both times removed': {
    from: { revokeRetiredBefore: T, revokeIssuedBefore: T },
    change: { revokeRetiredBefore: null, revokeIssuedBefore: null },
  },
  // Values move with the name and the keys; while suspended, nothing but expiry ends a secret.
  'secret.name changed': { from: {}, change: { secret: { name: 'moved' } } },
  'secret.keys changed': { from: {}, change: { secret: { keys: { clientSecret: 'secret' } } } },
  'suspend turned to true': { from: {}, change: { suspend: true } },
  'suspend turned to false': { from: { suspend: true }, change: { suspend: false } },
  'deletionPolicy switched to Retain': {
    from: { deletionPolicy: 'Delete' },
    change: { deletionPolicy: 'Retain' },
  },
};
