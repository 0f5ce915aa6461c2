import { mergePatch } from '../../api/merge-patch.ts';
import type { Condition } from '../../api/oidcprovider.gen.ts';
import type { ResourceClient } from '../../kubernetes/client.ts';
import type { Clock } from '../../kubernetes/clock.ts';
import type { Outcome } from '../../kubernetes/workers.ts';
import { ProviderError } from '../../providers/provider-error.ts';
import type { GuardedProvider } from './access.ts';
import { backendOf, ownBackendOf, resyncIntervalOf } from './configure.ts';
import type { CredentialsWatch } from './credentials.ts';
import type { ProviderDirectory } from './directory.ts';
import { guard } from './guard.ts';
import type { Link, Links } from './links.ts';
import { prepare } from './prepare.ts';
import type { Registry } from './registry.ts';
import type { ProviderKind, ProviderObject } from './resources.ts';
import type { Standing } from './standings.ts';
import { type Found, type Problem, statusOf, wasServed } from './status.ts';

export interface ProviderReconcilerOptions {
  readonly directory: ProviderDirectory;
  readonly registry: Registry;
  readonly credentials: CredentialsWatch;
  readonly links: Links;
  /** Where the credentials of a ClusterOIDCProvider are; undefined where that is not known. */
  readonly operatorNamespace: string | undefined;
  readonly clients: Readonly<Record<ProviderKind, ResourceClient<ProviderObject>>>;
  readonly clock: Clock;
  /** Whether this process may still change anything at a provider. */
  readonly mayAct: () => boolean;
  /** Told of a condition that has come to say something else. */
  readonly announce: (object: ProviderObject, condition: Condition) => void;
  /** Told of a provider that is not there any more. */
  readonly gone: (provider: string) => void;
  /** Has the provider looked at again now. */
  readonly wake: (key: string) => void;
}

/** A check that failed, and that is repeated. */
export class CheckFailure extends Error {
  override readonly name = 'CheckFailure';
  readonly retryAfterMs: number | undefined;

  constructor({ reason, message, retryAfterMs }: ProviderError) {
    super(`${reason}: ${message}`);
    this.retryAfterMs = retryAfterMs;
  }
}

// Applications of many are not read, nor is one checked, at the same moments.
const JITTER = 0.1;

/** Connects to providers, checks them, and tells what came of it. */
export class ProviderReconciler {
  readonly #o: ProviderReconcilerOptions;

  constructor(options: ProviderReconcilerOptions) {
    this.#o = options;
  }

  /** @throws {CheckFailure} after it was told */
  async reconcile(key: string, signal: AbortSignal): Promise<Outcome> {
    const { directory, registry, credentials, links, operatorNamespace } = this.#o;
    const object = directory.get(key);
    if (object === undefined) {
      credentials.use(key, undefined);
      links.disconnect(key);
      registry.set(key, undefined);
      this.#o.gone(key);
      return {};
    }
    const preparation = prepare(object, key, credentials, operatorNamespace);
    if (preparation.kind === 'unread') return {};
    if (preparation.kind === 'problem') {
      links.disconnect(key);
      await this.#tell(key, object, undefined, preparation.problem);
      return {};
    }
    const link = links.connect(key, preparation.config);
    link.intervalMs = resyncIntervalOf(object.spec);
    if (link.found === undefined && link.problem === undefined) {
      registry.set(key, { object, standing: { kind: 'pending' } });
    }
    const failure = await this.#check(link, signal);
    await this.#tell(key, object, link, link.problem);
    if (failure !== undefined) throw new CheckFailure(failure);
    return { withinMs: this.#untilDue(link) * (1 + JITTER * Math.random()) };
  }

  /** Checks where it is due, and notes what came of it. */
  async #check(link: Link, signal: AbortSignal): Promise<ProviderError | undefined> {
    const { connection, problem } = link;
    if (problem === undefined && this.#untilDue(link) > 0) return undefined;
    try {
      const { issuer } = await connection.check(signal);
      link.found = { issuer, capabilities: connection.capabilities };
      link.problem = undefined;
      link.checkedAt = this.#o.clock.monotonic();
      return undefined;
    } catch (error) {
      if (!(error instanceof ProviderError) || signal.aborted) throw error;
      const { reason, message } = error;
      // A limited rate says nothing against a provider that was in order.
      if (reason !== 'RateLimited' || link.found === undefined) link.problem = { reason, message };
      // While it cannot be reached, each call tells so itself; where it refuses, none is made.
      if (reason !== 'RateLimited' && reason !== 'ProviderUnavailable') link.found = undefined;
      return error;
    }
  }

  async #tell(
    key: string,
    object: ProviderObject,
    link: Link | undefined,
    problem: Problem | undefined,
  ): Promise<void> {
    const { registry, directory, clients, clock, announce } = this.#o;
    registry.set(key, { object, standing: this.#standing(key, object, link, problem) });
    const status = statusOf(object, link?.found, problem, clock.now());
    const patch = mergePatch(object.status, status);
    if (patch === undefined) return;
    const { uid, resourceVersion } = object.metadata;
    await directory.write(object, () =>
      clients[object.kind].mergePatch(
        object.metadata,
        { metadata: { uid, resourceVersion }, status: patch },
        { subresource: 'status' },
      ),
    );
    const [before, after] = [object.status.conditions?.[0], status.conditions?.[0]];
    if (after !== undefined && before?.reason !== after.reason) announce(object, after);
  }

  #standing(
    key: string,
    object: ProviderObject,
    link: Link | undefined,
    problem: Problem | undefined,
  ): Standing {
    if (link?.found === undefined) {
      const reason = problem?.reason ?? 'ProviderUnavailable';
      return { kind: 'failed', reason, served: wasServed(object) };
    }
    const { config } = link.connection;
    if (link.guarded?.issuer !== link.found.issuer) {
      link.guarded = this.#guard(key, object, link, link.found);
    }
    const { clientID } = config.credentials;
    return {
      kind: 'ready',
      provider: link.guarded,
      ownClient: { backend: ownBackendOf(config), clientID },
    };
  }

  #guard(key: string, { spec }: ProviderObject, link: Link, { issuer }: Found): GuardedProvider {
    const { registry, mayAct, wake } = this.#o;
    const { requestsPerSecond } = link.connection.config;
    return guard(
      link.connection,
      {
        key,
        issuer,
        backend: backendOf(spec),
        // However many clients there are, reading them takes half of the rate at most.
        resyncIntervalMs: () =>
          Math.max(link.intervalMs, (2000 * registry.applicationsAt(key)) / requestsPerSecond),
      },
      {
        mayAct,
        onOpened: () => {
          link.checkedAt = Number.NEGATIVE_INFINITY;
          wake(key);
        },
      },
    );
  }

  #untilDue({ checkedAt, intervalMs }: Link): number {
    return checkedAt + intervalMs - this.#o.clock.monotonic();
  }
}
