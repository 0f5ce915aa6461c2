import { randomUUID } from 'node:crypto';
import type { Reply } from './host.ts';

export interface ProblemDetail {
  readonly code: string;
  readonly message: string;
  readonly target?: string;
  readonly inner?: Readonly<Record<string, unknown>>;
}

/** A request that the management API refuses, in the form of PingOne's "Error codes" page. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: readonly ProblemDetail[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    message: string,
    details: readonly ProblemDetail[] = [],
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
    this.headers = headers;
  }

  toReply(innerErrorKey: string): Reply {
    const details = this.details.map(({ inner, ...detail }) =>
      inner === undefined ? detail : { ...detail, [innerErrorKey]: inner },
    );
    return {
      status: this.status,
      headers: this.headers,
      json: {
        id: randomUUID(),
        code: this.code,
        message: this.message,
        ...(details.length === 0 ? {} : { details }),
      },
    };
  }
}

export function invalidData(details: readonly ProblemDetail[]): Problem {
  const message =
    'The request could not be completed. One or more validation errors were in the request.';
  return new Problem(400, 'INVALID_DATA', message, details);
}

export function invalidValue(target: string, message: string): Problem {
  return invalidData([{ code: 'INVALID_VALUE', message, target }]);
}

export function notFound(): Problem {
  return new Problem(404, 'NOT_FOUND', 'The requested resource was not found.');
}

export function unexpected(status: number): Problem {
  return new Problem(status, 'UNEXPECTED_ERROR', 'An unexpected error occurred.');
}
