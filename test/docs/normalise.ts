import { stripVTControlCharacters } from 'node:util';

/**
 * Printed text without what differs from one time to another: times, ages, widths of columns, and
 * which of several applications was done first.
 */
export function timeless(text: string): string {
  return stripVTControlCharacters(text)
    .replaceAll(/\r+\n/g, '\n')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replaceAll(/\b(\d+[dhms]){1,2}\b/g, 'SPAN')
    .replaceAll(/ {2,}/g, '  ')
    .replaceAll(/ +$/gm, '')
    .replaceAll(/(?:^[a-z][-a-z]*: .*\n){2,}/gm, sortLines);
}

function sortLines(lines: string): string {
  return lines
    .split(/(?<=\n)/)
    .sort()
    .join('');
}
