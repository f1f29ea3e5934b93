/**
 * A text into which variables were put, piece by piece. What is `filled` in counts and may be a secret; what is `written`
 * may be shown. Both are the same but for a variable.
 */
export type Pieces = { written: string; filled: string }[]

export function filledText(pieces: Pieces): string {
  return pieces.map(({ filled }) => filled).join('')
}

export function writtenText(pieces: Pieces): string {
  return pieces.map(({ written }) => written).join('')
}

/** Where a character of the filled text stands in the written one; what comes from a variable stands where that begins. */
export function writtenOffset(pieces: Pieces, offset: number): number {
  let [before, left] = [0, offset]
  for (const { written, filled } of pieces) {
    if (left < filled.length) return written === filled ? before + left : before
    before += written.length
    left -= filled.length
  }
  return before
}
