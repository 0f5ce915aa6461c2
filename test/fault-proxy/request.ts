import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { objectAt, stringAt } from '../../src/kubernetes/json.ts';

/** A request on its way through the proxy. */
export interface ProxiedRequest {
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Buffer;
}

/** Reads a request to its end. */
export async function readRequest(incoming: IncomingMessage): Promise<ProxiedRequest> {
  const { method = '', url = '' } = incoming;
  const { pathname, searchParams } = new URL(url, 'https://proxy');
  return { method, path: pathname, query: searchParams, body: await buffer(incoming) };
}

export function isWatch({ method, query }: ProxiedRequest): boolean {
  return method === 'GET' && query.get('watch') === 'true';
}

export function isWrite({ method }: ProxiedRequest): boolean {
  return method !== 'GET' && method !== 'HEAD';
}

/** A write in short. */
export interface Write {
  /** The method and the resource, as in `PATCH oidcapplications/status`. */
  readonly what: string;
  /** The name of the object; of an event, that of the object that it is about. */
  readonly object: string;
}

/** Describes a write to a namespace; undefined for anything else. */
export function writeOf(request: ProxiedRequest): Write | undefined {
  const [, rest] = request.path.split(/\/namespaces\/[^/]+\//);
  if (rest === undefined || !isWrite(request)) return undefined;
  const [resource, name, subresource] = rest.split('/');
  const body: unknown = JSON.parse(request.body.toString() || '{}');
  const object =
    stringAt(objectAt(body, 'regarding'), 'name') ??
    name ??
    stringAt(objectAt(body, 'metadata'), 'name') ??
    '';
  const target = subresource === undefined ? resource : `${resource}/${subresource}`;
  return { what: `${request.method} ${target}`, object };
}
