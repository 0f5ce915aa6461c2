import {
  type JsonObject,
  numberAt,
  objectAt,
  objectsAt,
  parseJson,
  stringAt,
} from '../../kubernetes/json.ts';
import { errorCode, type Purpose, failure as plainFailure, restated } from '../answers.ts';
import type { HttpResponse } from '../http.ts';
import type { ProviderError, ProviderErrorReason } from '../provider-error.ts';

const MOST_DETAILS = 3;
// All bounds are below the 64 characters that PingOne's secrets have at least.
const CODE = /^[A-Z][A-Z0-9_]{0,39}$/;
const TARGET = /^[A-Za-z0-9_.[\]]{1,60}$/;
const CORRELATION_ID = /^[A-Za-z0-9-]{1,60}$/;
const PERMISSION_LAG = 'The actor attempting to perform the request is not authorized.';

/** As the failure of any provider, told by the codes of PingOne's own error bodies. */
export function failure(
  purpose: Purpose,
  response: HttpResponse,
  refused: ProviderErrorReason,
): ProviderError {
  const message = `${purpose.operation}: ${describe(response)}`;
  return restated(plainFailure(purpose, response, refused), { message });
}

/** True where the actor's permissions may just not have propagated yet (terraform-provider-pingone). */
export function isPermissionLag(response: HttpResponse): boolean {
  if (response.status !== 403) return false;
  return stringAt(parseJson(response.body), 'message')?.startsWith(PERMISSION_LAG) === true;
}

/**
 * The status, and of the body only codes that were checked (PingOne's error codes page:
 * `{id, code, message, details: [{code, target, message, innerError}]}`).
 */
function describe(response: HttpResponse): string {
  const body = parseJson(response.body);
  const code = matching(body, 'code', CODE) ?? errorCode(response);
  const details = objectsAt(body, 'details').slice(0, MOST_DETAILS).map(describeDetail);
  const told = details.filter((detail) => detail !== '');
  return [
    `status ${response.status}`,
    ...(code === undefined ? [] : [code]),
    ...(told.length === 0 ? [] : [`(${told.join('; ')})`]),
    ...describeCorrelation(response),
  ].join(' ');
}

function describeDetail(detail: JsonObject): string {
  const code = matching(detail, 'code', CODE);
  const target = matching(detail, 'target', TARGET);
  // The documentation spells it `innererror`, the OpenAPI document `innerError`.
  const inner = { ...objectAt(detail, 'innererror'), ...objectAt(detail, 'innerError') };
  const least = numberAt(inner, 'rangeMinimumValue');
  const most = numberAt(inner, 'rangeMaximumValue');
  return [
    ...(code === undefined ? [] : [code]),
    ...(target === undefined ? [] : [`at ${target}`]),
    ...(least === undefined || most === undefined ? [] : [`from ${least} to ${most}`]),
  ].join(' ');
}

/** Names the answer in PingOne's own log. */
function describeCorrelation({ headers }: HttpResponse): string[] {
  const id = headers['correlation-id'];
  return typeof id === 'string' && CORRELATION_ID.test(id) ? [`[Correlation-Id ${id}]`] : [];
}

function matching(value: unknown, key: string, pattern: RegExp): string | undefined {
  const text = stringAt(value, key);
  return text !== undefined && pattern.test(text) ? text : undefined;
}
