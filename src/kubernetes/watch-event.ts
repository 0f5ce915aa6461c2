import { ApiError, NetworkError, type RequestLine } from './api-error.ts';
import { numberAt, objectAt, stringAt } from './json.ts';

/** One line of a watch. */
export interface WatchEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  /** As it came, to be parsed by the resource. */
  object: unknown;
  version: string;
}

/** Reads one line of a watch. Throws ApiError for an ERROR event, NetworkError for nonsense. */
export function parseWatchEvent(request: RequestLine, line: string): WatchEvent {
  let event: unknown;
  try {
    event = JSON.parse(line);
  } catch {
    // The parser's own message would quote the line, which may hold a secret.
    throw new NetworkError(request, 'INVALID_RESPONSE', 'a line of the watch is not JSON');
  }
  const type = stringAt(event, 'type');
  const object = objectAt(event, 'object');
  if (type === 'ERROR') throw new ApiError(request, numberAt(object, 'code') ?? 500, object);
  const version = stringAt(objectAt(object, 'metadata'), 'resourceVersion');
  const known =
    type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED' || type === 'BOOKMARK';
  if (!known || version === undefined || version === '') {
    throw new NetworkError(request, 'INVALID_RESPONSE', 'a line of the watch is no watch event');
  }
  return { type, object, version };
}
