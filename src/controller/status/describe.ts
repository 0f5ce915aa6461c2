import type { Action } from '../../rotation/decision.ts';

/** What a step does, as the subject of a sentence. */
export function describe(action: Action): string {
  switch (action.kind) {
    case 'Issue':
      return 'Issuing a client secret';
    case 'Adopt':
      return 'Adopting the Secret';
    case 'Accept':
      return 'Accepting the client secret that was set by hand';
    case 'Rotate':
    case 'BeginRotation':
    case 'SendRotation':
    case 'ConcludeRotation':
    case 'DropIntent':
      return 'Rotating the client secret';
    case 'RevokePrevious':
    case 'RevokeAtProvider':
    case 'DropStray':
      return 'Ending the previous client secret';
    case 'RecordRefusals':
    case 'Repair':
    case 'Republish':
      return 'Updating the backing Secret';
    case 'Move':
      return 'Moving to the new backing Secret';
    case 'DeleteLeftover':
      return `Deleting the former backing Secret ${action.name}`;
    case 'Import':
    case 'ReadProvider':
    case 'Probe':
      return 'Reading the client secret from the identity provider';
    case 'Follow':
      return "Publishing the identity provider's client secret";
    case 'HoldDeletion':
    case 'ReleaseDeletion':
      return 'Changing the finalizer';
  }
}
