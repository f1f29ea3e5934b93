import type { BodyProblem } from './body-problem.ts'

const HALF = 'half of a surrogate pair'
const NUL = 'the character U+0000'

/** What lies deeper no schema allows. */
const DEEPEST = 20

/**
 * Texts that cannot be kept as they are: JSON may write half of a surrogate pair as an escape, which no UTF-8 can hold,
 * and U+0000, which PostgreSQL's text cannot. Each would turn into another character, and two keys into one.
 */
export function brokenTexts(body: unknown, path: string[] = []): BodyProblem[] {
  if (typeof body === 'string') {
    const broken = brokenIn(body)
    return broken === undefined ? [] : [{ path, message: `must be Unicode text without ${broken}` }]
  }
  if (typeof body !== 'object' || body === null || path.length > DEEPEST) return []
  return Object.entries(body).flatMap(([name, value]) => {
    const broken = brokenIn(name)
    return broken === undefined
      ? brokenTexts(value, [...path, name])
      : [{ path, message: `must have names of Unicode text without ${broken}` }]
  })
}

/** In JSON that is UTF-8 as a whole they can only be escapes; most bodies have none. */
export function mayBeBroken(json: Uint8Array): boolean {
  return Buffer.from(json.buffer, json.byteOffset, json.byteLength).includes('\\u')
}

/** The text as it can be kept: a replacement character for each half of a surrogate pair, and nothing for U+0000. */
export function mended(text: string): string {
  return text.toWellFormed().replaceAll('\0', '')
}

function brokenIn(text: string): string | undefined {
  if (!text.isWellFormed()) return HALF
  return text.includes('\0') ? NUL : undefined
}
