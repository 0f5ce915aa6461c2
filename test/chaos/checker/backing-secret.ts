import type { ApplicationState, SecretState, Token } from './observed.ts';

export const APPLICATION = 'keyturn.dev/application';

/** The names that the runs give the keys; each name has one role, whatever spec says of the others. */
export const KEYS = {
  clientID: ['client-id', 'id'],
  current: ['client-secret', 'password'],
  previous: ['previous-client-secret', 'old-password'],
} as const;

/** The application that a Secret says it belongs to: its controller, else what its annotation names. */
export function claimantOf(secret: SecretState): { name: string; uid?: string } | undefined {
  const controller = secret.owners.find((owner) => owner.controller);
  if (controller !== undefined) {
    return controller.kind === 'OIDCApplication'
      ? { name: controller.name, uid: controller.uid }
      : undefined;
  }
  const name = secret.annotations[APPLICATION];
  return name === undefined ? undefined : { name };
}

/** Whether a Secret is the application's. */
export function isOwnedBy(
  secret: SecretState,
  { namespace, name, uid }: ApplicationState,
): boolean {
  const claimant = claimantOf(secret);
  return (
    secret.namespace === namespace &&
    claimant?.name === name &&
    (claimant.uid === undefined || claimant.uid === uid)
  );
}

/** The values under the keys that the current client secret can have; one, as a rule. */
export function currentTokens({ data }: SecretState): Token[] {
  return tokensAt(data, KEYS.current).filter((token) => token !== '');
}

export function previousTokens({ data }: SecretState): Token[] {
  return tokensAt(data, KEYS.previous);
}

function tokensAt(data: SecretState['data'], keys: readonly string[]): Token[] {
  return keys.map((key) => data[key]).filter((token) => token !== undefined);
}

const OURS: ReadonlySet<string> = new Set([...KEYS.clientID, ...KEYS.current, ...KEYS.previous]);

export function foreignKeys({ data }: SecretState): string[] {
  return Object.keys(data).filter((key) => !OURS.has(key));
}
