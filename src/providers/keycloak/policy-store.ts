import { type JsonObject, objectsAt, parseJson } from '../../kubernetes/json.ts';
import { malformed, type Purpose } from '../answers.ts';
import { ProviderError } from '../provider-error.ts';
import type { AdminApi } from './admin-api.ts';
import { type ClientPolicies, parsePolicies, ROTATION_EXECUTOR } from './rotation-policy.ts';

type Resource = 'profiles' | 'policies';

const OURS = 'keyturn';
const ATTEMPTS = 5;

const ourEntries: Readonly<Record<Resource, JsonObject>> = {
  profiles: {
    name: OURS,
    description: 'Retains a rotated client secret until Keyturn revokes it',
    executors: [
      {
        executor: ROTATION_EXECUTOR,
        configuration: {
          // It ends the current secret too. Ten years, in seconds that still fit 32 bits.
          'expiration-period': 315_360_000,
          // The longest spec.rotation.retainPreviousFor, 720h: Keyturn ends the secret before.
          'rotated-expiration-period': 2_592_000,
          'remaining-rotation-period': 0,
        },
      },
    ],
  },
  policies: {
    name: OURS,
    description: 'Lets confidential clients have two secrets while Keyturn rotates them',
    enabled: true,
    conditions: [{ condition: 'client-access-type', configuration: { type: ['confidential'] } }],
    profiles: [OURS],
  },
};

/** The client policies of a realm. */
export class PolicyStore {
  readonly #api: AdminApi;
  #adding: Promise<void> | undefined;

  constructor(api: AdminApi) {
    this.#api = api;
  }

  async read(signal: AbortSignal): Promise<ClientPolicies> {
    const profiles = await this.#get('profiles', '?include-global-profiles=true', signal);
    const policies = await this.#get('policies', '?include-global-policies=true', signal);
    const parsed = parsePolicies(profiles, policies);
    if (parsed === undefined) throw malformed(reading('profiles'));
    return parsed;
  }

  /**
   * Adds a profile and a policy named keyturn, each where there is none of that name. They come
   * first in their lists, so that for clients with a policy of their own that one has the last word.
   * Keycloak has no conditional request: what a concurrent edit undid is noticed by reading back.
   */
  add(signal: AbortSignal): Promise<void> {
    this.#adding ??= this.#add(signal).finally(() => {
      this.#adding = undefined;
    });
    return this.#adding;
  }

  async #add(signal: AbortSignal): Promise<void> {
    let refusal: ProviderError | undefined;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      try {
        // In this order: a policy may only name profiles that exist.
        const profileMissing = await this.#addTo('profiles', signal);
        const policyMissing = await this.#addTo('policies', signal);
        if (!profileMissing && !policyMissing) return;
        refusal = undefined;
      } catch (error) {
        if (!(error instanceof ProviderError) || error.reason !== 'ProviderRejected') throw error;
        // Where somebody removed our profile in between, the policy is refused.
        refusal = error;
      }
    }
    const message = `${writing('policies').operation}: somebody else goes on changing them`;
    throw refusal ?? new ProviderError('ProviderUnavailable', message);
  }

  /** Returns whether our entry was missing. */
  async #addTo(resource: Resource, signal: AbortSignal): Promise<boolean> {
    // Without the global ones, which are not the realm's to store.
    const entries = objectsAt(await this.#get(resource, '', signal), resource);
    if (entries.some(({ name }) => name === OURS)) return false;
    await this.#api.send(
      {
        purpose: writing(resource),
        method: 'PUT',
        path: `/client-policies/${resource}`,
        json: { [resource]: [ourEntries[resource], ...entries] },
        role: 'manage-realm',
      },
      signal,
    );
    return true;
  }

  async #get(resource: Resource, query: string, signal: AbortSignal): Promise<unknown> {
    const purpose = reading(resource);
    const path = `/client-policies/${resource}${query}`;
    const call = { purpose, method: 'GET', path, role: 'view-realm' } as const;
    const body = parseJson((await this.#api.send(call, signal)).body);
    if (body === undefined) throw malformed(purpose);
    return body;
  }
}

function reading(resource: Resource): Purpose {
  return { operation: `reading the realm's client ${resource}`, hasEffect: false };
}

function writing(resource: Resource): Purpose {
  return { operation: `adding to the realm's client ${resource}`, hasEffect: false };
}
