import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { Adapter } from 'oidc-provider';
// Not from the package's entry, which prints a warning on any Node release that is not an LTS one.
import { Provider } from 'oidc-provider/lib/provider.js';
import { SecretValue } from '../../src/api/secret-value.ts';
import { type Clients, type ClientsOptions, watchClients } from './clients.ts';

/** An OIDC server on 127.0.0.1 that runs in this process. */
export interface OidcServer {
  /** The issuer URL, without a trailing slash. */
  readonly issuer: string;
  /** Whether a backing Secret with this client ID has been seen, and not yet seen to go. */
  knows(clientID: string): boolean;
  stop(): Promise<void>;
}

/**
 * Starts an OIDC server whose clients are the backing Secrets of a cluster. It issues access tokens
 * (client_credentials, JWT) and keeps nothing. Rejects if it cannot list the Secrets within 30 s.
 */
export async function startOidcServer(options: ClientsOptions): Promise<OidcServer> {
  const clients = await watchClients(options);
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${portOf(server)}`;
  server.on('request', createProvider(issuer, clients).callback());
  return {
    issuer,
    knows: clients.has,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
      await clients.close();
    },
  };
}

function createProvider(issuer: string, clients: Clients): Provider {
  const provider = new Provider(issuer, {
    adapter: (model) => (model === 'Client' ? { ...unused, find: describe } : unused),
    clientAuthMethods: ['client_secret_basic', 'client_secret_post'],
    clientDefaults: { id_token_signed_response_alg: signing.alg },
    enabledJWA: { idTokenSigningAlgValues: [signing.alg] },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => issuer,
        getResourceServerInfo: () => ({
          scope: '',
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: signing.alg } },
        }),
      },
    },
    jwks: { keys: [signingKey()] },
    ttl: { ClientCredentials: tokenSeconds },
  });
  provider.Client.prototype.compareClientSecret = function (actual) {
    return clients.accepts(this.clientId, SecretValue.fromText(actual));
  };
  return provider;

  async function describe(clientID: string) {
    if (!clients.has(clientID)) return undefined;
    return {
      client_id: clientID,
      // Never compared, but a client with client_secret_basic must have one.
      client_secret: placeholder,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
    };
  }
}

const signing = { alg: 'ES256', namedCurve: 'P-256' } as const;
const tokenSeconds = 600;
const placeholder = randomUUID();

function signingKey() {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: signing.namedCurve });
  return { ...privateKey.export({ format: 'jwk' }), alg: signing.alg, use: 'sig' };
}

const keepsNothing = async () => {
  throw new Error('this OIDC server keeps nothing');
};

const unused: Adapter = {
  upsert: keepsNothing,
  find: keepsNothing,
  findByUserCode: keepsNothing,
  findByUid: keepsNothing,
  consume: keepsNothing,
  destroy: keepsNothing,
  revokeByGrantId: keepsNothing,
};

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on a port');
  return address.port;
}
