import { randomUUID } from 'node:crypto';
import type { Authorization } from './authorization.ts';
import type { Clock } from './clock.ts';
import type { ReceivedRequest, Reply } from './host.ts';
import type { Switches } from './options.ts';
import { invalidValue, notFound, Problem } from './problem.ts';
import type { RateLimiter } from './rate-limit.ts';
import { SecretResource } from './secret-resource.ts';
import { type Application, clientIDOf, type Tenant } from './tenant.ts';
import { checkHeaders, requireMethod, requireNoBody } from './validation.ts';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const ROUTE = /^\/v1\/environments\/([^/]+)\/applications(?:\/([^/]+)(\/secret)?)?$/;

export interface ManagementApiOptions {
  readonly environmentID: string;
  readonly tenant: Tenant;
  readonly authorization: Authorization;
  readonly rateLimiter: RateLimiter;
  readonly clock: Clock;
  readonly switches: Switches;
  readonly pageSize: number;
  /** Where `_links` point. */
  readonly linkBase: () => string;
}

/** The management API as far as client secrets go: reading applications, and their secrets. */
export class ManagementApi {
  readonly #options: ManagementApiOptions;
  readonly #secretResource: SecretResource;

  constructor(options: ManagementApiOptions) {
    this.#options = options;
    this.#secretResource = new SecretResource(options);
  }

  handle(request: ReceivedRequest): Reply {
    const reply = this.#replyTo(request);
    return { ...reply, headers: { 'Correlation-Id': randomUUID(), ...reply.headers } };
  }

  #replyTo(request: ReceivedRequest): Reply {
    try {
      return this.#route(request);
    } catch (error) {
      if (error instanceof Problem) return error.toReply(this.#options.switches.innerError);
      throw error;
    }
  }

  #route(request: ReceivedRequest): Reply {
    const { environmentID, tenant, authorization, rateLimiter } = this.#options;
    rateLimiter.admit();
    const actor = authorization.authenticate(request.headers.authorization);
    checkHeaders(request);
    const [, environment, id, secret] = ROUTE.exec(request.url.pathname) ?? [];
    if (environment !== environmentID) throw notFound();
    if (id === undefined) return this.#list(request, actor);
    if (!UUID.test(id)) throw invalidValue('applicationID', 'must be a UUID');
    const application = tenant.find(environmentID, id.toLowerCase());
    if (secret !== undefined) return this.#secretResource.handle(request, actor, application);
    requireMethod(request, ['GET']);
    requireNoBody(request);
    authorization.require('applications:read:application', actor);
    if (application === undefined) throw notFound();
    return { status: 200, json: this.#represent(application) };
  }

  #list(request: ReceivedRequest, actor: Application): Reply {
    const { environmentID, tenant, authorization, linkBase, pageSize } = this.#options;
    requireMethod(request, ['GET']);
    requireNoBody(request);
    authorization.require('applications:read:application', actor);
    const query = request.url.searchParams;
    for (const name of query.keys()) {
      if (name !== 'limit' && name !== 'cursor') throw invalidValue(name, 'unknown parameter');
    }
    const limit = Number(query.get('limit') ?? pageSize);
    if (!Number.isInteger(limit) || limit < 1) throw invalidValue('limit', 'must be positive');
    const applications = tenant.in(environmentID);
    const start = readCursor(query.get('cursor'), applications.length);
    const end = start + Math.min(limit, pageSize);
    const url = `${linkBase()}/v1/environments/${environmentID}/applications`;
    const more = end < applications.length;
    const next = `${url}?limit=${limit}&cursor=${writeCursor(end)}`;
    const embedded = applications.slice(start, end).map((each) => this.#represent(each));
    return {
      status: 200,
      json: {
        _links: { self: { href: url }, ...(more ? { next: { href: next } } : {}) },
        _embedded: { applications: embedded },
        count: embedded.length,
        size: embedded.length,
      },
    };
  }

  #represent(application: Application): Record<string, unknown> {
    const { id, name, protocol, type, tokenEndpointAuthMethod, grantTypes } = application;
    const { environmentID, linkBase, switches } = this.#options;
    const named = application.clientId !== undefined || switches.clientIdAlways;
    const environment = `${linkBase()}/v1/environments/${environmentID}`;
    return {
      _links: {
        self: { href: `${environment}/applications/${id}` },
        environment: { href: environment },
      },
      environment: { id: environmentID },
      id,
      name,
      enabled: true,
      protocol,
      type,
      ...(protocol !== 'OPENID_CONNECT'
        ? {}
        : {
            ...(tokenEndpointAuthMethod === null ? {} : { tokenEndpointAuthMethod, grantTypes }),
            ...(named ? { clientId: clientIDOf(application) } : {}),
          }),
    };
  }
}

function writeCursor(position: number): string {
  return Buffer.from(`position:${position}`).toString('base64url');
}

function readCursor(cursor: string | null, size: number): number {
  if (cursor === null) return 0;
  const text = Buffer.from(cursor, 'base64url').toString();
  const position = Number(/^position:(\d{1,9})$/.exec(text)?.[1]);
  if (position >= 0 && position <= size) return position;
  throw invalidValue('cursor', 'is not one of this collection');
}
