import { randomBytes } from 'node:crypto';
import { microTime } from './micro-time.ts';

/** The object an event is about. */
export interface EventReference {
  apiVersion: string;
  kind: string;
  namespace?: string;
  name: string;
  uid?: string;
  resourceVersion?: string;
}

export interface RecordedEvent {
  regarding: EventReference;
  related?: EventReference;
  type: 'Normal' | 'Warning';
  /** Why it happened, one CamelCase word. */
  reason: string;
  /** What was done or tried, one CamelCase word. */
  action: string;
  /** For people; cut to 1 KiB. */
  note: string;
}

/** Who reports. */
export interface EventReporter {
  reportingController: string;
  reportingInstance: string;
}

// Limits of events.k8s.io/v1, in bytes.
const NOTE_LIMIT = 1024;
const WORD_LIMIT = 128;
const NAME_LIMIT = 253;

/** Events of one key are one series. */
export function seriesKeyOf(event: RecordedEvent): string {
  const { regarding, related, type, reason, action, note } = event;
  return JSON.stringify([identityOf(regarding), identityOf(related), type, reason, action, note]);
}

function identityOf(reference: EventReference | undefined): readonly unknown[] {
  return [reference?.kind, reference?.namespace, reference?.name, reference?.uid];
}

/** The namespace an event is stored in: its object's, or `default` where that has none. */
export function eventNamespaceOf(event: RecordedEvent): string {
  return event.regarding.namespace ?? 'default';
}

/** A name that no other event has. */
export function eventNameOf(event: RecordedEvent): string {
  const suffix = `.${randomBytes(8).toString('hex')}`;
  const stem = event.regarding.name.slice(0, NAME_LIMIT - suffix.length);
  return stem.replace(/[^a-z0-9]+$/, '') + suffix;
}

/** The body that creates an event. */
export function eventBody(
  event: RecordedEvent,
  name: string,
  reporter: EventReporter,
  at: number,
): { metadata: { namespace: string; name: string } } & Record<string, unknown> {
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { namespace: eventNamespaceOf(event), name },
    eventTime: microTime(at),
    reportingController: reporter.reportingController,
    reportingInstance: cut(reporter.reportingInstance, WORD_LIMIT),
    action: cut(event.action, WORD_LIMIT),
    reason: cut(event.reason, WORD_LIMIT),
    type: event.type,
    note: cut(event.note, NOTE_LIMIT),
    regarding: event.regarding,
    ...(event.related !== undefined && { related: event.related }),
  };
}

/** Cuts a text to a number of UTF-8 bytes, not inside a character. */
function cut(text: string, limit: number): string {
  if (Buffer.byteLength(text) <= limit) return text;
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(limit - 3));
  return `${text.slice(0, read)}…`;
}
