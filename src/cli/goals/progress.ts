import { type ApplicationSpec, effectiveSpec, InvalidSpecError } from '../../api/application.ts';
import { conditionOf, trueCondition } from '../../api/conditions.ts';
import { parseTimestamp } from '../../api/timestamp.ts';
import { type Application, isObserved } from '../application.ts';
import { type Field, valueAt, withValue } from '../ownership.ts';
import { blocked, type Goal, type Progress, pending, REACHED } from './goal.ts';
import { unfulfilledRevocation } from './revocations.ts';

export interface Waiting {
  readonly now: number;
  /** When waiting ends. */
  readonly deadline: number;
}

/** How far `application` is, judged by a status that is about its newest spec. */
export function progressOf(application: Application, goal: Goal, waiting: Waiting): Progress {
  if (application.metadata.deletionTimestamp !== undefined) return blocked('it is being deleted.');
  if (!isObserved(application)) return pending('the operator has not seen the newest spec yet.');
  if (goal.kind === 'condition') return conditionProgress(application, goal);
  try {
    const spec = effectiveSpec(application.metadata, statedSpec(application, goal.stated));
    const missing = missingFor(application, spec, goal.kind, waiting);
    if (missing.kind === 'reached') return missing;
    return setBack(application, goal.stated) ?? stalled(application) ?? missing;
  } catch (error) {
    if (!(error instanceof InvalidSpecError)) throw error;
    return blocked(`${error.message}.`);
  }
}

function conditionProgress(
  application: Application,
  { type, status }: Extract<Goal, { kind: 'condition' }>,
): Progress {
  const condition = conditionOf(application, type);
  // RotationHeld and Stalled are absent where they do not hold.
  const found = condition?.status ?? 'False';
  if (found.toLowerCase() === status.toLowerCase()) return REACHED;
  if (type !== 'Stalled') {
    const obstacle = stalled(application);
    if (obstacle !== undefined) return obstacle;
  }
  return pending(condition?.message ?? `there is no condition ${type}.`);
}

function statedSpec({ spec }: Application, stated: Field | undefined) {
  return stated === undefined ? spec : withValue({ ...spec }, stated.path, stated.value);
}

function setBack({ spec }: Application, stated: Field | undefined): Progress | undefined {
  if (stated === undefined || valueAt(spec, stated.path) === stated.value) return undefined;
  return blocked(`somebody changed spec.${stated.path.join('.')} meanwhile.`);
}

function stalled(application: Application): Progress | undefined {
  const condition = trueCondition(application, 'Stalled');
  return condition && blocked(condition.message);
}

function missingFor(
  application: Application,
  spec: ApplicationSpec,
  kind: 'rotation' | 'revocation' | 'settled',
  waiting: Waiting,
): Progress {
  const revocation =
    kind === 'rotation' ? undefined : unfulfilledRevocation(application, spec, waiting.now);
  if (revocation !== undefined) return revocation;
  const rotation =
    kind === 'revocation' ? undefined : unfulfilledRotation(application, spec, kind, waiting);
  if (rotation !== undefined) return rotation;
  const ready = conditionOf(application, 'Ready');
  if (kind !== 'settled' || ready?.status === 'True') return REACHED;
  return pending(ready?.message ?? 'there is no condition Ready yet.');
}

function unfulfilledRotation(
  application: Application,
  { rotateAfter }: ApplicationSpec,
  kind: 'rotation' | 'settled',
  { now, deadline }: Waiting,
): Progress | undefined {
  const held = trueCondition(application, 'RotationHeld');
  const issuedAt = parseTimestamp(application.status.currentSecret?.issuedAt ?? '');
  const missing =
    rotateAfter !== undefined && (issuedAt === undefined || issuedAt < rotateAfter.time);
  if (rotateAfter !== undefined && missing && rotateAfter.time > now) {
    if (kind === 'settled') return undefined;
    const message = `the rotation is planned for ${rotateAfter.text}.`;
    return rotateAfter.time > deadline ? blocked(message) : pending(message);
  }
  if (!missing && (kind === 'rotation' || held === undefined)) return undefined;
  if (held === undefined) {
    const ready = conditionOf(application, 'Ready');
    return pending(
      ready?.status === 'False' ? ready.message : 'the rotation has not happened yet.',
    );
  }
  const ends = parseTimestamp(application.status.previousSecret?.expiresAt ?? '');
  const passes = held.reason === 'PreviousSecretRetained' && ends !== undefined && ends <= deadline;
  return passes ? pending(held.message) : blocked(held.message);
}
