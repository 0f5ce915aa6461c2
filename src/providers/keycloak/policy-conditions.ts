import {
  isJsonObject,
  type JsonObject,
  objectAt,
  parseJson,
  stringsAt,
} from '../../kubernetes/json.ts';

/** What conditions of client policies look at. */
export interface ClientTraits {
  /** Undefined where they are not known. */
  readonly attributes: Readonly<Record<string, string>> | undefined;
  /** The names of the client's own roles; undefined where they are not known. */
  readonly roles: readonly string[] | undefined;
}

export type Vote = 'yes' | 'no' | 'abstain' | 'unknown';

/**
 * How the conditions of a policy vote on the rotation of a confidential OIDC client's secret by an
 * administrator (the event UPDATED; Keycloak 26.7, package services.clientpolicy.condition).
 */
export function votes(conditions: readonly JsonObject[], client: ClientTraits): readonly Vote[] {
  return conditions.map((condition) => {
    const configuration = objectAt(condition, 'configuration');
    const vote = judge(condition['condition'], configuration, client);
    const negative = String(configuration['is-negative-logic']) === 'true';
    return negative ? opposite(vote) : vote;
  });
}

function judge(condition: unknown, configuration: JsonObject, client: ClientTraits): Vote {
  switch (condition) {
    case 'any-client':
      return 'yes';
    case 'client-access-type':
      return voteOf(stringsAt(configuration, 'type').includes('confidential'));
    case 'client-type':
      return voteOf(configuration['protocol'] === 'openid-connect');
    case 'client-attributes':
      return hasAttributes(configuration['attributes'], client);
    case 'client-roles': {
      const { roles } = client;
      if (roles === undefined) return 'unknown';
      return voteOf(stringsAt(configuration, 'roles').some((name) => roles.includes(name)));
    }
    // They look at authorization and token requests.
    case 'acr-condition':
    case 'client-scopes':
    case 'grant-type':
    case 'identity-provider-alias':
      return 'abstain';
    default:
      return 'unknown';
  }
}

/** All must be there, each with one value: `[{"key": …, "value": …}]` as a text. */
function hasAttributes(expected: unknown, { attributes }: ClientTraits): Vote {
  const pairs = typeof expected === 'string' ? parseJson(expected) : undefined;
  if (attributes === undefined || !Array.isArray(pairs) || pairs.length === 0) return 'unknown';
  const wanted = new Map<unknown, unknown>();
  for (const pair of pairs) {
    if (!isJsonObject(pair) || wanted.has(pair['key'])) return 'unknown';
    wanted.set(pair['key'], pair['value']);
  }
  return voteOf(
    [...wanted].every(([key, value]) => typeof key === 'string' && attributes[key] === value),
  );
}

function voteOf(matches: boolean): Vote {
  return matches ? 'yes' : 'no';
}

function opposite(vote: Vote): Vote {
  if (vote === 'yes') return 'no';
  return vote === 'no' ? 'yes' : vote;
}
