import { expect, onTestFinished } from 'vitest';
import type { OIDCApplicationSpec } from '../../src/api/oidcapplication.gen.ts';
import type { ClusterOIDCProviderSpec } from '../../src/api/oidcprovider.gen.ts';
import { clientSecrets, Scene } from '../controller/harness.ts';
import { tokenStatus } from '../providers/pingone/harness.ts';
import { eventually } from '../setup/cluster.ts';
import type { SimulatorOptions } from '../simulators/pingone/options.ts';
import {
  type KnownSecrets,
  type PingOneSimulator,
  startPingOneSimulator,
} from '../simulators/pingone/simulator.ts';
import type { ApplicationSpec } from '../simulators/pingone/tenant.ts';
import {
  createCredentials,
  createProvider,
  createReadyProvider,
  oidcProviders,
} from './oidc-provider.ts';
import { pingOneSpec, workerCredentials } from './provider-rig.ts';

/** The status with which a secret's sign-in is answered at the token endpoint. */
export const ACCEPTED = 200;
export const REJECTED = 401;

/** An operator in a namespace of its own, and a PingOne environment on the same clock. */
export class Stage {
  readonly scene: Scene;
  readonly pingone: PingOneSimulator;
  readonly #clients = new Map<string, { readonly id: string; readonly clientID: string }>();

  private constructor(scene: Scene, pingone: PingOneSimulator) {
    this.scene = scene;
    this.pingone = pingone;
  }

  static async start(
    options: SimulatorOptions = {},
    overrides: Partial<ClusterOIDCProviderSpec> = {},
  ): Promise<Stage> {
    const scene = await Scene.start();
    const clock = { now: () => scene.clock.now() };
    const pingone = await startPingOneSimulator({ clock, rateLimit: 'none', ...options });
    onTestFinished(() => pingone.stop());
    const stage = new Stage(scene, pingone);
    const spec = { ...pingOneSpec(pingone), ...overrides };
    await createProvider(scene.namespace, spec, workerCredentials(pingone));
    return stage;
  }

  async setCredentials(values: Readonly<Record<string, string>>, name: string): Promise<void> {
    await createCredentials(this.scene.namespace, name, values);
  }

  /** Creates an OIDCProvider in the namespace, and waits until it is ready. */
  async addProvider(name: string, spec: ClusterOIDCProviderSpec): Promise<void> {
    await createReadyProvider(this.scene.namespace, name, spec);
  }

  async editProvider(name: string, spec: object): Promise<void> {
    await oidcProviders.mergePatch({ namespace: this.scene.namespace, name }, { spec });
  }

  /** Creates a client at PingOne and an application for it. */
  async create(
    name: string,
    spec: OIDCApplicationSpec = {},
    client: ApplicationSpec = {},
  ): Promise<void> {
    const known = this.pingone.addApplication(client);
    this.#clients.set(name, known);
    await this.scene.create(name, {
      clientID: known.clientID,
      providerRef: { kind: 'OIDCProvider', name: 'pingone' },
      ...spec,
    });
  }

  /** The same, and waits until its client secret is published. */
  async publish(name: string, spec: OIDCApplicationSpec = {}): Promise<string> {
    await this.create(name, spec);
    await this.scene.published(name, 1);
    return this.secretsOf(name).current;
  }

  /** Publishes and rotates once: version 1 is retained, version 2 is current. */
  async publishAndRotate(
    name: string,
    spec: OIDCApplicationSpec = {},
  ): Promise<{ first: string; second: string }> {
    const first = await this.publish(name, spec);
    await this.scene.edit(name, { rotation: { rotateAfter: this.scene.time() } });
    await this.scene.published(name, 2);
    return { first, second: this.secretsOf(name).current };
  }

  clientOf(name: string): { readonly id: string; readonly clientID: string } {
    const client = this.#clients.get(name);
    if (client === undefined) throw new Error(`there is no client of ${name}`);
    return client;
  }

  /** The truth at PingOne. */
  secretsOf(name: string): KnownSecrets {
    return this.pingone.secretsOf(this.clientOf(name).id);
  }

  rotateByHand(name: string, retainForMs?: number): void {
    const retainUntil =
      retainForMs === undefined ? undefined : this.scene.clock.now() + retainForMs;
    this.pingone.rotateByHand(this.clientOf(name).id, retainUntil);
  }

  revokeByHand(name: string): void {
    this.pingone.revokeByHand(this.clientOf(name).id);
  }

  /** How the token endpoint answers who signs in with `secret`. */
  async signIn(name: string, secret: string): Promise<number> {
    return await tokenStatus(this.pingone, this.clientOf(name).clientID, secret);
  }

  /** What is published. */
  async published(name: string) {
    return clientSecrets(await this.scene.findSecret(name));
  }

  /** Waits until the backing Secret holds what PingOne has. */
  async mirrors(name: string): Promise<void> {
    await eventually(async () => {
      const { current, previous } = this.secretsOf(name);
      expect(await this.published(name)).toEqual({ current, previous: previous?.secret });
    });
  }

  /** What was sent about the secrets of a client so far, like `POST`. */
  calls(name: string): string[] {
    const path = `/applications/${this.clientOf(name).id}/secret`;
    return this.pingone.requests
      .filter((request) => request.server === 'api' && request.path.endsWith(path))
      .map(({ method }) => method);
  }

  /** Of these, how many changed something. */
  changes(name: string): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const method of this.calls(name)) {
      if (method !== 'GET') counts[method] = (counts[method] ?? 0) + 1;
    }
    return counts;
  }
}
