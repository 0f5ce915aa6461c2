import { isDeepStrictEqual } from 'node:util';

type Document = Readonly<Record<string, unknown>>;

/**
 * The JSON merge patch (RFC 7396) that makes `after` of `before`; undefined where they are the same.
 * Arrays are replaced whole.
 */
export function mergePatch(before: object, after: object): Document | undefined {
  const old = new Map(Object.entries(before));
  const patch: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(after)) {
    const had = old.get(key);
    old.delete(key);
    if (isDocument(had) && isDocument(value)) {
      const inner = mergePatch(had, value);
      if (inner !== undefined) patch[key] = inner;
    } else if (!isDeepStrictEqual(had, value)) {
      patch[key] = value;
    }
  }
  for (const key of old.keys()) patch[key] = null;
  return Object.keys(patch).length === 0 ? undefined : patch;
}

function isDocument(value: unknown): value is Document {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
