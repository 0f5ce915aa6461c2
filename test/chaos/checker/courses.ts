import { BOUNDARIES, type BoundaryField } from './lineage.ts';
import { type ApplicationState, keyOf, type Moment } from './observed.ts';
import type { Millis } from './times.ts';

interface Course {
  state: ApplicationState | undefined;
  /** All states since everything was quiet last. */
  states: (ApplicationState | undefined)[];
  /** Since when the boundaries of spec are what they are. */
  readonly since: Map<BoundaryField, Millis>;
}

/** How each application came to be as it is. */
export class Courses {
  readonly #courses = new Map<string, Course>();

  /** Takes what was stored of an application, and answers with how it was before. */
  take({
    state,
    gone,
    at,
  }: Extract<Moment, { kind: 'application' }>): ApplicationState | undefined {
    const key = keyOf(state);
    const course: Course = this.#courses.get(key) ?? {
      state: undefined,
      states: [undefined],
      since: new Map(),
    };
    this.#courses.set(key, course);
    const before = course.state;
    course.state = gone ? undefined : state;
    course.states.push(course.state);
    for (const field of BOUNDARIES) {
      if (before?.spec[field]?.text !== course.state?.spec[field]?.text) {
        course.since.set(field, at);
      }
    }
    return before;
  }

  /** Forgets how the applications were before. */
  settle(): void {
    for (const course of this.#courses.values()) course.states = [course.state];
  }

  present(): ApplicationState[] {
    return [...this.#courses.values()]
      .map(({ state }) => state)
      .filter((each) => each !== undefined);
  }

  stateOf(key: string): ApplicationState | undefined {
    return this.#courses.get(key)?.state;
  }

  /** How an application was since everything was quiet last. */
  statesOf(key: string): readonly (ApplicationState | undefined)[] {
    return this.#courses.get(key)?.states ?? [undefined];
  }

  /** When a boundary of spec was last edited. */
  editedAt(key: string, field: BoundaryField): Millis {
    return this.#courses.get(key)?.since.get(field) ?? Number.NEGATIVE_INFINITY;
  }
}
