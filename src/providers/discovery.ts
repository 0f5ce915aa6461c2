import { stringAt } from '../kubernetes/json.ts';

const LONGEST_URL = 2048;

/** The URL at `key` of a discovery document: http or https, without credentials, in printable ASCII. */
export function endpointAt(document: unknown, key: string): string | undefined {
  const value = stringAt(document, key);
  if (value === undefined || value.length > LONGEST_URL || !/^[\x21-\x7e]+$/.test(value)) {
    return undefined;
  }
  const url = URL.parse(value);
  if (url === null || !/^https?:$/.test(url.protocol)) return undefined;
  return url.username === '' && url.password === '' ? value : undefined;
}
