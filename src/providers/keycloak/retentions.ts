import { stringAt } from '../../kubernetes/json.ts';
import type { Purpose } from '../answers.ts';
import type { AdminApi } from './admin-api.ts';
import type { KeycloakClient } from './client.ts';
import { PolicyStore } from './policy-store.ts';
import {
  type ClientPolicies,
  dependsOnRoles,
  type Retention,
  retentionOf,
} from './rotation-policy.ts';

const READING_ROLES: Purpose = { operation: "reading the client's roles", hasEffect: false };

/** Tells what the realm's policies do with the old secret at a rotation, and may add one to them. */
export class Retentions {
  readonly #api: AdminApi;
  readonly #policies: PolicyStore;
  readonly #managePolicy: boolean;

  constructor(api: AdminApi, managePolicy: boolean) {
    this.#api = api;
    this.#policies = new PolicyStore(api);
    this.#managePolicy = managePolicy;
  }

  /** For a client, or where it is undefined: for any confidential client. */
  async of(client: KeycloakClient | undefined, signal: AbortSignal): Promise<Retention> {
    const retention = await this.#judge(await this.#policies.read(signal), client, signal);
    if (retention.kind === 'retained' || !this.#managePolicy) return retention;
    await this.#policies.add(signal);
    return await this.#judge(await this.#policies.read(signal), client, signal);
  }

  async #judge(
    policies: ClientPolicies,
    client: KeycloakClient | undefined,
    signal: AbortSignal,
  ): Promise<Retention> {
    const roles =
      client !== undefined && dependsOnRoles(policies)
        ? await this.#api.list(READING_ROLES, `/clients/${client.id}/roles`, signal)
        : undefined;
    return retentionOf(policies, {
      attributes: client?.attributes,
      roles: roles?.map((role) => stringAt(role, 'name') ?? ''),
    });
  }
}
