import { textAt } from '../checker/json.ts';
import type { Api } from './api.ts';
import type { Recorder } from './recorder.ts';

/** Somebody who writes applications and Secrets, and of whom the recorder knows. */
export class User {
  readonly #api: Api;
  readonly #recorder: Recorder;
  #edits = 0;

  constructor(api: Api, recorder: Recorder) {
    this.#api = api;
    this.#recorder = recorder;
  }

  /** Resolves to the status of the answer. */
  create(path: string, body: unknown): Promise<string> {
    return this.#send('POST', path, body);
  }

  /** Each patch leaves a mark, so that none is without effect and taken for the operator's. */
  patch(path: string, patch: Readonly<Record<string, unknown>> = {}): Promise<string> {
    this.#edits += 1;
    const metadata: Record<string, unknown> = { ...Object(patch['metadata']) };
    const mark = { 'chaos.test/edit': String(this.#edits) };
    const annotations = { ...Object(metadata['annotations']), ...mark };
    return this.#send('PATCH', path, { ...patch, metadata: { ...metadata, annotations } });
  }

  delete(path: string, uid?: string): Promise<string> {
    if (uid === undefined) return this.#send('DELETE', path);
    this.#recorder.noteUserDeletion(uid);
    return this.#send('DELETE', path, { preconditions: { uid } });
  }

  async #send(method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<string> {
    const answer = await this.#api.send(method, path, body);
    if (answer.status < 300) this.#recorder.noteUserWrite(answer.body);
    else if (answer.status === 422 && path.includes('oidcapplications')) {
      throw new Error(`the plan asks for what is not admitted: ${textAt(answer.body, 'message')}`);
    }
    return String(answer.status);
  }
}
