const PIECE = 12;

/** The ways in which a value given in base64 may be spelt. */
function spellingsOf(base64: string): string[] {
  const clear = Buffer.from(base64, 'base64').toString('utf8');
  return [clear, base64, Buffer.from(base64).toString('base64')];
}

/**
 * Which of the values (in base64) a text gives away: all of one, or any piece of it of 12 characters,
 * in clear, in base64 or in base64 twice.
 */
export function leaksIn(text: string, values: Iterable<string>): string[] {
  const pieces = new Set(piecesOf(text, PIECE));
  return [...values].filter((value) =>
    spellingsOf(value).some((spelling) =>
      spelling.length < PIECE
        ? text.includes(spelling)
        : [...piecesOf(spelling, PIECE)].some((piece) => pieces.has(piece)),
    ),
  );
}

function* piecesOf(text: string, length: number): Generator<string> {
  for (let at = 0; at + length <= text.length; at += 1) yield text.slice(at, at + length);
}
