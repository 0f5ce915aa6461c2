import { isNotFound } from './api-error.ts';
import { isJsonObject, type JsonObject, numberAt, objectAt, stringAt } from './json.ts';
import { resourcePath } from './resource.ts';
import type { ApiRequest, Transport } from './transport.ts';

/** What a Lease says about its holder. */
export interface LeaseRecord {
  /** Empty where it was released. */
  holder: string;
  durationMs: number;
  transitions: number;
  /** MicroTime, as `renewTime` is. */
  acquireTime: string;
  renewTime: string;
}

export function leaseRecordOf(lease: unknown): LeaseRecord {
  const spec = objectAt(lease, 'spec');
  return {
    holder: stringAt(spec, 'holderIdentity') ?? '',
    durationMs: (numberAt(spec, 'leaseDurationSeconds') ?? 0) * 1000,
    transitions: numberAt(spec, 'leaseTransitions') ?? 0,
    acquireTime: stringAt(spec, 'acquireTime') ?? '',
    renewTime: stringAt(spec, 'renewTime') ?? '',
  };
}

export function isSameRecord(a: LeaseRecord, b: LeaseRecord | undefined): boolean {
  return (
    a.holder === b?.holder &&
    a.durationMs === b.durationMs &&
    a.transitions === b.transitions &&
    a.acquireTime === b.acquireTime &&
    a.renewTime === b.renewTime
  );
}

const LEASES = {
  group: 'coordination.k8s.io',
  version: 'v1',
  plural: 'leases',
  namespaced: true,
};

/** Reads and writes one Lease; each method rejects with ApiError or NetworkError. */
export class LeaseClient {
  readonly #options: { transport: Transport; namespace: string; name: string; timeoutMs: number };

  constructor(options: {
    transport: Transport;
    namespace: string;
    name: string;
    timeoutMs: number;
  }) {
    this.#options = options;
  }

  /** The Lease as it is; undefined where there is none. */
  async read(): Promise<JsonObject | undefined> {
    try {
      return await this.#request({ method: 'GET', path: resourcePath(LEASES, this.#options) });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /**
   * Puts a record into `lease`, whose resourceVersion is the precondition, leaving the rest of it
   * as it is; creates a Lease where `lease` is undefined.
   */
  write(lease: JsonObject | undefined, record: LeaseRecord): Promise<JsonObject> {
    const { namespace, name } = this.#options;
    const spec = {
      ...objectAt(lease, 'spec'),
      holderIdentity: record.holder,
      leaseDurationSeconds: Math.ceil(record.durationMs / 1000),
      leaseTransitions: record.transitions,
      acquireTime: record.acquireTime,
      renewTime: record.renewTime,
    };
    if (lease !== undefined) {
      const path = resourcePath(LEASES, { namespace, name });
      return this.#request({ method: 'PUT', path, body: { ...lease, spec } });
    }
    const body = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name, namespace },
      spec,
    };
    return this.#request({ method: 'POST', path: resourcePath(LEASES, { namespace }), body });
  }

  async #request(request: ApiRequest): Promise<JsonObject> {
    const { transport, timeoutMs } = this.#options;
    const answer = await transport.request({ ...request, timeoutMs });
    return isJsonObject(answer) ? answer : {};
  }
}
