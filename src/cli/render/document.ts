import { Document, visit } from 'yaml';
import { escapedJSON, escapedLines } from '../../api/printable.ts';

export const OUTPUT_FORMATS = ['json', 'yaml'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** A document in the format that was asked for. */
export function document(content: unknown, format: OutputFormat): string {
  return format === 'json' ? `${escapedJSON(JSON.stringify(content, null, 2))}\n` : yaml(content);
}

/** YAML as kubectl writes and reads it: what YAML 1.1 would take for a time is quoted. */
export function yaml(content: unknown): string {
  const written = new Document(content, { version: '1.1' });
  visit(written, {
    Scalar(_, scalar) {
      // Between double quotes YAML has the escapes of JSON, and elsewhere none.
      const { value } = scalar;
      if (typeof value === 'string' && escapedLines(value) !== value) scalar.type = 'QUOTE_DOUBLE';
    },
  });
  return escapedJSON(written.toString());
}
