/** A JSON object of any content. */
export type Document = Readonly<Record<string, unknown>>;

const DAY = 24 * 3_600_000;

/** A time in a document, counted from when the document is used. */
export function daysFromNow(days: number): Document {
  return { daysFromNow: days };
}

/** `value` with the times in it as RFC 3339 spells them. */
export function withTimes(value: unknown, now = Date.now()): unknown {
  if (!isDocument(value)) return value;
  const { daysFromNow: days } = value;
  if (typeof days === 'number') return new Date(now + days * DAY).toISOString();
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, withTimes(item, now)]),
  );
}

/** `base` with `changes` merged into it, object by object. */
export function merged(base: Document, changes: Document): Document {
  const result: Record<string, unknown> = { ...base };
  for (const [key, change] of Object.entries(changes)) {
    const before = result[key];
    result[key] = isDocument(before) && isDocument(change) ? merged(before, change) : change;
  }
  return result;
}

/** The document that holds `value` at `path`, as in `rotation.every`; an empty one for undefined. */
export function nested(path: string, value: unknown): Document {
  if (value === undefined) return {};
  const [first = '', ...rest] = path.split('.');
  return { [first]: rest.length === 0 ? value : nested(rest.join('.'), value) };
}

function isDocument(value: unknown): value is Document {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
