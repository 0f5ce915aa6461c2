import type { Home } from './establishment.ts';
import type { ApplicationState } from './observed.ts';
import { recordOf } from './record.ts';

/** Judges a status that the operator wrote by the Secrets as they were then. */
export function judgeReport(
  before: ApplicationState | undefined,
  after: ApplicationState,
  homes: readonly Home[],
): string[] {
  const { status, generation } = after;
  if (status === undefined || isSame(before, after)) return [];
  const complaints: string[] = [];
  if ((status.observedGeneration ?? 0) > generation) {
    complaints.push('status tells of a generation that is still to come');
  }
  const retained = status.conditions.find(({ type }) => type === 'PreviousSecretRetained');
  if (retained?.status === 'False') {
    for (const { secret, lineage } of homes) {
      const record = recordOf(secret);
      if (record !== undefined && lineage.hasPrevious(secret, record)) {
        complaints.push(`PreviousSecretRetained is False, but ${secret.name} holds one`);
      }
    }
  }
  return complaints;
}

function isSame(before: ApplicationState | undefined, after: ApplicationState): boolean {
  return JSON.stringify(before?.status) === JSON.stringify(after.status);
}
