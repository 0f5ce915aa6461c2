import { isJsonObject, type JsonObject } from '../../kubernetes/json.ts';

// Each reads what somebody else may have written: undefined for anything that is not what it should be.

export function record(value: unknown): JsonObject | undefined {
  return isJsonObject(value) ? value : undefined;
}

export function string(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function strings(value: unknown): string[] | undefined {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
    ? value
    : undefined;
}
