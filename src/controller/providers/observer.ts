import type { HttpObservation } from '../../providers/http.ts';

/** Told of what becomes of providers, which are named by their keys. */
export interface ProviderObserver {
  readonly answered: (provider: string, observation: HttpObservation) => void;
  /** The provider is not there any more. */
  readonly gone: (provider: string) => void;
}

/** How a provider fares. */
export interface ProviderState {
  readonly key: string;
  /** Whether its condition Ready is True. */
  readonly ready: boolean;
  /** Whether calls for applications are held back because the last ones failed. */
  readonly circuitOpen: boolean;
}
