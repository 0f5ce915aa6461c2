import { setTimeout as delay } from 'node:timers/promises';
import type { SecretValue } from '../../src/api/secret-value.ts';
import { formatTimestamp } from '../../src/api/timestamp.ts';
import { requestToken } from '../oidc-server/request-token.ts';
import { progressLine } from '../testbed/progress.ts';
import { print, printVerdict } from './terminal.ts';

export const accepted = '200';

/** A client secret and how it is called on the terminal. */
export interface NamedSecret {
  readonly name: string;
  readonly value: SecretValue;
}

export interface TokenEndpoint {
  /** How many answers were as expected. */
  readonly confirmed: number;
  /**
   * Requests a token, and again until the answer is the expected one, for `withinMs` (default: no
   * second try). Rejects with what was expected and what came.
   */
  expect(secret: NamedSecret, answer: string, options?: { withinMs: number }): Promise<void>;
  /**
   * Requests tokens from 2 s before `expiresAt` (epoch milliseconds) until one is refused, with the
   * answer `refused`. Rejects if that is before `expiresAt` or more than 5 s after it.
   */
  expectExpiry(secret: NamedSecret, expiresAt: number, refused: string): Promise<void>;
}

const pollMs = 50;
const leadMs = 2_000;
const lateLimitMs = 5_000;

/** Requests tokens as one client, and prints and counts the answers. */
export function tokenEndpoint(issuer: string, clientID: string): TokenEndpoint {
  let confirmed = 0;

  const ask = async ({ value }: NamedSecret) => {
    const request = { issuer, clientID, clientSecret: value };
    const { status, error } = await requestToken(request);
    return { found: error === undefined ? `${status}` : `${status} ${error}`, at: Date.now() };
  };
  const judge = (subject: string, expected: string, found: string, at: number) => {
    printVerdict(found === expected, subject, found, at);
    if (found !== expected) {
      throw new Error(`${subject}: expected ${expected}, but the answer was ${found}`);
    }
    confirmed++;
  };

  return {
    get confirmed() {
      return confirmed;
    },
    async expect(secret, expected, { withinMs } = { withinMs: 0 }) {
      const deadline = Date.now() + withinMs;
      let answer = await ask(secret);
      while (answer.found !== expected && answer.at < deadline) {
        await delay(pollMs);
        answer = await ask(secret);
      }
      judge(`token with ${secret.name}`, expected, answer.found, answer.at);
    },
    async expectExpiry(secret, expiresAt, refused) {
      const subject = `token with ${secret.name}`;
      await waitUntil(expiresAt - leadMs, expiresAt);
      let answer = await ask(secret);
      let lastAccepted = answer;
      while (answer.found === accepted && answer.at <= expiresAt + lateLimitMs) {
        lastAccepted = answer;
        await delay(pollMs);
        answer = await ask(secret);
      }
      judge(`last ${subject}`, accepted, lastAccepted.found, lastAccepted.at);
      judge(subject, refused, answer.found, answer.at);
      const lateMs = answer.at - expiresAt;
      if (lateMs < 0) throw new Error(`${subject}: refused ${-lateMs} ms too early`);
      const said = formatTimestamp(expiresAt);
      print(`     ${lateMs} ms after status.previousSecret.expiresAt, ${said}`);
    },
  };
}

async function waitUntil(time: number, expiresAt: number): Promise<void> {
  const describe = () =>
    `   … the previous secret expires in ${Math.round((expiresAt - Date.now()) / 1000)} s`;
  const progress = progressLine(describe);
  await delay(Math.max(0, time - Date.now()));
  progress.end();
}
