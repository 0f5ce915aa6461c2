import type { ProviderError, ProviderErrorReason } from '../../providers/provider-error.ts';
import type { Trouble } from '../../rotation/authority.ts';
import type { Access } from '../providers/access.ts';

/** Why a provider cannot be used, with what the controller makes of it. */
export interface ProviderTrouble extends Trouble {
  readonly retryAfterMs: number | undefined;
}

type Denied = Extract<Access, { kind: 'denied' }>;

export function troubleOfDenial({ reason, message }: Denied): ProviderTrouble {
  // A provider that is not ready may become so by itself; the rest is for somebody to change.
  return { reason, message, lasting: reason !== 'ProviderNotReady', retryAfterMs: undefined };
}

export function troubleOfError(error: ProviderError): ProviderTrouble {
  const { reason, message, retryAfterMs } = error;
  const advice = ADVICE[reason];
  return {
    reason,
    message: `${sentence(message)}${advice === undefined ? '' : ` ${advice}`}`,
    lasting: advice !== undefined,
    retryAfterMs,
  };
}

export function providerChanged(): ProviderTrouble {
  return {
    reason: 'ProviderChanged',
    message:
      'The provider resource leads to another server, realm or environment than the one that the client ' +
      'secret was published from, so nothing is done there. Put the provider resource right; or, if ' +
      'the client has moved, delete the backing Secret: the secrets that the client has there are ' +
      'then published.',
    lasting: true,
    retryAfterMs: undefined,
  };
}

export function tellsNothing(): ProviderTrouble {
  return {
    reason: 'ProviderRejected',
    message: 'The provider does not tell the client secrets that are valid.',
    lasting: true,
    retryAfterMs: undefined,
  };
}

/** Whether a secret works could not be found out: `reason` says why. */
export function unanswered(reason: string): ProviderTrouble {
  return {
    reason: 'ProviderUnavailable',
    message: sentence(reason),
    lasting: false,
    retryAfterMs: undefined,
  };
}

export function goesOnShowing(): ProviderTrouble {
  return {
    reason: 'ProviderUnavailable',
    message: 'The provider goes on showing the previous client secret after its revocation.',
    lasting: false,
    retryAfterMs: undefined,
  };
}

/** What somebody has to do about what does not pass by itself. */
const ADVICE: Readonly<Partial<Record<ProviderErrorReason, string>>> = {
  ProviderUnauthorized: "Put the provider's credentials right.",
  ProviderForbidden: "Give the operator's own client that permission at the provider.",
  ClientNotFound:
    'Create the client at the provider, or create the application anew with another spec.clientID.',
  NotOIDCApplication: 'Name an OIDC application in spec.clientID.',
  NotConfidentialClient: 'Have the client authenticate by a client secret at the provider.',
  RotationPolicyMissing: 'Until then nothing is rotated.',
  OwnClient: 'Name another client in spec.clientID.',
};

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`;
}
