import { createHash } from 'node:crypto';
import type { RequestOptions } from 'node:https';
import { createSecureContext } from 'node:tls';
import { KubeConfig } from '@kubernetes/client-node';

/** The TLS part of the credentials, as node:tls takes it. */
export type TlsOptions = Pick<
  RequestOptions,
  'ca' | 'cert' | 'key' | 'pfx' | 'passphrase' | 'servername' | 'rejectUnauthorized'
>;

/** What the current context of a kubeconfig says about reaching and convincing the API server. */
export interface Credentials {
  /** Scheme, host and port. */
  origin: string;
  /** Path prefix of the API, without a trailing slash. */
  basePath: string;
  proxyUrl: string | undefined;
  tls: TlsOptions;
  /** Header names and values in turn: authorization, impersonation. */
  headers: readonly string[];
  /** Equal where the same connections may be used. */
  connectionKey: string;
}

/**
 * Reads the credentials from a KubeConfig: files, tokens and plugins go through it, with its
 * caches. `fresh` bypasses those (a token that was just refused must not come from there).
 * Throws an Error whose message holds nothing that a plugin printed to its standard output.
 */
export class CredentialSource {
  #config: KubeConfig;

  constructor(config: KubeConfig) {
    this.#config = config;
  }

  async load(fresh: boolean): Promise<Credentials> {
    const cluster = this.#config.getCurrentCluster();
    if (cluster === null) throw new Error('the kubeconfig has no current cluster');
    // The token and plugin caches live in a KubeConfig: a copy starts with empty ones.
    if (fresh) this.#config = copyOf(this.#config);
    const options: RequestOptions = {};
    try {
      await this.#config.applyToHTTPSOptions(options);
    } catch (error) {
      throw new Error(`cannot obtain the cluster credentials: ${describe(error)}`);
    }
    const tls = tlsOptionsOf(options);
    const headers = headersOf(options);
    if (this.#isPromised() && tls.cert === undefined && !headers.includes('authorization')) {
      // Its caches would give the same again.
      this.#config = copyOf(this.#config);
      throw new Error('the token file or plugin gave no cluster credentials');
    }
    // A certificate read between the two renames of a rotation does not match its key.
    createSecureContext(tls);
    const server = new URL(cluster.server);
    const { proxyUrl } = cluster;
    const key = JSON.stringify([server.origin, proxyUrl, Object.entries(tls).map(String)]);
    return {
      origin: server.origin,
      basePath: server.pathname.replace(/\/+$/, ''),
      proxyUrl,
      tls,
      headers,
      connectionKey: createHash('sha256').update(key).digest('base64'),
    };
  }

  /** Whether without credentials something is wrong: nobody means to be anonymous then. */
  #isPromised(): boolean {
    const user = this.#config.getCurrentUser();
    return Boolean(user?.authProvider ?? user?.exec);
  }
}

function copyOf(config: KubeConfig): KubeConfig {
  const copy = new KubeConfig();
  copy.loadFromOptions({
    clusters: config.getClusters(),
    users: config.getUsers(),
    contexts: config.getContexts(),
    currentContext: config.getCurrentContext(),
  });
  return copy;
}

function tlsOptionsOf(options: RequestOptions): TlsOptions {
  const { ca, cert, key, pfx, passphrase, servername, rejectUnauthorized } = options;
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(pfx !== undefined && { pfx }),
    ...(passphrase !== undefined && { passphrase }),
    ...(servername !== undefined && { servername }),
    ...(rejectUnauthorized !== undefined && { rejectUnauthorized }),
  };
}

function headersOf(options: RequestOptions): string[] {
  const headers: string[] = [];
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    // A token file may end with a newline, which no header value may hold.
    const text = String(value ?? '').trim();
    // What an empty one leaves is the scheme alone.
    if (text !== '' && text !== 'Bearer') headers.push(name.toLowerCase(), text);
  }
  if (typeof options.auth === 'string' && !headers.includes('authorization')) {
    headers.push('authorization', `Basic ${Buffer.from(options.auth).toString('base64')}`);
  }
  return headers;
}

/** A SyntaxError quotes what a plugin printed, which may be the token itself. */
function describe(error: unknown): string {
  if (!(error instanceof Error) || error instanceof SyntaxError) return 'malformed answer';
  return error.message.trim().split('\n', 1).join('').slice(0, 200);
}
