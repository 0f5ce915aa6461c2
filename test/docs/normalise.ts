import { stripVTControlCharacters } from 'node:util';

/** Printed text without what differs from one time to another: times, ages, widths of columns. */
export function timeless(text: string): string {
  return stripVTControlCharacters(text)
    .replaceAll(/\r+\n/g, '\n')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replaceAll(/\b(\d+[dhms]){1,2}\b/g, 'SPAN')
    .replaceAll(/ {2,}/g, '  ')
    .replaceAll(/ +$/gm, '');
}
