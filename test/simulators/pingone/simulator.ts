import { randomUUID } from 'node:crypto';
import { Authorization } from './authorization.ts';
import { AuthorizationServer } from './authorization-server.ts';
import { Faults } from './faults.ts';
import { type RecordedRequest, startHost } from './host.ts';
import { ManagementApi } from './management-api.ts';
import { LIKELY_SWITCHES, type SimulatorOptions } from './options.ts';
import { RateLimiter } from './rate-limit.ts';
import {
  type Application,
  type ApplicationSpec,
  clientIDOf,
  type Permission,
  Tenant,
} from './tenant.ts';

const DEFAULT_RATE_LIMIT = { requests: 210, windowMs: 60_000 };

/** An application as its owner knows it. */
export interface KnownApplication {
  readonly id: string;
  readonly clientID: string;
}

/** The truth about an application's secrets at the simulator's time. */
export interface KnownSecrets {
  readonly current: string;
  readonly previous:
    | { readonly secret: string; readonly expiresAt: number; readonly lastUsed: number | undefined }
    | undefined;
}

/** PingOne on loopback: the management API, and the authorization server. */
export interface PingOneSimulator {
  readonly apiURL: string;
  readonly authURL: string;
  readonly environmentID: string;
  readonly workerEnvironmentID: string;
  /** The operator's own client. */
  readonly worker: { readonly clientID: string; readonly clientSecret: string };
  /** All that was received, the oldest first. */
  readonly requests: readonly RecordedRequest[];
  readonly faults: Faults;
  addApplication(spec?: ApplicationSpec): KnownApplication;
  removeApplication(id: string): void;
  secretsOf(id: string): KnownSecrets;
  /** Somebody rotates in the console; `retainUntil` in epoch milliseconds. */
  rotateByHand(id: string, retainUntil?: number): void;
  /** Somebody revokes the previous secret in the console. */
  revokeByHand(id: string): void;
  deny(permission: Permission): void;
  allow(permission: Permission): void;
  /** The worker's permissions will not have propagated for the next `requests` requests. */
  lagPermissions(requests: number): void;
  /** Ends all access tokens now. */
  dropTokens(): void;
  /** Whether a revoked secret goes on being accepted at the token endpoint, although it is not shown. */
  letRevokedLinger(linger: boolean): void;
  /** Whether the token endpoint does not accept yet what a rotation has made. */
  letNewLag(lag: boolean): void;
  stop(): Promise<void>;
}

/** Starts a simulator of one PingOne environment; README.md has the source of each behaviour. */
export async function startPingOneSimulator(
  options: SimulatorOptions = {},
): Promise<PingOneSimulator> {
  const { clock = { now: () => Date.now() }, tls, pageSize = 100 } = options;
  const switches = { ...LIKELY_SWITCHES, ...options.switches };
  const environmentID = randomUUID();
  const workerEnvironmentID = options.separateWorkerEnvironment ? randomUUID() : environmentID;
  const tenant = new Tenant(clock);
  const worker = tenant.add(workerEnvironmentID, {
    name: 'worker',
    type: 'WORKER',
    tokenEndpointAuthMethod: options.workerAuthMethod ?? 'CLIENT_SECRET_BASIC',
  });
  tenant.add(environmentID, {
    name: 'PingOne Application Portal',
    type: 'PING_ONE_PORTAL',
    tokenEndpointAuthMethod: null,
  });
  const authorization = new Authorization(tenant, worker, switches);
  const faults = new Faults();
  const requests: RecordedRequest[] = [];
  const record = (request: RecordedRequest) => void requests.push(request);
  let linger = false;
  let lag = false;

  const managementApi = new ManagementApi({
    environmentID,
    tenant,
    authorization,
    rateLimiter: new RateLimiter(options.rateLimit ?? DEFAULT_RATE_LIMIT, clock),
    clock,
    switches,
    pageSize,
    linkBase: () => options.linkBase ?? api.url,
  });
  const authorizationServer = new AuthorizationServer({
    tenant,
    environmentIDs: [environmentID, workerEnvironmentID],
    clock,
    tokenLifetimeSeconds: options.tokenLifetimeSeconds ?? 3600,
    url: () => auth.url,
    revokedLinger: () => linger,
    newLag: () => lag,
  });
  const shared = { tls, clock, faults, record };
  const api = await startHost({
    ...shared,
    name: 'api',
    handle: (request) => managementApi.handle(request),
  });
  const auth = await startHost({
    ...shared,
    name: 'auth',
    handle: (request) => authorizationServer.handle(request),
  });

  const known = (id: string): Application => {
    const application = tenant.find(environmentID, id);
    if (application === undefined) throw new Error(`there is no application ${id}`);
    return application;
  };

  return {
    apiURL: api.url,
    authURL: auth.url,
    environmentID,
    workerEnvironmentID,
    worker: { clientID: worker.id, clientSecret: worker.secrets.current },
    requests,
    faults,
    addApplication(spec = {}) {
      const application = tenant.add(environmentID, spec);
      return { id: application.id, clientID: clientIDOf(application) };
    },
    removeApplication: (id) => tenant.remove(id),
    secretsOf(id) {
      const { secrets } = known(id);
      const previous = secrets.previousAt(clock.now());
      return { current: secrets.current, previous: previous && { ...previous } };
    },
    rotateByHand: (id, retainUntil) => known(id).secrets.rotate(retainUntil),
    revokeByHand: (id) => known(id).secrets.revokePrevious(),
    deny: (permission) => authorization.deny(permission),
    allow: (permission) => authorization.allow(permission),
    lagPermissions: (count) => authorization.lag(count),
    dropTokens: () => tenant.dropTokens(),
    letRevokedLinger: (on) => {
      linger = on;
    },
    letNewLag: (on) => {
      lag = on;
    },
    async stop() {
      await Promise.all([api.stop(), auth.stop()]);
    },
  };
}
