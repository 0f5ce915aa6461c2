import type { Switches } from './options.ts';
import { Problem } from './problem.ts';
import type { Application, Permission, Tenant } from './tenant.ts';

const LAG_MESSAGE = 'The actor attempting to perform the request is not authorized.';
const ACCESS_FAILED_MESSAGE =
  'The request could not be completed. You do not have access to this resource.';

/** Who may do what by the management API. */
export class Authorization {
  readonly #tenant: Tenant;
  readonly #worker: Application;
  readonly #switches: Switches;
  readonly #denied = new Set<Permission>();
  #lag = 0;

  constructor(tenant: Tenant, worker: Application, switches: Switches) {
    this.#tenant = tenant;
    this.#worker = worker;
    this.#switches = switches;
  }

  deny(permission: Permission): void {
    this.#denied.add(permission);
  }

  allow(permission: Permission): void {
    this.#denied.delete(permission);
  }

  /** The worker's permissions will not have propagated for the next `requests` requests. */
  lag(requests: number): void {
    this.#lag = requests;
  }

  /** @throws {Problem} 401 */
  authenticate(header: string | undefined): Application {
    const token = /^Bearer (\S+)$/.exec(header ?? '')?.[1];
    const actor = token === undefined ? undefined : this.#tenant.actorOf(token);
    if (actor !== undefined) return actor;
    throw new Problem(401, 'INVALID_TOKEN', 'The access token is missing, invalid or expired.');
  }

  /** @throws {Problem} 403 */
  require(permission: Permission, actor: Application): void {
    if (this.#lag > 0) {
      this.#lag -= 1;
      throw denial(LAG_MESSAGE);
    }
    if (actor === this.#worker && !this.#denied.has(permission)) return;
    const { denial: kind } = this.#switches;
    throw denial(kind === 'likePermissionLag' ? LAG_MESSAGE : ACCESS_FAILED_MESSAGE);
  }

  /** @throws {Problem} 403 for the actor's own secret, and where the target's roles are more */
  requireReach(actor: Application, target: Application): void {
    if (actor !== target && !target.moreRoles) return;
    throw denial(ACCESS_FAILED_MESSAGE);
  }
}

function denial(message: string): Problem {
  return new Problem(403, 'ACCESS_FAILED', message, [
    { code: 'INSUFFICIENT_PERMISSIONS', message: 'Insufficient permissions.' },
  ]);
}
