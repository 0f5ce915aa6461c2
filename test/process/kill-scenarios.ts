import { admin, type Workspace } from '../controller/harness.ts';

/** A change, and what must be true once the operator is done with it, killed meanwhile or not. */
export interface KillScenario {
  readonly name: string;
  /** What is there before. */
  readonly prepare?: (workspace: Workspace, application: string) => Promise<void>;
  readonly change: (workspace: Workspace, application: string) => Promise<unknown>;
  /** Every write that the change takes, in the order of the alphabet. */
  readonly writes: readonly string[];
  /** How many client secrets there were in all. */
  readonly secrets: number;
  /** Which of them, counted from 0, are not valid any more. */
  readonly ended: readonly number[];
  readonly status: {
    readonly currentSecret: { readonly version: number };
    readonly previousSecret?: { readonly version: number };
    readonly lastRevocation?: { readonly version: number; readonly reason: string };
  };
  /** The reason of the condition PreviousSecretRetained. */
  readonly retained: string;
  /** The name that the backing Secret ends up with; the application's by default. */
  readonly secretName?: (application: string) => string;
}

const status = 'PATCH oidcapplications/status';
const event = 'POST events';
const patch = 'PATCH secrets';

async function create(workspace: Workspace, application: string): Promise<void> {
  await workspace.create(application);
  await workspace.published(application, 1);
}

async function rotate(workspace: Workspace, application: string): Promise<void> {
  await create(workspace, application);
  await workspace.edit(application, { rotation: { rotateAfter: now() } });
  await workspace.published(application, 2);
}

function now(): string {
  return new Date().toISOString();
}

export const scenarios: readonly KillScenario[] = [
  {
    name: 'create',
    change: (workspace, application) => workspace.create(application),
    writes: [status, event, 'POST secrets'],
    secrets: 1,
    ended: [],
    status: { currentSecret: { version: 1 } },
    retained: 'NeverRotated',
  },
  {
    name: 'rotation',
    prepare: create,
    change: (workspace, application) =>
      workspace.edit(application, { rotation: { rotateAfter: now() } }),
    writes: [status, patch, event],
    secrets: 2,
    ended: [],
    status: { currentSecret: { version: 2 }, previousSecret: { version: 1 } },
    retained: 'Retained',
  },
  {
    name: 'revocation',
    prepare: rotate,
    change: (workspace, application) => workspace.edit(application, { revokePreviousSecret: true }),
    writes: [status, patch, event],
    secrets: 2,
    ended: [0],
    status: {
      currentSecret: { version: 2 },
      lastRevocation: { version: 1, reason: 'Requested' },
    },
    retained: 'Revoked',
  },
  {
    name: 'incident',
    prepare: rotate,
    change: (workspace, application) => workspace.edit(application, { revokeIssuedBefore: now() }),
    writes: [status, patch, event],
    secrets: 3,
    ended: [0, 1],
    status: {
      currentSecret: { version: 3 },
      lastRevocation: { version: 2, reason: 'IssuedBefore' },
    },
    retained: 'Revoked',
  },
  {
    name: 'expiry',
    prepare: rotate,
    // No clock can be moved here: the moment is.
    change: (workspace, application) =>
      workspace.tamper(application, {
        metadata: { annotations: { 'keyturn.dev/previous-expires-at': now() } },
      }),
    writes: [status, patch, event],
    secrets: 2,
    ended: [0],
    status: { currentSecret: { version: 2 }, lastRevocation: { version: 1, reason: 'Expired' } },
    retained: 'Expired',
  },
  {
    name: 'secret.name',
    prepare: rotate,
    change: (workspace, application) =>
      workspace.edit(application, { secret: { name: `${application}.moved` } }),
    writes: ['DELETE secrets', status, patch, event, event, 'POST secrets'],
    secrets: 2,
    ended: [],
    status: { currentSecret: { version: 2 }, previousSecret: { version: 1 } },
    retained: 'Retained',
    secretName: (application) => `${application}.moved`,
  },
  {
    name: 'secret.keys',
    prepare: rotate,
    change: (workspace, application) =>
      workspace.edit(application, {
        secret: { keys: { clientSecret: 'password', previousClientSecret: 'client-secret' } },
      }),
    writes: [status, patch, event],
    secrets: 2,
    ended: [],
    status: { currentSecret: { version: 2 }, previousSecret: { version: 1 } },
    retained: 'Retained',
  },
  {
    name: 'adoption',
    async prepare({ namespace }, application) {
      await admin.secrets.create({
        ...{ apiVersion: 'v1', kind: 'Secret' },
        metadata: {
          namespace,
          name: application,
          annotations: { 'keyturn.dev/adopt-by': application },
        },
        ...{ data: { 'client-secret': Buffer.from('from-before').toString('base64') } },
      });
    },
    change: (workspace, application) => workspace.create(application),
    writes: [status, patch, event, 'POST secrets'],
    secrets: 1,
    ended: [],
    status: { currentSecret: { version: 1 } },
    retained: 'NeverRotated',
  },
];
