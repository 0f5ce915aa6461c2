import { applicationResource } from '../../src/controller/resources.ts';
import { resourcePath } from '../../src/kubernetes/resource.ts';
import { createTransport } from '../../src/kubernetes/transport.ts';
import { admin, plainValue, Workspace } from '../controller/harness.ts';
import { base64 } from '../controller/steps.ts';
import { cluster, testNamespace } from '../setup/cluster.ts';
import { type Document, merged, nested, withTimes } from './documents.ts';
import { FOREIGN_SECRET, type Value } from './mutations.ts';

const transport = createTransport({ kubeConfig: cluster.adminKubeConfig.kubeConfig });

/** The application `web` in a namespace of its own, of whose spec one field is mutated. */
export class Subject extends Workspace {
  readonly #field: string;
  readonly #beside: Document;
  #rotateAfter: string | undefined;

  private constructor(namespace: string, field: string, beside: Document) {
    super(namespace);
    this.#field = field;
    this.#beside = beside;
  }

  /** Makes the namespace, with a Secret of somebody else's in it; the application is yet to come. */
  static async prepare(field: string, beside: Document = {}): Promise<Subject> {
    const namespace = await testNamespace('mutation');
    await admin.secrets.create({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace, name: FOREIGN_SECRET },
      data: { token: base64('of somebody else') },
    });
    return new Subject(namespace, field, beside);
  }

  /**
   * Applies the whole spec with the field at `value`, as a GitOps tool does.
   *
   * @throws {ApiError} if the API server refuses it
   */
  async apply(value: Value): Promise<void> {
    const { group, version, kind } = applicationResource;
    const { namespace } = this;
    const rotated = nested('rotation.rotateAfter', this.#rotateAfter);
    const field = nested(this.#field, withTimes(value));
    await transport.request({
      method: 'PATCH',
      path: resourcePath(applicationResource, { namespace, name: 'web' }),
      query: { fieldManager: 'gitops', fieldValidation: 'Strict' },
      contentType: 'application/apply-patch+yaml',
      body: {
        apiVersion: `${group}/${version}`,
        kind,
        metadata: { namespace, name: 'web' },
        spec: merged(merged(this.#beside, rotated), field),
      },
    });
  }

  /** The same, and waits until the operator has nothing left to do about it. */
  async settle(value: Value): Promise<void> {
    await this.apply(value);
    await this.reaches('web', () => undefined);
  }

  /** Has spec ask from now on for a client secret that is no older than now. */
  askForRotation(): void {
    this.#rotateAfter = new Date().toISOString();
  }

  /** The current client secret, wherever it is published. */
  async currentSecret(): Promise<string | undefined> {
    const { spec, status } = await this.application('web');
    const secret = await this.findSecret(status?.secretName ?? '');
    return plainValue(secret, spec.secret?.keys?.clientSecret ?? '');
  }
}
