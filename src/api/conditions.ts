import type { Condition } from './oidcapplication.gen.ts';

export type ConditionType = 'Ready' | 'PreviousSecretRetained' | 'RotationHeld' | 'Stalled';

export interface ConditionState {
  readonly type: ConditionType;
  readonly status: Condition['status'];
  readonly reason: string;
  readonly message: string;
}

/** The message length that metav1.Condition allows. */
const MAX_MESSAGE = 32_768;

/**
 * Conditions as they are written: `lastTransitionTime` (whole seconds, as metav1.Time) is kept while
 * the status of a condition stays the same.
 */
export function nextConditions(
  before: readonly Condition[],
  states: readonly ConditionState[],
  generation: number,
  now: number,
): Condition[] {
  return states.map((state) => {
    const old = before.find(({ type }) => type === state.type);
    return {
      type: state.type,
      status: state.status,
      observedGeneration: generation,
      lastTransitionTime:
        old?.status === state.status
          ? old.lastTransitionTime
          : `${new Date(now).toISOString().slice(0, 19)}Z`,
      reason: state.reason,
      message: state.message.slice(0, MAX_MESSAGE),
    };
  });
}

interface Reported {
  readonly status?: { readonly conditions?: readonly Condition[] } | undefined;
}

export function conditionOf({ status }: Reported, type: ConditionType): Condition | undefined {
  return status?.conditions?.find((condition) => condition.type === type);
}

/** The condition of that type if it is True. */
export function trueCondition(object: Reported, type: ConditionType): Condition | undefined {
  const condition = conditionOf(object, type);
  return condition?.status === 'True' ? condition : undefined;
}
