import { ApiError, NetworkError } from './kubernetes/api-error.ts';
import { messageOf } from './telemetry/log.ts';

/** Why the operator could not start, as one line for whoever started it: no stack, no secret. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/** The first line of what went wrong: parsers go on with an excerpt, which may hold a token. */
export function firstLineOf(error: unknown): string {
  return messageOf(error).split('\n', 1).join('').trim();
}

/** Says in one line why the first requests to the API server at `server` failed. */
export function contactError(error: unknown, server: string): StartError {
  const reason = firstLineOf(error);
  if (error instanceof NetworkError) {
    return new StartError(`The API server at ${server} cannot be reached: ${reason}`);
  }
  if (!(error instanceof ApiError)) {
    return new StartError(`The API server at ${server} cannot be asked: ${reason}`);
  }
  switch (error.status) {
    case 401:
      return new StartError(`The API server at ${server} does not know the credentials: ${reason}`);
    case 403:
      return new StartError(`The API server at ${server} does not allow it: ${reason}`);
    default:
      return new StartError(`The API server at ${server} answered with a fault: ${reason}`);
  }
}
