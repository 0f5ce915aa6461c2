import type { Pending, Wait } from '../../rotation/decision.ts';
import type { GatheredProvider } from './gather-provider.ts';
import type { Memory } from './memory.ts';
import type { ProviderTrouble } from './trouble.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
/** How soon it is looked again at what stays until somebody changes something, if nothing tells. */
const RECHECK_MS = 5 * MINUTE;
/** How soon it is looked again at what should pass by itself shortly. */
const SHORTLY_MS = 10 * SECOND;
/** A provider that has too much to do is not worth telling of before it was asked so often. */
const TELLING_FAILURES = 3;

export interface Settlement {
  /** What to report; undefined: nothing is known that is worth it. */
  readonly wait: Wait | undefined;
  readonly withinMs: number | undefined;
}

/** What to report where nothing is left to do now, and when to look again for the provider's sake. */
export function settle(provider: GatheredProvider, wait: Wait): Settlement {
  const { memory, errand, isPending } = provider;
  if (isPending) return { wait: undefined, withinMs: RECHECK_MS };
  if (wait.awaitsProvider === undefined && wait.pending === undefined) {
    memory.failures = 0;
    memory.reported = provider.trouble;
    return { wait, withinMs: undefined };
  }
  memory.failures += 1;
  const trouble = provider.trouble ?? errand.trouble;
  const told = worthTelling(memory, trouble);
  const isWithheld = trouble !== undefined && told === undefined;
  if (!isWithheld) memory.reported = told;
  return {
    wait: isWithheld ? undefined : { ...wait, trouble: told },
    withinMs: pauseBefore(memory.failures, trouble, wait.pending),
  };
}

/** That it has too much to do is no news where something worse was told of it, or at first. */
function worthTelling(
  { reported, failures }: Memory,
  trouble: ProviderTrouble | undefined,
): ProviderTrouble | undefined {
  if (trouble?.reason !== 'ProviderBusy') return trouble;
  return reported ?? (failures < TELLING_FAILURES ? undefined : trouble);
}

function pauseBefore(
  failures: number,
  trouble: ProviderTrouble | undefined,
  pending: Pending | undefined,
): number {
  if (trouble?.lasting) return RECHECK_MS;
  const longest = pending?.kind === 'NotYetAccepted' ? SHORTLY_MS : RECHECK_MS;
  const full = Math.min(longest, SECOND * 2 ** (failures - 1));
  return Math.max(full * (0.5 + Math.random() / 2), trouble?.retryAfterMs ?? 0);
}
