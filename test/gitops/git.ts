import { API_VERSION, KIND } from '../../src/api/names.ts';
import type { OIDCApplicationSpec } from '../../src/api/oidcapplication.gen.ts';
import { type LiveObject, liveClient } from './live.ts';

/** What a GitOps tool applies, and how often. */
export class Repository {
  readonly #client: ReturnType<typeof liveClient>;
  readonly #namespace: string;
  #spec: OIDCApplicationSpec;

  constructor(fieldManager: string, namespace: string, spec: OIDCApplicationSpec) {
    this.#client = liveClient(KIND, fieldManager);
    this.#namespace = namespace;
    this.#spec = spec;
  }

  get manifest() {
    return {
      apiVersion: API_VERSION,
      kind: KIND,
      metadata: {
        namespace: this.#namespace,
        name: 'web',
        labels: { 'app.kubernetes.io/instance': 'shop' },
        annotations: { 'argocd.argoproj.io/tracking-id': 'shop:keyturn.dev/OIDCApplication:web' },
      },
      spec: this.#spec,
    };
  }

  /** Merges a pull request, and syncs it. */
  async merge(spec: OIDCApplicationSpec): Promise<LiveObject> {
    return await this.replace({ ...this.#spec, ...spec });
  }

  /** Merges one that leaves this spec, and syncs it. */
  async replace(spec: OIDCApplicationSpec): Promise<LiveObject> {
    this.#spec = spec;
    return await this.sync();
  }

  /** Applies all server-side, taking over what others hold. */
  async sync(times = 1): Promise<LiveObject> {
    for (let count = 1; count < times; count += 1) await this.#apply(false);
    return await this.#apply(false);
  }

  /** What applying all would make of the application. */
  async dryRun(): Promise<LiveObject> {
    return await this.#apply(true);
  }

  async #apply(dryRun: boolean): Promise<LiveObject> {
    return await this.#client.apply(this.manifest, { force: true, dryRun });
  }
}
