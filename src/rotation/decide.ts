import type { Action, Decision, Hold, Wait } from './decision.ts';
import { impedimentTo } from './impediments.ts';
import type { Observation, OwnedSecret } from './observation.ts';
import { endOnDeletion, holdDeletion, releaseDeletion, released } from './provider/deletion.ts';
import { endVanished, follow, republish } from './provider/drift.ts';
import { enact, isPossible } from './provider/enact.ts';
import { pendingAtProvider } from './provider/pending.ts';
import { resync } from './provider/resync.ts';
import { concludeRotation, resumeRotation } from './provider/rotation.ts';
import {
  dropStray,
  endExpired,
  endIssuedBefore,
  endLostPrevious,
  endRequested,
  endRetiredBefore,
  endUnretained,
} from './rules/end-previous.ts';
import { establish } from './rules/establish.ts';
import { deleteLeftover, move, recordRefusals, repair } from './rules/publish.ts';
import { replaceIssuedBefore } from './rules/replace-issued-before.ts';
import { restoreCurrent } from './rules/restore-current.ts';
import { heldRotation, rotateDue } from './rules/rotate-due.ts';
import type { Rule } from './rules/rule.ts';
import { nextWake } from './schedule.ts';

/** In order: the first that asks for something is followed, then everything is observed anew. */
export const RULES: readonly Rule[] = [
  holdDeletion,
  concludeRotation,
  resumeRotation,
  follow,
  republish,
  restoreCurrent,
  replaceIssuedBefore,
  endLostPrevious,
  endOnDeletion,
  endRequested,
  endRetiredBefore,
  endIssuedBefore,
  endUnretained,
  endExpired,
  endVanished,
  dropStray,
  rotateDue,
  recordRefusals,
  deleteLeftover,
  move,
  repair,
  releaseDeletion,
  resync,
];

/** What to do next about an application's secrets. The same observation always gives the same answer. */
export function decide(o: Observation): Decision {
  return o.home === undefined ? decideWithoutSecret(o) : decideWithSecret(o, o.home);
}

function decideWithoutSecret(o: Observation): Decision {
  const release = released(o, undefined);
  if (release !== undefined) return release;
  if (o.expiryOnly) return wait({});
  const { authority } = o;
  const impediment = o.target.kind === 'obstructed' ? o.target.impediment : undefined;
  const trouble = authority.kind === 'provider' ? authority.trouble : undefined;
  if (impediment !== undefined || o.spec.suspend) return wait({ impediment, trouble });
  const action = establish(o);
  if (action === undefined) return wait({});
  if (authority.kind === 'provider' && !isPossible(authority, action)) {
    return wait({ awaitsProvider: action, trouble });
  }
  return o.clockTrusted ? action : wait({ awaitsClock: action });
}

function decideWithSecret(o: Observation, home: OwnedSecret): Decision {
  let awaitsClock: Action | undefined;
  let awaitsProvider: Action | undefined;
  for (const rule of home.immutable ? [] : RULES) {
    if (!isInForce(o, rule)) continue;
    const action = rule.apply(o, home);
    if (action === undefined) continue;
    if (rule.timed && !o.clockTrusted) {
      awaitsClock ??= action;
      continue;
    }
    const step = o.authority.kind === 'local' ? action : enact(o, o.authority, home, action);
    if (step !== undefined) return step;
    awaitsProvider ??= action;
  }
  return wait({
    until: nextWake(o, home),
    hold: o.expiryOnly ? undefined : hold(o, home),
    impediment: o.expiryOnly ? undefined : impedimentTo(o, home),
    awaitsClock,
    awaitsProvider,
    trouble: o.authority.kind === 'provider' ? o.authority.trouble : undefined,
    pending: pendingAtProvider(o, home, awaitsProvider),
  });
}

function isInForce(o: Observation, rule: Rule): boolean {
  if (rule.authority !== undefined && rule.authority !== o.authority.kind) return false;
  if (o.expiryOnly && !rule.outlivesApplication) return false;
  return !(o.spec.suspend && rule.suspendable);
}

function wait(parts: Partial<Omit<Wait, 'kind'>>): Wait {
  return {
    kind: 'Wait',
    until: undefined,
    hold: undefined,
    impediment: undefined,
    awaitsClock: undefined,
    awaitsProvider: undefined,
    trouble: undefined,
    pending: undefined,
    ...parts,
  };
}

function hold(o: Observation, home: OwnedSecret): Hold | undefined {
  const suspended = o.spec.suspend && replaceIssuedBefore.apply(o, home) !== undefined;
  return suspended ? { reason: 'Suspended', cause: 'IssuedBefore' } : heldRotation(o, home);
}
