export type ProviderErrorReason =
  /** No answer, a broken one, or a server fault. */
  | 'ProviderUnavailable'
  /** The operator's own credentials were refused. */
  | 'ProviderUnauthorized'
  /** The credentials lack a permission; the message names the operation. */
  | 'ProviderForbidden'
  | 'RateLimited'
  /** Not called, for it is given time to recover, or has enough to do; see `retryAfterMs`. */
  | 'ProviderBusy'
  | 'ClientNotFound'
  | 'NotOIDCApplication'
  | 'NotConfidentialClient'
  /** Keycloak: no policy of the realm retains rotated secrets of this client. */
  | 'RotationPolicyMissing'
  /** The client is the operator's own, which is never managed. */
  | 'OwnClient'
  /** The provider refused the request as it was. */
  | 'ProviderRejected';

/** What went wrong at an identity provider. */
export class ProviderError extends Error {
  override readonly name = 'ProviderError';
  readonly reason: ProviderErrorReason;
  /** The request may have been carried out although it failed: read before trying again. */
  readonly ambiguous: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(
    reason: ProviderErrorReason,
    message: string,
    options: { readonly ambiguous?: boolean; readonly retryAfterMs?: number | undefined } = {},
  ) {
    super(message);
    this.reason = reason;
    this.ambiguous = options.ambiguous ?? false;
    this.retryAfterMs = options.retryAfterMs;
  }
}
