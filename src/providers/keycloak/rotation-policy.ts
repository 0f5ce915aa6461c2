import {
  isJsonObject,
  type JsonObject,
  objectAt,
  objectsAt,
  stringsAt,
} from '../../kubernetes/json.ts';
import { type ClientTraits, votes } from './policy-conditions.ts';

/** What Keycloak would do with a client's secrets at a rotation. */
export type Retention =
  | {
      readonly kind: 'retained';
      /** The least that is certain, in milliseconds. */
      readonly retainedMs: number;
    }
  /** `problem`: why that is not certain, in words for an administrator. */
  | { readonly kind: 'uncertain'; readonly problem: string };

/** A realm's client policies, as its admin API has them, the server's global ones included. */
export interface ClientPolicies {
  readonly profiles: readonly JsonObject[];
  readonly policies: readonly JsonObject[];
}

/** The policy executor that retains rotated secrets. */
export const ROTATION_EXECUTOR = 'secret-rotation';

/** The settings of one executor, in seconds. */
interface RotationSettings {
  readonly policy: string;
  /** How long a current secret lives. */
  readonly expiration: number;
  /** How long a rotated one goes on living. */
  readonly rotatedExpiration: number;
}

// ClientSecretRotationExecutorFactory's defaults.
const DEFAULT_EXPIRATION = 2_505_600;
const DEFAULT_ROTATED_EXPIRATION = 172_800;
// Longer than the longest interval between rotations (8760h): the policy must not end what is current.
const LEAST_EXPIRATION = 366 * 24 * 60 * 60;

/**
 * Tells whether a rotation surely retains the client's old secret. Keycloak applies all policies
 * that match, in their order: the last one's settings remain.
 */
export function retentionOf(policies: ClientPolicies, client: ClientTraits): Retention {
  let possible: readonly (RotationSettings | undefined)[] = [undefined];
  let doubtful: string | undefined;
  for (const policy of policies.policies) {
    const settings = rotationSettings(policy, policies.profiles).at(-1);
    if (settings === undefined) continue;
    const applies = applicability(policy, client);
    if (applies === 'yes') possible = [settings];
    if (applies === 'unknown') {
      possible = [...possible, settings];
      doubtful = settings.policy;
    }
  }
  const certain = possible.filter((settings) => settings !== undefined);
  if (certain.length < possible.length) return { kind: 'uncertain', problem: missing(doubtful) };
  const problem = certain.map(shortcoming).find((text) => text !== undefined);
  if (problem !== undefined) return { kind: 'uncertain', problem };
  const retained = Math.min(...certain.map(({ rotatedExpiration }) => rotatedExpiration));
  return { kind: 'retained', retainedMs: retained * 1000 };
}

/** Whether a policy that retains secrets depends on the client's roles, which cost a request. */
export function dependsOnRoles({ policies, profiles }: ClientPolicies): boolean {
  return policies.some(
    (policy) =>
      rotationSettings(policy, profiles).length > 0 &&
      objectsAt(policy, 'conditions').some(({ condition }) => condition === 'client-roles'),
  );
}

function rotationSettings(
  policy: JsonObject,
  profiles: readonly JsonObject[],
): readonly RotationSettings[] {
  if (policy['enabled'] !== true) return [];
  return stringsAt(policy, 'profiles')
    .map((name) => profiles.find((profile) => profile['name'] === name))
    .flatMap((profile) => objectsAt(profile, 'executors'))
    .filter(({ executor }) => executor === ROTATION_EXECUTOR)
    .map((executor) => {
      const configuration = objectAt(executor, 'configuration');
      return {
        policy: nameOf(policy),
        expiration: secondsAt(configuration, 'expiration-period') ?? DEFAULT_EXPIRATION,
        rotatedExpiration:
          secondsAt(configuration, 'rotated-expiration-period') ?? DEFAULT_ROTATED_EXPIRATION,
      };
    });
}

/** As DefaultClientPolicyManager decides: no condition may say no, and one must say yes. */
function applicability(policy: JsonObject, client: ClientTraits): 'yes' | 'no' | 'unknown' {
  const ballot = votes(objectsAt(policy, 'conditions'), client);
  const strict = String(policy['mode']).toUpperCase() === 'STRICT';
  if (ballot.includes('no') || (strict && ballot.includes('abstain'))) return 'no';
  if (ballot.includes('unknown')) return 'unknown';
  return ballot.includes('yes') ? 'yes' : 'no';
}

function missing(doubtful: string | undefined): string {
  return doubtful === undefined
    ? `no enabled client policy of the realm with the executor ${ROTATION_EXECUTOR} applies to the client`
    : `the client policy ${doubtful} depends on conditions that only Keycloak itself can judge`;
}

function shortcoming(settings: RotationSettings): string | undefined {
  if (settings.rotatedExpiration <= 0) {
    return `the client policy ${settings.policy} has a rotated-expiration-period of 0`;
  }
  if (settings.expiration < LEAST_EXPIRATION) {
    return (
      `the client policy ${settings.policy} ends current secrets too: its expiration-period ` +
      `must be at least ${LEAST_EXPIRATION} seconds`
    );
  }
  return undefined;
}

/** The name that administrators gave it; it goes into conditions, so only if it is harmless there. */
function nameOf(policy: JsonObject): string {
  const { name } = policy;
  return typeof name === 'string' && /^[\w .:-]{1,60}$/.test(name) ? `"${name}"` : '(unnamed)';
}

/** Keycloak reads both numbers and numerals. */
function secondsAt(configuration: JsonObject, key: string): number | undefined {
  const value = configuration[key];
  const numeral = typeof value === 'string' ? value.trim() : value;
  if (numeral === undefined || numeral === null || numeral === '') return undefined;
  const seconds = Number(numeral);
  return Number.isSafeInteger(seconds) ? seconds : 0;
}

/** The policies of the realm, then the server's global ones, as one list each. */
export function parsePolicies(profiles: unknown, policies: unknown): ClientPolicies | undefined {
  if (!isJsonObject(profiles) || !isJsonObject(policies)) return undefined;
  return {
    profiles: [...objectsAt(profiles, 'profiles'), ...objectsAt(profiles, 'globalProfiles')],
    policies: [...objectsAt(policies, 'policies'), ...objectsAt(policies, 'globalPolicies')],
  };
}
