import type { ControlPlaneAccess } from '../testbed/access.ts';
import { startKeycloakServer } from './keycloak.ts';
import { startLocalServer } from './local.ts';

/** What verifies the client secrets of the demo. */
export interface AuthorizationServer {
  /** As the title calls it. */
  readonly name: string;
  readonly issuer: string;
  /** The answer of its token endpoint to a secret that is not valid. */
  readonly refusal: string;
  /** The lines of spec by which the application refers to it. */
  readonly reference: readonly string[];
  /** What happens when the application is applied. */
  readonly beginning: string;
}

/** Starts it, and leaves its end to the stack. */
export type StartAuthorizationServer = (
  cluster: ControlPlaneAccess,
  stack: AsyncDisposableStack,
) => Promise<AuthorizationServer>;

/** The one that the variable PROVIDER names: none, or `keycloak`. Throws on another value. */
export function chosenServer(provider: string | undefined): StartAuthorizationServer {
  if (provider === undefined || provider === '') return startLocalServer;
  if (provider === 'keycloak') return startKeycloakServer;
  throw new Error(`PROVIDER=${provider}: it must be keycloak, or left out`);
}
