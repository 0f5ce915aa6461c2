import { claimantOf } from '../checker/backing-secret.ts';
import type { ApplicationState, SecretState } from '../checker/observed.ts';
import { recordOf } from '../checker/record.ts';
import type { Recorder } from './recorder.ts';

/** The Secret of an application that is the newest, as far as was seen. */
export function backingSecretOf(
  recorder: Recorder,
  namespace: string,
  name: string,
): SecretState | undefined {
  return liveSecrets(recorder)
    .filter((secret) => secret.namespace === namespace && claimantOf(secret)?.name === name)
    .sort((a, b) => (recordOf(b)?.version ?? 0) - (recordOf(a)?.version ?? 0))[0];
}

export function liveSecrets(recorder: Recorder): SecretState[] {
  return recorder.live().flatMap((moment) => (moment.kind === 'secret' ? [moment.state] : []));
}

export function liveApplications(recorder: Recorder): ApplicationState[] {
  return recorder.live().flatMap((moment) => (moment.kind === 'application' ? [moment.state] : []));
}
