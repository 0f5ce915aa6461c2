import { arrayAt, numberAt, objectAt, stringAt } from './json.ts';

/** One entry of a Status object's details.causes: which field was refused and why. */
export interface ApiErrorCause {
  field: string;
  message: string;
  reason: string;
}

const MAX_MESSAGE_LENGTH = 1024;

/** Which request an error belongs to: the method, and the path without its query. */
export interface RequestLine {
  method: string;
  path: string;
}

/** An answer of the API server with a status other than 2xx, as told by its Status object. */
export class ApiError extends Error {
  readonly status: number;
  readonly reason: string;
  /** How long the server asks to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  readonly causes: readonly ApiErrorCause[];
  /** Status and reason are an admission webhook's choice, and tell nothing of the object. */
  readonly deniedByWebhook: boolean;
  readonly method: string;
  readonly path: string;

  /** `body` is the parsed Status, or anything else where the answer was not one. */
  constructor(request: RequestLine, status: number, body: unknown, retryAfter?: string) {
    const message = stringAt(body, 'message');
    super(message?.slice(0, MAX_MESSAGE_LENGTH) || `${request.method} ${request.path}: ${status}`);
    this.name = 'ApiError';
    this.status = status;
    this.reason = stringAt(body, 'reason') ?? '';
    this.method = request.method;
    this.path = request.path;
    // The API server puts this before whatever the webhook says.
    this.deniedByWebhook = message?.startsWith('admission webhook "') === true;
    const details = objectAt(body, 'details');
    const seconds = Number.parseInt(retryAfter ?? '', 10);
    const delay = Number.isNaN(seconds) ? numberAt(details, 'retryAfterSeconds') : seconds;
    this.retryAfterMs = delay === undefined || delay < 0 ? undefined : delay * 1000;
    this.causes = arrayAt(details, 'causes').map((cause) => ({
      field: stringAt(cause, 'field') ?? '',
      message: stringAt(cause, 'message')?.slice(0, MAX_MESSAGE_LENGTH) ?? '',
      reason: stringAt(cause, 'reason') ?? '',
    }));
  }
}

/**
 * A request that got no usable answer: connection refused or cut, time limit, TLS, nonsense.
 * Carries no `cause`: parser errors hold raw bytes of the answer, which may be secret.
 */
export class NetworkError extends Error {
  /** A system or undici error code such as ECONNRESET, or ETIMEDOUT, INVALID_RESPONSE. */
  readonly code: string;
  readonly method: string;
  readonly path: string;

  constructor(request: RequestLine, code: string, message: string) {
    super(`${request.method} ${request.path}: ${message}`);
    this.name = 'NetworkError';
    this.code = code;
    this.method = request.method;
    this.path = request.path;
  }
}

/** A write that was not sent, since this process may not write any more. */
export class FencedError extends Error {
  override readonly name = 'FencedError';

  constructor({ method, path }: RequestLine) {
    super(`${method} ${path} was not sent: this process is not the leader any more`);
  }
}

function hasStatus(error: unknown, status: number): error is ApiError {
  return error instanceof ApiError && error.status === status;
}

export function isNotFound(error: unknown): boolean {
  return hasStatus(error, 404) && !error.deniedByWebhook;
}

/** A write whose resourceVersion or uid precondition did not hold. */
export function isConflict(error: unknown): boolean {
  return hasStatus(error, 409) && error.reason === 'Conflict' && !error.deniedByWebhook;
}

export function isAlreadyExists(error: unknown): boolean {
  return hasStatus(error, 409) && error.reason === 'AlreadyExists' && !error.deniedByWebhook;
}

/** The resourceVersion or continue token is too old (reasons Gone and Expired). */
export function isGone(error: unknown): boolean {
  return hasStatus(error, 410);
}

export function isForbidden(error: unknown): boolean {
  return hasStatus(error, 403);
}

/** The object was refused by validation or by an admission policy of reason Invalid. */
export function isInvalid(error: unknown): boolean {
  return hasStatus(error, 422);
}

const TRANSIENT_STATUSES: ReadonlySet<number> = new Set([429, 500, 503, 504]);

/** True where the same request may succeed later without anybody changing anything. */
export function isTransient(error: unknown): boolean {
  return (
    error instanceof NetworkError ||
    (error instanceof ApiError && TRANSIENT_STATUSES.has(error.status))
  );
}

/** How long the server asked to wait, in milliseconds; undefined where it did not. */
export function retryAfterOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('retryAfterMs' in error)) return undefined;
  return typeof error.retryAfterMs === 'number' ? error.retryAfterMs : undefined;
}
