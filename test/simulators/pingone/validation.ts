import type { ReceivedRequest } from './host.ts';
import { invalidValue, Problem } from './problem.ts';

const LONGEST_TRANSACTION = 100;

/** @throws {Problem} 405 */
export function requireMethod({ method }: ReceivedRequest, methods: readonly string[]): void {
  if (methods.includes(method)) return;
  throw new Problem(405, 'INVALID_REQUEST', 'The method is not allowed.', [], {
    Allow: methods.join(', '),
  });
}

/** @throws {Problem} 400 */
export function requireNoBody({ body, method }: ReceivedRequest): void {
  if (body !== '') throw invalidValue('body', `${method} takes no body`);
}

/** @throws {Problem} 400, 406 */
export function checkHeaders({ headers }: ReceivedRequest): void {
  const { accept = '*/*' } = headers;
  if (!/(?:^|,)\s*(?:\*\/\*|application\/(?:\*|json|hal\+json))\s*(?:[;,]|$)/.test(accept)) {
    throw new Problem(406, 'INVALID_REQUEST', 'No acceptable representation.');
  }
  const transaction = headers['x-ping-external-transaction-id'];
  if (transaction !== undefined && transaction.length > LONGEST_TRANSACTION) {
    throw invalidValue('X-Ping-External-Transaction-ID', 'must have at most 100 characters');
  }
}
