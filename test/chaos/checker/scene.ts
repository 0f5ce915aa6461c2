import type { BoundaryField, Lineage } from './lineage.ts';
import type { ApplicationState } from './observed.ts';
import { type Millis, SLACK, type Span, TOLERANCE } from './times.ts';

/** What the operator may have known when it wrote. */
export interface Scene {
  /** How the application was since everything was quiet last; undefined: there was none. */
  readonly states: readonly (ApplicationState | undefined)[];
  /** From when on it can have decided on what it wrote over. */
  readonly span: Span;
  readonly lineage: Lineage;
}

export function present({ states }: Pick<Scene, 'states'>): ApplicationState[] {
  return states.filter((state) => state !== undefined);
}

/** The states in which the operator may issue, rotate and repair. */
export function active(scene: Pick<Scene, 'states'>): ApplicationState[] {
  return present(scene).filter(({ spec, deleting }) => !spec.suspend && !deleting);
}

/** The time of a boundary that may have been in force. */
export function standing(
  scene: Scene,
  { spec }: ApplicationState,
  field: BoundaryField,
): Millis | undefined {
  const boundary = spec[field];
  if (boundary === undefined) return undefined;
  if (scene.lineage.judgementOf(field, boundary.text, scene.states)?.refused) return undefined;
  return boundary.time <= scene.span.to + TOLERANCE + SLACK ? boundary.time : undefined;
}

/** The highest versions that status may have remembered. */
export function floors({ states }: Pick<Scene, 'states'>): number[] {
  return states.map((state) =>
    Math.max(
      0,
      state?.status?.current?.version ?? 0,
      state?.status?.previous?.version ?? 0,
      state?.status?.lastRevocation?.version ?? 0,
    ),
  );
}
