import { type ApplicationSpec, effectiveSpec, InvalidSpecError } from '../api/application.ts';
import type { OIDCApplication } from './resources.ts';

/**
 * The spec of an application with every default filled in. Of one that cannot be read, what it takes
 * to end what was promised to end is kept; of one that is gone there are the defaults.
 */
export function readSpec(
  ref: { namespace: string; name: string },
  application: OIDCApplication | undefined,
): { spec: ApplicationSpec; invalidSpec: InvalidSpecError | undefined } {
  try {
    return { spec: effectiveSpec(ref, application?.spec ?? {}), invalidSpec: undefined };
  } catch (error) {
    if (!(error instanceof InvalidSpecError)) throw error;
    const { clientID, providerRef, deletionPolicy } = application?.spec ?? {};
    const legible = {
      ...(clientID !== undefined && { clientID }),
      ...(providerRef !== undefined && { providerRef }),
      ...(deletionPolicy !== undefined && { deletionPolicy }),
    };
    return { spec: effectiveSpec(ref, legible), invalidSpec: error };
  }
}
