import type { ReceivedRequest } from './host.ts';

/** Whether a fault strikes before the request is carried out, or after. */
export type Moment = 'before' | 'after';

export type Fault =
  /** Another answer: where `before`, the request is not carried out, whatever the status says. */
  | {
      readonly kind: 'answer';
      readonly when: Moment;
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      /** Default: an error body in the documented form. */
      readonly body?: string;
    }
  /** The connection is cut. */
  | { readonly kind: 'drop'; readonly when: Moment }
  /** It waits for a promise, then goes on as usual. */
  | { readonly kind: 'hold'; readonly when: Moment; readonly until: Promise<unknown> };

/** Which requests; what is left out matches all. */
export interface Matching {
  readonly server?: 'api' | 'auth';
  readonly method?: string;
  /** Matched against the path with its query. */
  readonly path?: RegExp;
  readonly where?: (request: ReceivedRequest) => boolean;
}

interface Armed {
  readonly matching: Matching;
  readonly fault: Fault;
  left: number;
}

/** The faults that are to strike: in the order in which they were armed, one a request. */
export class Faults {
  readonly #armed: Armed[] = [];

  /** Lets `fault` strike the next `times` matching requests. */
  arm(matching: Matching, fault: Fault, times = 1): void {
    this.#armed.push({ matching, fault, left: times });
  }

  /** Forgets what has not struck yet. */
  disarm(): void {
    this.#armed.length = 0;
  }

  /** How often armed faults are still to strike. */
  get pending(): number {
    return this.#armed.reduce((sum, { left }) => sum + left, 0);
  }

  take(request: ReceivedRequest): Fault | undefined {
    const armed = this.#armed.find(({ left, matching }) => left > 0 && matches(request, matching));
    if (armed === undefined) return undefined;
    armed.left -= 1;
    return armed.fault;
  }
}

function matches(request: ReceivedRequest, matching: Matching): boolean {
  const { server, method, path, where } = matching;
  return (
    (server === undefined || server === request.server) &&
    (method === undefined || method === request.method) &&
    (path === undefined || path.test(request.target)) &&
    (where === undefined || where(request))
  );
}
