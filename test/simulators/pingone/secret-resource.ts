import type { Authorization } from './authorization.ts';
import type { Clock } from './clock.ts';
import type { ReceivedRequest, Reply } from './host.ts';
import type { Switches } from './options.ts';
import { invalidData, invalidValue, notFound, Problem } from './problem.ts';
import type { Secrets } from './secrets.ts';
import type { Application } from './tenant.ts';
import { requireMethod, requireNoBody } from './validation.ts';

const SHORTEST_SECONDS = 60;
const LONGEST_SECONDS = 30 * 24 * 60 * 60;
const DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;

export interface SecretResourceOptions {
  readonly environmentID: string;
  readonly authorization: Authorization;
  readonly clock: Clock;
  readonly switches: Switches;
  readonly linkBase: () => string;
}

/** `/environments/{environmentID}/applications/{applicationID}/secret`: GET, POST and DELETE. */
export class SecretResource {
  readonly #options: SecretResourceOptions;

  constructor(options: SecretResourceOptions) {
    this.#options = options;
  }

  handle(request: ReceivedRequest, actor: Application, target: Application | undefined): Reply {
    requireMethod(request, ['GET', 'POST', 'DELETE']);
    const { authorization } = this.#options;
    switch (request.method) {
      case 'POST':
        authorization.require('applications:update:secret', actor);
        return this.#rotate(request, this.#reachable(actor, target));
      case 'DELETE':
        authorization.require('applications:delete:secret', actor);
        requireNoBody(request);
        return this.#revokePrevious(this.#reachable(actor, target).secrets);
      default:
        authorization.require('applications:read:secret', actor);
        requireNoBody(request);
        return this.#represent(this.#reachable(actor, target));
    }
  }

  #reachable(actor: Application, target: Application | undefined): Application {
    if (target?.protocol !== 'OPENID_CONNECT') throw notFound();
    this.#options.authorization.requireReach(actor, target);
    const isPublic = target.tokenEndpointAuthMethod === 'NONE';
    if (isPublic && this.#options.switches.publicClientSecret === 'notFound') throw notFound();
    return target;
  }

  #rotate(request: ReceivedRequest, application: Application): Reply {
    const { clock, switches } = this.#options;
    const expiresAt = this.#readExpiry(request);
    const retained = application.secrets.previousAt(clock.now());
    if (retained !== undefined && switches.rotationOverPrevious === 'rejected') {
      const message = 'A previous secret is still valid.';
      throw invalidData([{ code: 'CONSTRAINT_VIOLATION', target: 'previous', message }]);
    }
    application.secrets.rotate(expiresAt);
    return this.#represent(application);
  }

  /** The body's `previous.expiresAt` in epoch milliseconds. */
  #readExpiry(request: ReceivedRequest): number | undefined {
    const type = request.headers['content-type'] ?? '';
    if (!/^application\/json(?:\s*;\s*charset=utf-8)?$/i.test(type)) {
      throw new Problem(415, 'INVALID_REQUEST', 'The content type is not supported.');
    }
    if (request.body === '') return undefined;
    const { previous, ...unknown } = asObject(parse(request.body), 'body');
    requireNone(unknown, 'body');
    if (previous === undefined) return undefined;
    const { expiresAt, ...readOnly } = asObject(previous, 'previous');
    requireNone(readOnly, 'previous');
    if (typeof expiresAt !== 'string' || !DATE_TIME.test(expiresAt)) {
      throw invalidValue('previous.expiresAt', 'must be a date and time');
    }
    return this.#within(Date.parse(expiresAt));
  }

  #within(expiresAt: number): number {
    const { clock, switches } = this.#options;
    const least = clock.now() + SHORTEST_SECONDS * 1000;
    const most = clock.now() + LONGEST_SECONDS * 1000;
    if (expiresAt >= least && expiresAt <= most) return expiresAt;
    if (switches.expiryOutOfRange === 'clamped' && Number.isFinite(expiresAt)) {
      return Math.min(Math.max(expiresAt, least), most);
    }
    throw invalidData([
      {
        code: 'INVALID_VALUE',
        target: 'previous.expiresAt',
        message: 'The value is out of range.',
        inner: { rangeMinimumValue: SHORTEST_SECONDS, rangeMaximumValue: LONGEST_SECONDS },
      },
    ]);
  }

  #revokePrevious(secrets: Secrets): Reply {
    const { clock, switches } = this.#options;
    const retained = secrets.previousAt(clock.now());
    if (retained === undefined && switches.deleteWithoutPrevious === 404) throw notFound();
    if (retained !== undefined) secrets.revokePrevious();
    return { status: 204 };
  }

  #represent({ id, secrets }: Application): Reply {
    const { environmentID, linkBase } = this.#options;
    const environment = `${linkBase()}/v1/environments/${environmentID}`;
    const application = `${environment}/applications/${id}`;
    const previous = this.#representPrevious(secrets);
    return {
      status: 200,
      json: {
        _links: {
          self: { href: `${application}/secret` },
          environment: { href: environment },
          application: { href: application },
        },
        environment: { id: environmentID },
        secret: secrets.current,
        ...(previous === undefined ? {} : { previous }),
      },
    };
  }

  #representPrevious({ slot }: Secrets): Record<string, unknown> | undefined {
    if (slot === undefined) return undefined;
    const expired = slot.expiresAt <= this.#options.clock.now();
    if (expired && this.#options.switches.expiredPrevious === 'absent') return undefined;
    return {
      ...(expired ? {} : { secret: slot.secret }),
      expiresAt: new Date(slot.expiresAt).toISOString(),
      ...(slot.lastUsed === undefined ? {} : { lastUsed: new Date(slot.lastUsed).toISOString() }),
    };
  }
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new Problem(400, 'INVALID_REQUEST', 'The body is not JSON.');
  }
}

function asObject(value: unknown, target: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw invalidValue(target, 'must be an object');
}

function requireNone(members: Record<string, unknown>, target: string): void {
  const [name] = Object.keys(members);
  if (name !== undefined) throw invalidValue(`${target}.${name}`, 'is unknown or read-only');
}
