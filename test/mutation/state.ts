import type { V1Secret } from '@kubernetes/client-node';
import { DAY, type Workspace } from '../controller/harness.ts';
import { adminClient } from '../setup/cluster.ts';
import type { Document } from './documents.ts';

/**
 * All that can be seen of the application `web` and of the Secrets beside it, but for what differs
 * between two applications of one spec: names of namespaces, UIDs, resource versions, secret values.
 * Times are told in days from now.
 */
export async function stateOf(workspace: Workspace): Promise<Document> {
  const { namespace } = workspace;
  const [{ metadata, spec, status }, { items }] = await Promise.all([
    workspace.application('web'),
    adminClient.core.listNamespacedSecret({ namespace }),
  ]);
  const { generation, uid } = metadata;
  const observed = (at: number | undefined) => (at === generation ? 'the newest' : 'an older one');
  const conditions = (status?.conditions ?? []).map(
    ({ type, observedGeneration, ...condition }) =>
      [type, { ...condition, observedGeneration: observed(observedGeneration) }] as const,
  );
  const state = {
    metadata: ownMetadata(metadata),
    spec,
    status: {
      ...status,
      observedGeneration: observed(status?.observedGeneration),
      conditions: Object.fromEntries(conditions),
    },
    secrets: Object.fromEntries(
      items.map((secret) => [secret.metadata?.name ?? '', secretState(secret)]),
    ),
  };
  const text = JSON.stringify(state).replaceAll(namespace, '<namespace>').replaceAll(uid, '<uid>');
  return JSON.parse(withDays(text, Date.now()));
}

function ownMetadata(metadata: object): Document {
  const {
    namespace: _namespace,
    uid: _uid,
    resourceVersion: _resourceVersion,
    generation: _generation,
    creationTimestamp: _creationTimestamp,
    managedFields: _managedFields,
    ...own
  }: Record<string, unknown> = { ...metadata };
  return own;
}

function secretState({ metadata = {}, data = {}, type, immutable }: V1Secret): Document {
  const notes = Object.entries(metadata.annotations ?? {}).map(([name, text]) => [
    name,
    name === 'keyturn.dev/state' ? recordState(text) : text,
  ]);
  const values = [...new Set(Object.values(data))];
  const shown = Object.entries(data).map(([key, value]) => {
    const clear = Buffer.from(value, 'base64').toString();
    // The client ID is public; of client secrets only which is which matters.
    return [key, /^[\w-]{43}$/.test(clear) ? `client secret ${values.indexOf(value)}` : clear];
  });
  return {
    ...ownMetadata(metadata),
    annotations: Object.fromEntries(notes),
    data: Object.fromEntries(shown),
    type,
    immutable,
  };
}

interface RecordState {
  readonly digests: {
    readonly salt: string;
    readonly current: string;
    readonly previous?: string;
    readonly former: readonly string[];
  };
}

function recordState(text: string): Document {
  const state: RecordState = JSON.parse(text);
  const { current, previous, former } = state.digests;
  return {
    ...state,
    digests: {
      current: current !== '',
      previous: previous !== undefined,
      former: former.length,
    },
  };
}

function withDays(text: string, now: number): string {
  return text.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, (time) => {
    return `day ${Math.round((Date.parse(time) - now) / DAY)}`;
  });
}
