import { escaped } from '../../api/printable.ts';
import type { Paint } from '../terminal.ts';

/** A text in a column, and in which style where it should be seen at once. */
export type Cell = string | { readonly text: string; readonly style: Parameters<Paint>[0] };

const GAP = '   ';

/** Rows in columns that are as wide as their widest text; the last one is not filled up. */
export function table(rows: readonly (readonly Cell[])[], paint: Paint, indent = ''): string {
  const texts = rows.map((row) => row.map((cell) => escaped(textOf(cell))));
  const widths: number[] = [];
  for (const row of texts) {
    for (const [column, text] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, text.length);
    }
  }
  return rows
    .map((row, index) => {
      const cells = row.map((cell, column) => {
        const text = texts[index]?.[column] ?? '';
        const filling = ' '.repeat((widths[column] ?? 0) - text.length);
        return `${typeof cell === 'string' ? text : paint(cell.style, text)}${filling}`;
      });
      return `${indent}${cells.join(GAP)}`.trimEnd();
    })
    .map((line) => `${line}\n`)
    .join('');
}

function textOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text;
}
