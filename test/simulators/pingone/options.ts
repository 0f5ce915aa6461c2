import type { Clock } from './clock.ts';

/**
 * What is not documented, or only inferred, each switchable between the ways that PingOne may turn
 * out to behave. README.md says why each is open.
 */
export interface Switches {
  /** DELETE on a secret where no previous one is retained. */
  readonly deleteWithoutPrevious: 204 | 404;
  /** POST on a secret while a previous one is valid. */
  readonly rotationOverPrevious: 'evicts' | 'rejected';
  /** An `expiresAt` that is not 1 minute to 30 days ahead. */
  readonly expiryOutOfRange: 'rejected' | 'clamped';
  /** What is left in an answer of a previous secret that has expired. */
  readonly expiredPrevious: 'absent' | 'withoutSecret';
  /** GET on the secret of a public client. */
  readonly publicClientSecret: 'readable' | 'notFound';
  /** The message of a 403 for a permission that the worker lacks for good. */
  readonly denial: 'likePermissionLag' | 'accessFailed';
  /** How the error details' inner error is spelled. */
  readonly innerError: 'innerError' | 'innererror';
  /** Whether an application that was not imported tells a `clientId` equal to its `id`. */
  readonly clientIdAlways: boolean;
}

/** The ways that seem the likeliest. */
export const LIKELY_SWITCHES: Switches = {
  deleteWithoutPrevious: 204,
  rotationOverPrevious: 'evicts',
  expiryOutOfRange: 'rejected',
  expiredPrevious: 'absent',
  publicClientSecret: 'readable',
  denial: 'likePermissionLag',
  innerError: 'innerError',
  clientIdAlways: false,
};

/** The other way for each. */
export const OTHER_SWITCHES: Switches = {
  deleteWithoutPrevious: 404,
  rotationOverPrevious: 'rejected',
  expiryOutOfRange: 'clamped',
  expiredPrevious: 'withoutSecret',
  publicClientSecret: 'notFound',
  denial: 'accessFailed',
  innerError: 'innererror',
  clientIdAlways: true,
};

export interface RateLimit {
  readonly requests: number;
  readonly windowMs: number;
}

export interface SimulatorOptions {
  /** Default: this process's clock. */
  readonly clock?: Clock;
  /** Default: {@link LIKELY_SWITCHES}. */
  readonly switches?: Partial<Switches>;
  /** Of the management API; default 210 a minute: 35% of the configuration group's 600. */
  readonly rateLimit?: RateLimit | 'none';
  /** The most applications in a page; default 100. */
  readonly pageSize?: number;
  /** Whether the worker application lives in another environment than what it manages. */
  readonly separateWorkerEnvironment?: boolean;
  readonly workerAuthMethod?: 'CLIENT_SECRET_BASIC' | 'CLIENT_SECRET_POST';
  /** Default 3600. */
  readonly tokenLifetimeSeconds?: number;
  /** Where `_links` point, as behind a proxy; default: the server itself. */
  readonly linkBase?: string;
  /** Serve HTTPS with this certificate and key, both in PEM. */
  readonly tls?: { readonly certificate: string; readonly key: string };
}
