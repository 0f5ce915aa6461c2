import { refusedBoundaries, sameRefusals } from '../boundaries.ts';
import type { Rule } from './rule.ts';

const upkeep = { timed: false, suspendable: true, outlivesApplication: false } as const;

/** A refused boundary is written down, so that it does not fire by itself when its time comes. */
export const recordRefusals: Rule = {
  name: 'recordRefusals',
  timed: false,
  suspendable: false,
  outlivesApplication: false,
  apply: (o, { record }) =>
    sameRefusals(refusedBoundaries(o), record.refused) ? undefined : { kind: 'RecordRefusals' },
};

/** `secret.name` changed: the values are brought to the new Secret before the old one goes. */
export const move: Rule = {
  name: 'move',
  ...upkeep,
  apply: (o, home) =>
    home.name !== o.spec.secretName && (o.target.kind === 'free' || o.target.kind === 'ours')
      ? { kind: 'Move' }
      : undefined,
};

/** The Secret that the values were moved from goes, unless spec names it again. */
export const deleteLeftover: Rule = {
  name: 'deleteLeftover',
  ...upkeep,
  apply: (o, home) =>
    home.leftover !== undefined && home.leftover !== o.spec.secretName
      ? { kind: 'DeleteLeftover', name: home.leftover }
      : undefined,
};

/** Whatever else differs from what spec and record say is put right. */
export const repair: Rule = {
  name: 'repair',
  ...upkeep,
  apply: (_, home) => (home.drift.length > 0 ? { kind: 'Repair', drift: home.drift } : undefined),
};
