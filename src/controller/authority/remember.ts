import type { ProviderAction } from '../../rotation/decision.ts';
import { SETTLING } from '../../rotation/provider/intent.ts';
import type { Errand } from './errand.ts';
import type { Memory } from './memory.ts';

/** Keeps what a step at the provider has shown for the reconciliations to come. */
export function remember(
  memory: Memory,
  { attempt, isUnclear }: Errand,
  action: ProviderAction,
  now: number,
): void {
  switch (action.kind) {
    case 'ReadProvider':
      memory.lastReadAt = now;
      return;
    case 'SendRotation':
      memory.unsentSince = attempt === 'begun' ? action.intent.startedAt : undefined;
      return;
    case 'RevokeAtProvider':
      if (isUnclear) memory.settlesAt = now + SETTLING;
      return;
    case 'Probe':
      return;
  }
}
