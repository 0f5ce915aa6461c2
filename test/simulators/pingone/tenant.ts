import { randomBytes, randomUUID } from 'node:crypto';
import type { Clock } from './clock.ts';
import { Secrets } from './secrets.ts';

export type Permission =
  | 'applications:read:application'
  | 'applications:read:secret'
  | 'applications:update:secret'
  | 'applications:delete:secret';

/** What a new application is like; the defaults make a confidential OIDC client with a service account. */
export interface ApplicationSpec {
  readonly name?: string;
  readonly protocol?: 'OPENID_CONNECT' | 'SAML' | 'WS_FED' | 'EXTERNAL_LINK';
  readonly type?: string;
  /** Null: the property is absent, as on PingOne's own applications. */
  readonly tokenEndpointAuthMethod?: string | null;
  readonly grantTypes?: readonly string[];
  /** An imported application's client ID. */
  readonly clientId?: string;
  /** Its roles are more than the worker's: its secret is out of the worker's reach. */
  readonly moreRoles?: boolean;
}

export interface Application extends Required<Omit<ApplicationSpec, 'clientId'>> {
  readonly id: string;
  readonly environmentID: string;
  readonly clientId: string | undefined;
  readonly secrets: Secrets;
}

/** The OAuth client ID of an application. */
export function clientIDOf(application: Application): string {
  return application.clientId ?? application.id;
}

/** What the simulator remembers: applications, and the access tokens of workers. */
export class Tenant {
  readonly #clock: Clock;
  readonly #applications = new Map<string, Application>();
  readonly #tokens = new Map<string, { readonly actor: Application; readonly expiresAt: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(environmentID: string, spec: ApplicationSpec): Application {
    const id = randomUUID();
    const application: Application = {
      id,
      environmentID,
      name: spec.name ?? `application ${id}`,
      protocol: spec.protocol ?? 'OPENID_CONNECT',
      type: spec.type ?? 'WEB_APP',
      tokenEndpointAuthMethod:
        spec.tokenEndpointAuthMethod === undefined
          ? 'CLIENT_SECRET_BASIC'
          : spec.tokenEndpointAuthMethod,
      grantTypes: spec.grantTypes ?? ['CLIENT_CREDENTIALS'],
      moreRoles: spec.moreRoles ?? false,
      clientId: spec.clientId,
      secrets: new Secrets(),
    };
    this.#applications.set(id, application);
    return application;
  }

  remove(id: string): void {
    this.#applications.delete(id);
  }

  in(environmentID: string): Application[] {
    return [...this.#applications.values()].filter(
      (application) => application.environmentID === environmentID,
    );
  }

  find(environmentID: string, id: string): Application | undefined {
    return this.in(environmentID).find((application) => application.id === id);
  }

  findClient(environmentID: string, clientID: string): Application | undefined {
    return this.in(environmentID).find((application) => clientIDOf(application) === clientID);
  }

  /** A bearer token in the form of a JWT. */
  issueToken(actor: Application, lifetimeSeconds: number): string {
    const part = (bytes: number) => randomBytes(bytes).toString('base64url');
    const token = `eyJ${part(24)}.${part(120)}.${part(64)}`;
    const expiresAt = this.#clock.now() + lifetimeSeconds * 1000;
    this.#tokens.set(token, { actor, expiresAt });
    return token;
  }

  actorOf(token: string): Application | undefined {
    const issued = this.#tokens.get(token);
    return issued !== undefined && this.#clock.now() < issued.expiresAt ? issued.actor : undefined;
  }

  dropTokens(): void {
    this.#tokens.clear();
  }
}
