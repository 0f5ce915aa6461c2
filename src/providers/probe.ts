import { randomBytes } from 'node:crypto';
import { SecretValue } from '../api/secret-value.ts';
import { parseJson, stringsAt } from '../kubernetes/json.ts';
import { errorCode, failure, malformed, type Purpose, send } from './answers.ts';
import { type AuthMethod, authenticatedForm } from './client-authentication.ts';
import { endpointAt } from './discovery.ts';
import type { HttpClient, HttpResponse } from './http.ts';
import type { ProbeResult } from './port.ts';
import { ProviderError } from './provider-error.ts';

export interface ProbeConfig {
  /** The issuer, below which its discovery document is. */
  readonly issuer: string;
  readonly http: HttpClient;
}

/** Which client's secret is in question. */
export interface ProbeSubject {
  readonly clientID: string;
  readonly candidate: SecretValue;
  /**
   * Another secret that is known to work. Where there is none, a candidate can be found `accepted`,
   * but never `rejected`.
   */
  readonly reference: SecretValue | undefined;
  /** Undefined where it is not known: what the server supports is tried. */
  readonly authMethod?: AuthMethod | undefined;
}

export type ProbeAnswer =
  | { readonly result: Exclude<ProbeResult, 'unknown'> }
  | {
      readonly result: 'unknown';
      readonly reason: string;
      /** It is worth asking again: the server gave no answer, or not now. */
      readonly passing?: true;
    };

/** Asks an authorization server whether a client secret works, without an effect there. */
export interface Probe {
  /** Never rejects: what cannot be told is `unknown`, with a reason that holds no secret. */
  test(subject: ProbeSubject, signal: AbortSignal): Promise<ProbeAnswer>;
}

/** A request that authenticates the client and otherwise asks for nothing that exists. */
interface Question {
  readonly url: string;
  readonly method: AuthMethod;
  readonly fields: Readonly<Record<string, string>>;
}

interface Server {
  readonly tokenEndpoint: string;
  readonly introspectionEndpoint: string | undefined;
  readonly methods: readonly AuthMethod[];
}

const PROBING: Purpose = { operation: 'probing the client secret', hasEffect: false };
const DISCOVERY: Purpose = { operation: 'reading the discovery document', hasEffect: false };
const DISCOVERY_MAX_AGE_MS = 10 * 60 * 1000;
const authMethods: readonly AuthMethod[] = ['client_secret_basic', 'client_secret_post'];

/**
 * A differential probe: the same harmless request with a made-up secret, with one that works, and
 * with the one in question. It tells something only where the first two are answered differently.
 * Never client_credentials, which issues tokens, or answers both alike (Keycloak, for a client
 * without a service account).
 */
export function createProbe({ issuer, http }: ProbeConfig): Probe {
  let known: { readonly server: Server; readonly until: number } | undefined;

  async function server(signal: AbortSignal): Promise<Server> {
    if (known !== undefined && performance.now() < known.until) return known.server;
    const discovered = await discover(http, issuer, signal);
    known = { server: discovered, until: performance.now() + DISCOVERY_MAX_AGE_MS };
    return discovered;
  }

  async function ask(
    { url, method, fields }: Question,
    clientID: string,
    clientSecret: SecretValue,
    signal: AbortSignal,
  ): Promise<string> {
    const form = authenticatedForm(method, { clientID, clientSecret }, fields);
    const response = await send(http, PROBING, { ...form, url, signal });
    if (!isVerdict(response)) throw failure(PROBING, response, 'ProviderRejected');
    return `${response.status} ${errorCode(response) ?? ''}`;
  }

  async function compare(subject: ProbeSubject, signal: AbortSignal): Promise<ProbeAnswer> {
    const { clientID, candidate, reference, authMethod } = subject;
    for (const question of questions(await server(signal), authMethod)) {
      const wrong = await ask(question, clientID, madeUpSecret(), signal);
      if (reference === undefined) {
        const answer = await ask(question, clientID, candidate, signal);
        if (answer !== wrong && !answer.startsWith('401')) return { result: 'accepted' };
        continue;
      }
      const right = await ask(question, clientID, reference, signal);
      if (wrong === right) continue;
      const answer = await ask(question, clientID, candidate, signal);
      if (answer === wrong) return { result: 'rejected' };
      if (answer === right) return { result: 'accepted' };
      return unknown('the server answers it neither as a working secret nor as a made-up one');
    }
    return unknown('the server does not answer it otherwise than a made-up secret');
  }

  return {
    async test(subject, signal) {
      try {
        return await compare(subject, signal);
      } catch (error) {
        if (error instanceof ProviderError) return untold(error);
        throw error;
      }
    },
  };
}

async function discover(http: HttpClient, issuer: string, signal: AbortSignal): Promise<Server> {
  const url = `${issuer.replace(/\/+$/, '')}/.well-known/openid-configuration`;
  const response = await send(http, DISCOVERY, { method: 'GET', url, signal });
  if (response.status !== 200) throw failure(DISCOVERY, response, 'ProviderRejected');
  const document = parseJson(response.body);
  const endpoint = (key: string) => {
    const value = endpointAt(document, key);
    // A secret that was asked about over TLS does not go anywhere else.
    const downgraded = issuer.startsWith('https:') && value?.startsWith('https:') !== true;
    return downgraded ? undefined : value;
  };
  const tokenEndpoint = endpoint('token_endpoint');
  if (tokenEndpoint === undefined) throw malformed(DISCOVERY);
  const supported = stringsAt(document, 'token_endpoint_auth_methods_supported');
  const methods = authMethods.filter((method) => supported.includes(method));
  return {
    tokenEndpoint,
    introspectionEndpoint: endpoint('introspection_endpoint'),
    // OpenID Connect Discovery, section 3: absent, it is client_secret_basic.
    methods: supported.length === 0 ? ['client_secret_basic'] : methods,
  };
}

function questions(server: Server, authMethod: AuthMethod | undefined): readonly Question[] {
  const { tokenEndpoint, introspectionEndpoint } = server;
  const methods = authMethod === undefined ? server.methods : [authMethod];
  const token = randomBytes(32).toString('base64url');
  const refresh = methods.map((method) => ({
    url: tokenEndpoint,
    method,
    fields: { grant_type: 'refresh_token', refresh_token: token },
  }));
  if (introspectionEndpoint === undefined) return refresh;
  const introspect = methods.map((method) => ({
    url: introspectionEndpoint,
    method,
    fields: { token },
  }));
  return [...refresh, ...introspect];
}

/** An answer about the request itself, not about the server's state or somebody in between. */
function isVerdict({ status }: HttpResponse): boolean {
  return status === 200 || status === 400 || status === 401 || status === 403;
}

/** As long as a generated one, in an alphabet that needs no encoding. */
function madeUpSecret(): SecretValue {
  return SecretValue.fromText(randomBytes(32).toString('base64url'));
}

function untold({ reason, message }: ProviderError): ProbeAnswer {
  const passes = reason === 'ProviderUnavailable' || reason === 'RateLimited';
  return { result: 'unknown', reason: message, ...(passes && { passing: true }) };
}

function unknown(reason: string): ProbeAnswer {
  return { result: 'unknown', reason };
}
