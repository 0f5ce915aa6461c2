/** What others wrote must neither end a line nor steer the terminal. */
export function escaped(text: string): string {
  return text.replace(/\p{Cc}/gu, escapeOf);
}

/** The same for a text of several lines, which stay lines. */
export function escapedLines(text: string): string {
  return text.split('\n').map(escaped).join('\n');
}

function escapeOf(character: string): string {
  const code = character.charCodeAt(0).toString(16).padStart(4, '0');
  return character === '\n' ? '\\n' : `\\u${code}`;
}
