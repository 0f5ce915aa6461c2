import { isNotFound } from './api-error.ts';
import { arrayAt, objectAt, stringAt } from './json.ts';
import type { KubernetesObject, ObjectRef, Resource } from './resource.ts';
import { resourcePath } from './resource.ts';
import type { Transport } from './transport.ts';

const PAGE_SIZE = 500;

/** Typed requests for one resource; each method rejects with ApiError or NetworkError. */
export class ResourceClient<T extends KubernetesObject> {
  readonly #transport: Transport;
  readonly #resource: Resource<T>;
  readonly #writeQuery: Readonly<Record<string, string>>;

  constructor(transport: Transport, resource: Resource<T>, options?: { fieldManager?: string }) {
    this.#transport = transport;
    this.#resource = resource;
    const fieldManager = options?.fieldManager;
    this.#writeQuery = fieldManager === undefined ? {} : { fieldManager };
  }

  /** Reads one object live. */
  async get(ref: ObjectRef): Promise<T> {
    const path = resourcePath(this.#resource, ref);
    return this.#resource.parse(await this.#transport.request({ method: 'GET', path }));
  }

  /** Reads one object live; undefined where there is none. */
  async find(ref: ObjectRef): Promise<T | undefined> {
    try {
      return await this.get(ref);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** All objects, of one namespace or of all, read in pages of `limit` (default 500). */
  async list(
    options: {
      namespace?: string | undefined;
      labelSelector?: string | undefined;
      fieldSelector?: string;
      limit?: number;
    } = {},
  ): Promise<T[]> {
    const { namespace, labelSelector, fieldSelector, limit = PAGE_SIZE } = options;
    const path = resourcePath(this.#resource, { namespace });
    const query: Record<string, string> = { limit: String(limit) };
    if (labelSelector !== undefined) query['labelSelector'] = labelSelector;
    if (fieldSelector !== undefined) query['fieldSelector'] = fieldSelector;
    const objects: T[] = [];
    for (;;) {
      const page = await this.#transport.request({ method: 'GET', path, query });
      for (const item of arrayAt(page, 'items')) objects.push(this.#resource.parse(item));
      const next = stringAt(objectAt(page, 'metadata'), 'continue');
      if (!next) return objects;
      query['continue'] = next;
    }
  }

  /** Creates the object in the namespace its metadata names. */
  async create<B extends { metadata: ObjectRef }>(body: B): Promise<T> {
    const { namespace } = body.metadata;
    const path = resourcePath(this.#resource, { namespace });
    const query = this.#writeQuery;
    return this.#resource.parse(
      await this.#transport.request({ method: 'POST', path, query, body }),
    );
  }

  /** Applies a JSON merge patch (RFC 7386); metadata.resourceVersion in it is a precondition. */
  async mergePatch(
    ref: ObjectRef,
    patch: unknown,
    options?: { subresource?: 'status' },
  ): Promise<T> {
    const answer = await this.#transport.request({
      method: 'PATCH',
      path: resourcePath(this.#resource, ref, options?.subresource),
      query: this.#writeQuery,
      body: patch,
      contentType: 'application/merge-patch+json',
    });
    return this.#resource.parse(answer);
  }

  /**
   * Applies `body` server-side: it names every field that the field manager wants to own. Creates
   * the object where there is none, unless metadata.uid says which one is meant.
   */
  async apply<B extends { metadata: ObjectRef }>(
    body: B,
    options: { force: boolean; dryRun: boolean },
  ): Promise<T> {
    const answer = await this.#transport.request({
      method: 'PATCH',
      path: resourcePath(this.#resource, body.metadata),
      query: {
        ...this.#writeQuery,
        force: String(options.force),
        fieldValidation: 'Strict',
        ...(options.dryRun && { dryRun: 'All' }),
      },
      body,
      contentType: 'application/apply-patch+yaml',
    });
    return this.#resource.parse(answer);
  }

  /** Deletes with background propagation; a failed precondition is a Conflict. */
  async delete(
    ref: ObjectRef,
    preconditions?: { uid?: string; resourceVersion?: string },
  ): Promise<void> {
    await this.#transport.request({
      method: 'DELETE',
      path: resourcePath(this.#resource, ref),
      body: { propagationPolicy: 'Background', ...(preconditions && { preconditions }) },
    });
  }
}
