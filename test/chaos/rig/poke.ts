import { claimantOf } from '../checker/backing-secret.ts';
import { keyOf } from '../checker/observed.ts';
import { pathOf } from './api.ts';
import { liveApplications, liveSecrets } from './objects.ts';
import type { Rig } from './rig.ts';

/** Has the operator look at every application, also at those that are gone; resolves to how many. */
export async function pokeAll({ recorder, user }: Rig): Promise<number> {
  const applications = liveApplications(recorder);
  for (const { namespace, name } of applications) {
    await user.patch(pathOf('application', namespace, name));
  }
  const present = new Set(applications.map(keyOf));
  for (const { namespace, name, ...secret } of liveSecrets(recorder)) {
    const claimant = claimantOf({ namespace, name, ...secret })?.name;
    if (claimant === undefined || present.has(keyOf({ namespace, name: claimant }))) continue;
    await user.patch(pathOf('secret', namespace, name));
  }
  return applications.length;
}
