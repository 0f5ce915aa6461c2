import type { Application } from '../application.ts';

/** Which client secrets of the application are valid, in a sentence. */
export function stateOf({ status }: Application): string {
  const { currentSecret, previousSecret } = status;
  if (currentSecret === undefined) return 'no client secret is published.';
  const current = `version ${currentSecret.version} is current`;
  return previousSecret === undefined
    ? `${current}, no previous one is valid.`
    : `${current}, version ${previousSecret.version} stays valid until ${previousSecret.expiresAt}.`;
}
