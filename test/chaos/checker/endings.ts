import type { SecretState } from './observed.ts';
import { expiryOf, type PreviousRecord, type SecretRecord } from './record.ts';
import { present, type Scene, standing } from './scene.ts';
import { SLACK } from './times.ts';

/** Why the previous secret may have been ended; nothing where it must not have been. */
export function endingReasons(
  scene: Scene,
  before: SecretState,
  record: SecretRecord & { readonly previous: PreviousRecord },
): ReadonlySet<string> {
  const { previous } = record;
  const reasons = new Set<string>();
  if (expiryOf(previous) <= scene.span.to + SLACK) reasons.add('Expired');
  if (!scene.lineage.hasPrevious(before, record)) reasons.add('Removed');
  for (const state of present(scene)) {
    if (state.spec.revokePreviousSecret) reasons.add('Requested');
    const retired = standing(scene, state, 'revokeRetiredBefore');
    if (retired !== undefined && previous.retiredAt < retired) reasons.add('RetiredBefore');
    const issued = standing(scene, state, 'revokeIssuedBefore');
    if (issued !== undefined && previous.issuedAt < issued) reasons.add('IssuedBefore');
  }
  return reasons;
}
