/** Readers of parsed JSON whose shape is not known. */

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function objectAt(value: unknown, key: string): Record<string, unknown> | undefined {
  const found = isObject(value) ? value[key] : undefined;
  return isObject(found) ? found : undefined;
}

export function arrayAt(value: unknown, key: string): readonly unknown[] {
  const found = isObject(value) ? value[key] : undefined;
  return Array.isArray(found) ? found : [];
}

export function textAt(value: unknown, key: string): string | undefined {
  const found = isObject(value) ? value[key] : undefined;
  return typeof found === 'string' ? found : undefined;
}

export function numberAt(value: unknown, key: string): number | undefined {
  const found = isObject(value) ? value[key] : undefined;
  return typeof found === 'number' ? found : undefined;
}

export function flagAt(value: unknown, key: string): boolean {
  return isObject(value) && value[key] === true;
}

/** The entries of an object that are texts. */
export function textsAt(value: unknown, key: string): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, text] of Object.entries(objectAt(value, key) ?? {})) {
    if (typeof text === 'string') texts[name] = text;
  }
  return texts;
}
