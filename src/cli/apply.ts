import { isConflict } from '../kubernetes/api-error.ts';
import type { Application } from './application.ts';
import { EXIT, Failure } from './failure.ts';
import { applierOf, type Field, specToApply, valueAt, withValue } from './ownership.ts';
import { yaml } from './render/document.ts';
import type { Session } from './session.ts';

export interface ApplyOptions {
  /** Sets also what another manager applies. */
  readonly forceConflicts: boolean;
  readonly dryRun: boolean;
}

/** The status is written often: what was read is outdated soon. */
const ATTEMPTS = 10;

/**
 * Sets `fields` of the application as it was read, by server-side apply. Where somebody else has
 * changed one of them since, or replaced the application, nothing is set.
 */
export async function applyFields(
  { applications }: Session,
  planned: Application,
  fields: readonly Field[],
  { forceConflicts, dryRun }: ApplyOptions,
): Promise<void> {
  let application = planned;
  for (let attempt = 1; ; attempt += 1) {
    const refusal = forceConflicts ? undefined : refusalOf(application, fields);
    if (refusal !== undefined) throw refusal;
    const { namespace, name, uid, resourceVersion } = application.metadata;
    try {
      await applications.apply(
        {
          apiVersion: application.apiVersion,
          kind: application.kind,
          // Without the uid, an application that is gone would be created.
          metadata: { namespace, name, uid, resourceVersion },
          spec: specToApply(application, fields),
        },
        { force: true, dryRun },
      );
      return;
    } catch (error) {
      if (!isConflict(error) || attempt === ATTEMPTS) throw error;
    }
    application = await readAgain(applications, planned, fields);
  }
}

async function readAgain(
  applications: Session['applications'],
  planned: Application,
  fields: readonly Field[],
): Promise<Application> {
  const found = await applications.find(planned.metadata);
  if (found?.metadata.uid !== planned.metadata.uid) {
    throw new Failure('it was deleted meanwhile.');
  }
  for (const { path } of fields) {
    if (valueAt(found.spec, path) === valueAt(planned.spec, path)) continue;
    throw new Failure(
      `somebody changed spec.${path.join('.')} meanwhile: look at it and try again.`,
    );
  }
  return found;
}

/** The manager that applies one of `fields` from elsewhere, and that field. */
export function foreignApplier(
  application: Application,
  fields: readonly Field[],
): { readonly manager: string; readonly path: string } | undefined {
  for (const field of fields) {
    const manager = applierOf(application, field);
    if (manager !== undefined) return { manager, path: `spec.${field.path.join('.')}` };
  }
  return undefined;
}

/** Why `fields` are not set where somebody else applies one of them, and what to do instead. */
export function refusalOf(application: Application, fields: readonly Field[]): Failure | undefined {
  const foreign = foreignApplier(application, fields);
  return (
    foreign &&
    new Failure(
      `field manager ${JSON.stringify(foreign.manager)} applies ${foreign.path} and would set it ` +
        'back. Make the change where it applies it from, such as in Git:\n' +
        `${excerpt(fields)}\nor set it here all the same with --force-conflicts.`,
      EXIT.appliedElsewhere,
    )
  );
}

/** The lines of a manifest that set `fields`. */
function excerpt(fields: readonly Field[]): string {
  const spec = fields.reduce((document, { path, value }) => withValue(document, path, value), {});
  return yaml({ spec }).trimEnd().replace(/^/gm, '  ');
}
