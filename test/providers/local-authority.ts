import { SecretValue } from '../../src/api/secret-value.ts';
import { formatTimestamp, parseTimestamp } from '../../src/api/timestamp.ts';
import type { OIDCApplication } from '../../src/controller/resources.ts';
import type {
  Capabilities,
  ClientSecrets,
  IdentityProvider,
  ProviderFacts,
  Rotation,
} from '../../src/providers/port.ts';
import { ProviderError } from '../../src/providers/provider-error.ts';
import { conditionOf, type Workspace } from '../controller/harness.ts';
import type { TestClock } from '../controller/test-clock.ts';
import { eventually } from '../setup/cluster.ts';

/**
 * The operator without an identity provider, behind the port of one: what is asked for is written
 * into an OIDCApplication's spec, and what is so is read from its backing Secret.
 */
export class LocalAuthority implements IdentityProvider {
  readonly capabilities: Capabilities = {
    overlap: 'slot',
    maxSecrets: 2,
    ownValue: true,
    readable: 'all',
    previousVisible: true,
    previousExpiry: 'perRotation',
    longestOverlapMs: 30 * 24 * 3_600_000,
    revoke: 'one',
    lastUsed: false,
  };
  readonly #workspace: Workspace;
  readonly #clock: TestClock;
  readonly #issuer: string;

  constructor(workspace: Workspace, clock: TestClock, issuer: string) {
    this.#workspace = workspace;
    this.#clock = clock;
    this.#issuer = issuer;
  }

  async check(signal: AbortSignal): Promise<ProviderFacts> {
    refuseAborted(signal);
    return { issuer: this.#issuer };
  }

  async read(clientID: string, signal: AbortSignal): Promise<ClientSecrets> {
    const { status } = await this.#find(clientID, signal);
    const { data = {} } = await this.#workspace.secret(this.#nameOf(clientID));
    const valueAt = (key: string) => {
      const value = data[key];
      return value === undefined ? undefined : SecretValue.fromBase64(value);
    };
    const previous = valueAt('previous-client-secret');
    const expiresAt = parseTimestamp(status?.previousSecret?.expiresAt ?? '');
    return {
      current: valueAt('client-secret'),
      previous: previous && { value: previous, expiresAt, lastUsedAt: undefined },
    };
  }

  async rotate(
    clientID: string,
    { retainUntil }: Rotation,
    signal: AbortSignal,
  ): Promise<SecretValue | undefined> {
    const before = versionOf(await this.#find(clientID, signal));
    const now = this.#clock.now();
    const retained = retainUntil === undefined ? 0 : Math.round((retainUntil - now) / 1000);
    const rotation = { rotateAfter: formatTimestamp(now), retainPreviousFor: `${retained}s` };
    const after = await this.#edit(clientID, { rotation });
    if (versionOf(after) > before) return undefined;
    const held = conditionOf(after, 'RotationHeld');
    throw new ProviderError('ProviderRejected', held?.message ?? 'the secret was not replaced');
  }

  async revokePrevious(clientID: string, _: string, signal: AbortSignal): Promise<void> {
    await this.#find(clientID, signal);
    // After everything that was retired by now, in the same millisecond too.
    const time = formatTimestamp(this.#clock.now() + 1000);
    await this.#edit(clientID, { revokeRetiredBefore: time });
  }

  async close(): Promise<void> {}

  #nameOf(clientID: string): string {
    return clientID.replace(`${this.#workspace.namespace}.`, '');
  }

  async #find(clientID: string, signal: AbortSignal): Promise<OIDCApplication> {
    refuseAborted(signal);
    const name = this.#nameOf(clientID);
    if (name !== clientID) return await this.#workspace.application(name);
    throw new ProviderError('ClientNotFound', 'there is no such application');
  }

  /** Changes spec, and resolves once the operator has done what it asks for. */
  async #edit(clientID: string, spec: Readonly<Record<string, unknown>>): Promise<OIDCApplication> {
    const name = this.#nameOf(clientID);
    const { metadata } = await this.#workspace.edit(name, spec);
    return await eventually(async () => {
      const application = await this.#workspace.application(name);
      if ((application.status?.observedGeneration ?? 0) >= metadata.generation) return application;
      throw new Error(`generation ${metadata.generation} of ${name} was not observed yet`);
    });
  }
}

function versionOf({ status }: OIDCApplication): number {
  return status?.currentSecret?.version ?? 0;
}

function refuseAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new ProviderError('ProviderUnavailable', 'the request was given up');
}
