import { expect } from 'vitest';
import type { OIDCApplication } from '../../src/controller/resources.ts';
import { clientSecrets, conditionOf, type Workspace } from '../controller/harness.ts';
import type { ReceivedRequest } from '../simulators/pingone/host.ts';
import type { KnownApplication, PingOneSimulator } from '../simulators/pingone/simulator.ts';

/** Where a scenario is played. */
export interface Place {
  readonly workspace: Workspace;
  readonly pingone: PingOneSimulator;
  /** The time that the operator goes by. */
  readonly now: () => number;
}

/** A change whose steps concern the provider, and what must be so once it is done. */
export interface Scenario {
  readonly name: string;
  /** Whether a first rotation has left version 1 retained. */
  readonly retained: boolean;
  readonly change: (place: Place, name: string) => Promise<unknown>;
  readonly status: {
    readonly currentSecret: { readonly version: number };
    readonly previousSecret?: { readonly version: number };
    readonly lastRevocation?: object;
  };
  /** The reason of PreviousSecretRetained. */
  readonly reason: string;
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'rotation',
    retained: false,
    change: ({ workspace, now }, name) =>
      workspace.edit(name, { rotation: { rotateAfter: time(now()) } }),
    status: { currentSecret: { version: 2 }, previousSecret: { version: 1 } },
    reason: 'Retained',
  },
  {
    name: 'revocation',
    retained: true,
    change: ({ workspace }, name) => workspace.edit(name, { revokePreviousSecret: true }),
    status: {
      currentSecret: { version: 2 },
      lastRevocation: { version: 1 },
    },
    reason: 'Revoked',
  },
  {
    name: 'incident',
    retained: true,
    change: ({ workspace, now }, name) => workspace.edit(name, { revokeIssuedBefore: time(now()) }),
    status: {
      currentSecret: { version: 3 },
      lastRevocation: { version: 2, reason: 'IssuedBefore' },
    },
    reason: 'Revoked',
  },
];

/** A client at the provider, and the values that it had before the change. */
export interface Subject {
  readonly name: string;
  readonly client: KnownApplication;
  readonly first: string;
  /** The current one before the change. */
  readonly before: string;
}

/** Publishes a new client, and rotates it where the scenario begins with a retained secret. */
export async function prepare(place: Place, scenario: Scenario, name: string): Promise<Subject> {
  const { workspace, pingone, now } = place;
  const client = pingone.addApplication();
  const { clientID, id } = client;
  const first = pingone.secretsOf(id).current;
  await workspace.create(name, {
    clientID,
    providerRef: { kind: 'OIDCProvider', name: 'pingone' },
  });
  await workspace.published(name, 1);
  if (scenario.retained) {
    await workspace.edit(name, { rotation: { rotateAfter: time(now()) } });
    await workspace.published(name, 2);
  }
  return { name, client, first, before: pingone.secretsOf(id).current };
}

/** Fails unless the scenario has come to its end, with each step taken once. */
export async function expectDone(
  { workspace, pingone }: Place,
  scenario: Scenario,
  { name, client, first, before }: Subject,
): Promise<void> {
  const application = await workspace.application(name);
  expectStatus(application, scenario);
  const { current, previous } = pingone.secretsOf(client.id);
  const secret = await workspace.secret(name);
  expect(clientSecrets(secret)).toEqual({ current, previous: previous?.secret });
  // Nothing is left over, and nothing of the operator's own is taken for somebody else's.
  const state = secret.metadata.annotations?.['keyturn.dev/state'];
  expect(state).toContain('"provider":"OIDCProvider/pingone"');
  expect(state).not.toMatch(/"intent"|"discovery"/);
  switch (scenario.name) {
    case 'rotation':
      // A second rotation would have taken its place.
      expect(previous?.secret).toBe(first);
      expect(current).not.toBe(first);
      break;
    case 'revocation':
      expect(current).toBe(before);
      break;
    default:
      expect([first, before]).not.toContain(current);
  }
}

function expectStatus(application: OIDCApplication, { status, reason }: Scenario): void {
  expect(application.status?.observedGeneration).toBe(application.metadata.generation);
  expect(application.status).toMatchObject(status);
  expect(application.status?.previousSecret === undefined).toBe(
    status.previousSecret === undefined,
  );
  expect(conditionOf(application, 'Ready')).toMatchObject({ status: 'True' });
  expect(conditionOf(application, 'PreviousSecretRetained')).toMatchObject({ reason });
  expect(conditionOf(application, 'Stalled')).toBeUndefined();
}

/** Whether a request is about the client: its application or secret, or a sign-in by it. */
export function concerns({ id, clientID }: KnownApplication) {
  return ({ server, target, headers }: ReceivedRequest): boolean =>
    server === 'api'
      ? target.includes(`/applications/${id}`)
      : signsIn(headers.authorization, clientID);
}

function signsIn(authorization: string | undefined, clientID: string): boolean {
  const encoded = authorization?.replace(/^Basic /, '') ?? '';
  return Buffer.from(encoded, 'base64').toString('utf8').startsWith(`${clientID}:`);
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}
