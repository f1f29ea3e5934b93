/**
 * Text of strangers on a terminal: a guest may be called anything, and neither moves the cursor, nor paints, nor turns the
 * direction of writing, nor begins a line. What would is shown in its place: C0 by its picture, everything else as `�`.
 */
export function harmless(text: string): string {
  return text.toWellFormed().replace(harmful, sign => {
    const code = sign.charCodeAt(0)
    if (code < 0x20) return String.fromCharCode(PICTURES + code)
    return code === DELETE ? PICTURE_OF_DELETE : REPLACEMENT
  })
}

/** The same for everything in an answer, names of members too. */
export function harmlessIn<T>(value: T): T {
  return mapped(value) as T
}

/** JSON that a terminal only prints: what JSON itself leaves as it is, is escaped as well. */
export function harmlessJson(value: unknown, space = 2): string {
  const json = JSON.stringify(value, undefined, space)
  return json.replace(harmfulInJson, sign =>
    [...Array(sign.length).keys()].map(at => `\\u${hexOf(sign.charCodeAt(at))}`).join('')
  )
}

const DELETE = 0x7f
/** U+2400, where the pictures of the control characters begin. */
const PICTURES = 0x2400
const PICTURE_OF_DELETE = '\u2421'
const REPLACEMENT = '\ufffd'

/** Joiners are parts of words and of emoji. */
const harmful = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu
/** The line feeds are those of the JSON: in its strings they are escaped. */
const harmfulInJson = /(?![\n\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

function hexOf(code: number): string {
  return code.toString(16).padStart(4, '0')
}

function mapped(value: unknown): unknown {
  if (typeof value === 'string') return harmless(value)
  if (Array.isArray(value)) return value.map(mapped)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [harmless(name), mapped(each)]))
}
