import { stringify } from 'yaml';

export const OUTPUT_FORMATS = ['json', 'yaml'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** A document in the format that was asked for. */
export function document(content: unknown, format: OutputFormat): string {
  return format === 'json' ? `${JSON.stringify(content, null, 2)}\n` : yaml(content);
}

/** YAML as kubectl writes and reads it: what YAML 1.1 would take for a time is quoted. */
export function yaml(content: unknown): string {
  return stringify(content, { version: '1.1' });
}
