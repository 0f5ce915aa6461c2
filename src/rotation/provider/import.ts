import type { Action } from '../decision.ts';
import type { Observation } from '../observation.ts';
import { discovered } from './retained.ts';

/** What the client has at the provider is published as it is; undefined where there is no provider. */
export function importFromProvider(o: Observation): Action | undefined {
  const { authority } = o;
  if (authority.kind === 'local') return undefined;
  if (authority.view === undefined) return { kind: 'ReadProvider' };
  const first = { version: o.versionFloor + 1, issuedAt: o.now };
  const { previous } = authority.view;
  if (previous === undefined) return { kind: 'Import', current: first, previous: undefined };
  return {
    kind: 'Import',
    current: { version: first.version + 1, issuedAt: o.now },
    previous: discovered(o, first, previous.expiresAt),
  };
}
