import type { ResourceClient } from '../../src/kubernetes/client.ts';
import type { ObjectRef } from '../../src/kubernetes/resource.ts';
import { keyOf } from '../../src/kubernetes/store.ts';
import {
  type ApplicationRef,
  newApplication,
  previousEnded,
  published,
  revokePrevious,
  rotateNow,
} from './applications.ts';
import type { ObservedApplication } from './observed.ts';
import type { Observer } from './observer.ts';
import type { BulkPhase } from './report.ts';
import type { Target } from './tracker.ts';

/** The load generator's write that starts a bulk phase for one application. */
export function writeSpec(
  phase: BulkPhase,
  applications: ResourceClient<ObservedApplication>,
  ref: ApplicationRef,
): Promise<unknown> {
  switch (phase) {
    case 'create':
      return applications.create(newApplication(ref));
    case 'rotate':
      return applications.mergePatch(ref, { spec: rotateNow() });
    case 'revoke':
      return applications.mergePatch(ref, { spec: revokePrevious });
  }
}

/** What a bulk phase makes of an application as it is now. */
export function targetOf(phase: BulkPhase, observer: Observer, ref: ObjectRef): Target {
  switch (phase) {
    case 'create':
      return published(1);
    case 'rotate': {
      const secret = observer.secrets.get(keyOf(ref));
      if (secret === undefined) throw new Error(`${keyOf(ref)} has no Secret`);
      return published(secret.version + 1);
    }
    case 'revoke':
      return previousEnded;
  }
}
