import type { ClientCredentials } from './config.ts';

/** How an OAuth client sends its secret (OpenID Connect Core, section 9). */
export type AuthMethod = 'client_secret_basic' | 'client_secret_post';

/** A POST of a form by an authenticated client, without the URL. */
export interface FormPost {
  readonly method: 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The form and the client's credentials, in the header or in the form by the method. */
export function authenticatedForm(
  method: AuthMethod,
  { clientID, clientSecret }: ClientCredentials,
  fields: Readonly<Record<string, string>>,
): FormPost {
  const form = new URLSearchParams(fields);
  const headers = {
    accept: 'application/json',
    'content-type': 'application/x-www-form-urlencoded',
  };
  const secret = clientSecret.revealText();
  if (method === 'client_secret_post') {
    form.set('client_id', clientID);
    form.set('client_secret', secret);
    return { method: 'POST', headers, body: form.toString() };
  }
  // RFC 6749, section 2.3.1: both are encoded first.
  const pair = `${encodeURIComponent(clientID)}:${encodeURIComponent(secret)}`;
  const authorization = `Basic ${Buffer.from(pair).toString('base64')}`;
  return { method: 'POST', headers: { ...headers, authorization }, body: form.toString() };
}
