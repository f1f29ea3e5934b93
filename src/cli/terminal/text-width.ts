const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** Ranges whose signs are wide or full-width, as far as they are no emoji. Source: UAX #11, East Asian Width. */
const wide =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u
const emoji = /^(?:\p{Emoji_Presentation}|\p{Emoji}\ufe0f|\p{Regional_Indicator}{2})/u
const nothing = /^[\p{Mn}\p{Me}\p{Cf}]+$/u

/** Cells that a text takes on a terminal. */
export function widthOf(text: string): number {
  // Most of it, at no cost.
  if (/^[ -~]*$/.test(text)) return text.length
  let cells = 0
  for (const { segment } of graphemes.segment(text)) cells += cellsOf(segment)
  return cells
}

/** As much of a text as fits, with an ellipsis where that is not all of it. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  let kept = ''
  let cells = 1
  for (const { segment } of graphemes.segment(text)) {
    cells += cellsOf(segment)
    if (cells > width) break
    kept += segment
  }
  return `${kept}…`
}

export function padded(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)))
  return align === 'left' ? `${text}${space}` : `${space}${text}`
}

function cellsOf(grapheme: string): number {
  if (nothing.test(grapheme)) return 0
  return wide.test(grapheme) || emoji.test(grapheme) ? 2 : 1
}
