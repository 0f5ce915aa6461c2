import { EXIT, Failure } from './failure.ts';
import type { Terminal } from './terminal.ts';

/** What the identity provider's own page asks before a client secret is revoked. */
const CONSENT = 'I understand and would like to continue';

/** Asks for consent to what cannot be undone; throws where there is none. */
export async function confirm(terminal: Terminal): Promise<void> {
  if (terminal.ask === undefined) {
    throw new Failure(
      'This cannot be undone, and there is no terminal to ask for your consent on: nothing was ' +
        'changed. Give --yes to consent beforehand.',
      EXIT.notConfirmed,
    );
  }
  const answer = await terminal.ask(`${CONSENT} [y/N]: `);
  if (/^y(es)?$/i.test(answer.trim())) return;
  throw new Failure('Not confirmed: nothing was changed.', EXIT.notConfirmed);
}
