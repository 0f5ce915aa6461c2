import type { ApplicationState, Spec } from './observed.ts';
import type { PreviousRecord, SecretRecord } from './record.ts';
import { active, type Scene, standing } from './scene.ts';
import { canShow, DAY, type Millis, SLACK, type Span, TOLERANCE } from './times.ts';

/** By how much at most a rotation by `every` is brought forward. */
export function earliness(every: Millis): Millis {
  return Math.min(every / 10, DAY);
}

/** Whether a rotation by `rotateAfter` or `every` may have been due by `now`. */
export function mayBeDue(spec: Spec, issuedAt: Millis, now: Millis): boolean {
  const { rotateAfter, every } = spec;
  if (rotateAfter !== undefined && rotateAfter <= now && issuedAt < rotateAfter) return true;
  return every !== undefined && now - issuedAt >= every - earliness(every);
}

/** Why a current secret that was as it should be may have been replaced as it was. */
export function rotationReasons(
  scene: Scene,
  old: SecretRecord,
  previous: PreviousRecord | undefined,
): ReadonlySet<string> {
  const reasons = new Set<string>();
  for (const state of active(scene)) {
    if (previous === undefined) {
      const boundary = standing(scene, state, 'revokeIssuedBefore');
      if (boundary !== undefined && old.issuedAt < boundary) reasons.add('IssuedBefore');
    }
    const due = mayBeDue(state.spec, old.issuedAt, scene.span.to + SLACK);
    if (!due || isGuarded(state.spec, old)) continue;
    if (isRetainedAs(state, scene, previous)) reasons.add('NotRetained');
  }
  return reasons;
}

function isGuarded(spec: Spec, old: SecretRecord): boolean {
  if (old.previous !== undefined) return true;
  return spec.revokePreviousSecret && spec.retainPreviousFor !== 0;
}

function isRetainedAs(
  { spec }: ApplicationState,
  { span }: Scene,
  previous: PreviousRecord | undefined,
): boolean {
  const { retainPreviousFor } = spec;
  if (retainPreviousFor === 0 || previous === undefined) {
    return retainPreviousFor === 0 && previous === undefined;
  }
  return canShow(span, previous.expiresAt - retainPreviousFor);
}

/**
 * Whether a time that the operator recorded as its own can be one: the clock's, or later where a
 * boundary lies just ahead or the predecessor's time does.
 */
export function isDecisionTime(
  scene: Scene,
  time: Millis,
  later: readonly (Millis | undefined)[],
): boolean {
  if (canShow(scene.span, time)) return true;
  return later.includes(time) && isJustAhead(scene.span, time);
}

function isJustAhead(span: Span, time: Millis): boolean {
  return time >= span.from - SLACK && time <= span.to + TOLERANCE + SLACK;
}
