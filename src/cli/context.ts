import type { ConnectionFlags, Session } from './session.ts';
import type { Terminal } from './terminal.ts';

/** What the commands are run with. */
export interface Context {
  readonly terminal: Terminal;
  /** Runs `run` with a connection that is closed after it; what it resolves to is the exit code. */
  readonly connected: (
    flags: ConnectionFlags,
    run: (session: Session) => Promise<number>,
  ) => Promise<void>;
}
