/** What steers a terminal, ends a line, or shows it in another order: controls, formats, separators. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
const UNPRINTABLE_IN_JSON = /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu;

/** What others wrote must neither end a line nor steer the terminal. */
export function escaped(text: string): string {
  return text.replace(UNPRINTABLE, escapeOf);
}

/** The same for a text of several lines, which stay lines. */
export function escapedLines(text: string): string {
  return text.split('\n').map(escaped).join('\n');
}

/** The same for JSON, which has escapes for the characters below the space alone. It means the same. */
export function escapedJSON(json: string): string {
  return json.replace(UNPRINTABLE_IN_JSON, escapeOf);
}

/** As JSON escapes it: beyond the basic plane in two halves. */
function escapeOf(character: string): string {
  if (character === '\n') return '\\n';
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}
