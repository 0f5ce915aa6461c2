import type { ConditionState } from '../../api/conditions.ts';
import { formatDuration } from '../../api/duration.ts';
import { formatTimestamp } from '../../api/timestamp.ts';
import type { Hold } from '../../rotation/decision.ts';
import { expiryOf } from '../../rotation/schedule.ts';
import type { Gathered } from '../gather.ts';
import type { OIDCApplication } from '../resources.ts';

/** RotationHeld: a rotation is due but must not start; the message says how to let it. */
export function rotationHeld(
  application: OIDCApplication,
  g: Gathered,
  hold: Hold,
): ConditionState {
  return {
    type: 'RotationHeld',
    status: 'True',
    reason: hold.reason,
    message: holdMessage(application, g, hold),
  };
}

function holdMessage(application: OIDCApplication, g: Gathered, hold: Hold): string {
  const field = {
    RotateAfter: 'spec.rotation.rotateAfter',
    Every: 'spec.rotation.every',
    IssuedBefore: 'spec.revokeIssuedBefore',
  }[hold.cause];
  switch (hold.reason) {
    case 'Suspended':
      return `The rotation that ${field} asks for is held: spec.suspend is true.`;
    case 'RotationsPaused':
      return (
        `The rotation that ${field} asks for is held: the operator was started with ` +
        '--pause-rotations. It starts once the operator runs without it.'
      );
    case 'PreviousSecretRetained': {
      const previous = g.home?.stored.record.previous;
      const until = previous === undefined ? 'its end' : formatTimestamp(expiryOf(previous));
      return (
        `The rotation that ${field} asks for waits until ${until}: the previous client secret was ` +
        'promised to stay valid until then. To rotate at once, end it with spec.revokeRetiredBefore.'
      );
    }
    case 'RevokePreviousSecretIsTrue': {
      const manager = application.revokePreviousSecretManager;
      const by = manager === undefined ? '' : ` (set by field manager ${JSON.stringify(manager)})`;
      return (
        `The rotation that ${field} asks for is held: spec.revokePreviousSecret is true${by}, so the ` +
        'replaced client secret would be revoked at once and every consumer cut off. Set it to false ' +
        'to retain the replaced one for ' +
        `${formatDuration(g.spec.retainPreviousFor)}, or set spec.rotation.retainPreviousFor to 0s to ` +
        'do without. Where a GitOps tool set it, change it in Git.'
      );
    }
  }
}
