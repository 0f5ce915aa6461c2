import { malformed, type Purpose } from '../answers.ts';
import type { PingOneConfig } from '../config.ts';
import { ProviderError } from '../provider-error.ts';
import type { PingOneApi } from './api.ts';
import {
  type Application,
  type ApplicationPage,
  parseApplication,
  parseApplicationPage,
} from './representations.ts';
import type { Timing } from './timing.ts';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const READING: Purpose = { operation: 'reading the application', hasEffect: false };
const LISTING: Purpose = { operation: 'listing the applications', hasEffect: false };
const PERMISSION = 'read applications (applications:read:application)';
const MOST_PAGES = 1000;
// How soon an application that stopped to be a confidential OIDC client is noticed while its
// secret can still be read.
const KEPT_MS = 60 * 60 * 1000;

/** Finds the applications of an environment by their OAuth client IDs. */
export class Applications {
  readonly #ownClientID: string;
  readonly #environmentID: string;
  readonly #api: PingOneApi;
  readonly #timing: Timing;
  readonly #kept = new Map<string, { readonly application: Application; readonly until: number }>();

  constructor(config: PingOneConfig, api: PingOneApi, timing: Timing) {
    this.#ownClientID = config.credentials.clientID;
    this.#environmentID = config.environmentID;
    this.#api = api;
    this.#timing = timing;
  }

  /**
   * The application with this client ID, as it was read within the last hour; it is an OIDC
   * application, a confidential client, and not the operator's own.
   *
   * @throws {ProviderError} ClientNotFound, NotOIDCApplication, NotConfidentialClient, OwnClient
   */
  async find(clientID: string, signal: AbortSignal): Promise<Application> {
    const kept = this.#kept.get(clientID);
    if (kept !== undefined && this.#timing.now() < kept.until) return kept.application;
    return await this.read(clientID, signal);
  }

  /** As {@link find}, but read now. */
  async read(clientID: string, signal: AbortSignal): Promise<Application> {
    if (clientID === this.#ownClientID) throw ownClient();
    const kept = this.#kept.get(clientID)?.application;
    const id = kept?.id ?? (UUID.test(clientID) ? clientID : undefined);
    const named = id === undefined ? undefined : await this.#readById(id, signal);
    if (named?.clientID !== clientID) this.#kept.delete(clientID);
    const application = named?.clientID === clientID ? named : await this.#search(clientID, signal);
    if (application === undefined) {
      throw new ProviderError(
        'ClientNotFound',
        named?.id === clientID
          ? 'this is the ID of an application whose client ID is another one'
          : 'no application of the environment has this client ID',
      );
    }
    const obstacle = obstacleTo(application, this.#ownClientID);
    if (obstacle !== undefined) throw obstacle;
    return application;
  }

  /** Reads one page of applications, to see that it is permitted. */
  async check(signal: AbortSignal): Promise<void> {
    await this.#readPage('?limit=1', signal);
  }

  async #readById(id: string, signal: AbortSignal): Promise<Application | undefined> {
    const response = await this.#api.send(
      {
        purpose: READING,
        method: 'GET',
        path: `/applications/${id}`,
        permission: PERMISSION,
        accept: [200, 404],
      },
      signal,
    );
    if (response.status === 404) return undefined;
    const application = parseApplication(response.body);
    if (application?.id !== id) throw malformed(READING);
    this.#keep(application);
    return application;
  }

  /** Goes through the pages, for an imported application's client ID is not its ID. */
  async #search(clientID: string, signal: AbortSignal): Promise<Application | undefined> {
    const seen = new Set<string>();
    for (let query: string | undefined = ''; query !== undefined; ) {
      if (seen.has(query) || seen.size === MOST_PAGES) throw malformed(LISTING);
      seen.add(query);
      const page: ApplicationPage = await this.#readPage(query, signal);
      for (const application of page.applications) this.#keep(application);
      const found = page.applications.find((application) => application.clientID === clientID);
      if (found !== undefined) return found;
      query = page.next === undefined ? undefined : this.#queryOf(page.next);
    }
    return undefined;
  }

  async #readPage(query: string, signal: AbortSignal): Promise<ApplicationPage> {
    const response = await this.#api.send(
      {
        purpose: LISTING,
        method: 'GET',
        path: `/applications${query}`,
        permission: PERMISSION,
        accept: [200],
      },
      signal,
    );
    const page = parseApplicationPage(response.body);
    if (page === undefined) throw malformed(LISTING);
    return page;
  }

  /**
   * The query of a link to the next page. Of the link nothing else is used, so that an answer
   * cannot send the token elsewhere, and so that a proxy in front of PingOne stays in use.
   */
  #queryOf(next: string): string {
    const path = `/environments/${encodeURIComponent(this.#environmentID)}/applications`;
    const url = URL.parse(next);
    if (url?.pathname.endsWith(path) !== true || url.search === '') throw malformed(LISTING);
    return url.search;
  }

  /** Only what can be managed is kept: what stands in the way of the rest may be put right soon. */
  #keep(application: Application): void {
    const { clientID } = application;
    if (obstacleTo(application, this.#ownClientID) !== undefined) this.#kept.delete(clientID);
    else this.#kept.set(clientID, { application, until: this.#timing.now() + KEPT_MS });
  }
}

/** Why the secret of an application cannot be managed; undefined where it can. */
function obstacleTo(application: Application, ownClientID: string): ProviderError | undefined {
  const { id, clientID, protocol, tokenEndpointAuthMethod } = application;
  if (id === ownClientID || clientID === ownClientID) return ownClient();
  if (protocol !== 'OPENID_CONNECT') {
    return new ProviderError(
      'NotOIDCApplication',
      'the application is no OIDC application: it has no client secret',
    );
  }
  switch (tokenEndpointAuthMethod) {
    case 'CLIENT_SECRET_BASIC':
    case 'CLIENT_SECRET_POST':
    case 'CLIENT_SECRET_JWT':
      return undefined;
    case 'PRIVATE_KEY_JWT':
      return new ProviderError(
        'NotConfidentialClient',
        'the application authenticates by a private key (PRIVATE_KEY_JWT), not by its client secret',
      );
    default:
      return new ProviderError(
        'NotConfidentialClient',
        'the application is a public client: it does not authenticate by a client secret',
      );
  }
}

function ownClient(): ProviderError {
  return new ProviderError(
    'OwnClient',
    "this is the operator's own client, which is never managed",
  );
}
