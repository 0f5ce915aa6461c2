import { setTimeout as delay } from 'node:timers/promises';
import type { KubeConfig } from '@kubernetes/client-node';
import { Agent, request } from 'undici';
import { isObject, objectAt, textAt } from '../checker/json.ts';

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export interface WatchEvent {
  readonly type: string;
  readonly object: unknown;
}

/** A connection to the API server of the test's own: nothing of the operator's runtime is in it. */
export class Api {
  readonly #server: string;
  readonly #agent: Agent;

  constructor(kubeConfig: KubeConfig) {
    const cluster = kubeConfig.getCurrentCluster();
    const user = kubeConfig.getCurrentUser();
    const pem = (base64: string | undefined) => Buffer.from(base64 ?? '', 'base64');
    this.#server = cluster?.server ?? '';
    const credentials = {
      ca: pem(cluster?.caData),
      cert: pem(user?.certData),
      key: pem(user?.keyData),
    };
    this.#agent = new Agent({ connect: credentials, bodyTimeout: 0 });
  }

  /** Resolves with any answer but one of 5xx. */
  async send(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
  ): Promise<Answer> {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const answer = await request(`${this.#server}${path}`, {
      dispatcher: this.#agent,
      method,
      headers: { 'content-type': type },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const parsed: unknown = JSON.parse(await answer.body.text());
    if (answer.statusCode >= 500) {
      throw new Error(`${method} ${path}: ${answer.statusCode} ${textAt(parsed, 'message')}`);
    }
    return { status: answer.statusCode, body: parsed };
  }

  /** Follows a collection from a version on until the signal aborts. */
  async watch(
    path: string,
    from: string,
    signal: AbortSignal,
    take: (event: WatchEvent) => void,
  ): Promise<void> {
    let version = from;
    while (!signal.aborted) {
      const query = `watch=true&allowWatchBookmarks=true&resourceVersion=${version}`;
      const { statusCode, body } = await request(`${this.#server}${path}?${query}`, {
        dispatcher: this.#agent,
        signal,
      });
      if (statusCode === 429) {
        // It still fills its watch cache.
        await body.dump();
        await delay(200);
        continue;
      }
      if (statusCode !== 200) throw new Error(`the watch of ${path} was answered ${statusCode}`);
      let rest = '';
      body.setEncoding('utf8');
      for await (const chunk of body) {
        const lines = `${rest}${chunk}`.split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          const event: unknown = JSON.parse(line);
          const object = isObject(event) ? event['object'] : undefined;
          const type = textAt(event, 'type') ?? '';
          if (type === 'ERROR') throw new Error(`the watch of ${path} failed`);
          version = textAt(objectAt(object, 'metadata'), 'resourceVersion') ?? version;
          if (type !== 'BOOKMARK') take({ type, object });
        }
      }
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}

/** The path of a collection or of an object in it. */
export function pathOf(
  kind: 'secret' | 'application',
  namespace: string,
  name?: string,
  subresource?: string,
): string {
  const root =
    kind === 'secret'
      ? `/api/v1/namespaces/${namespace}/secrets`
      : `/apis/keyturn.dev/v1alpha1/namespaces/${namespace}/oidcapplications`;
  return [root, name, subresource].filter((part) => part !== undefined).join('/');
}
