import { sameEmail } from './contact.ts'

/** The words by which people and places are found, the same when they are kept and when somebody looks for them. */

const MOST_WORDS = 12
const MOST_WORD_LENGTH = 64

/** Without accents and in small letters: `Jürgen  O’Neill` → `jurgen`, `o`, `neill`. */
export function wordsIn(text: string): string[] {
  const plain = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
  const words = plain.match(/[\p{L}\p{N}]+/gu) ?? []
  return [...new Set(words.map(word => word.slice(0, MOST_WORD_LENGTH)))].slice(0, MOST_WORDS)
}

/** A number is found by its end, so it is kept from there on. */
export function phoneWord(digits: string): string {
  return `#${[...digits.replace(/\D/g, '')].reverse().join('')}`
}

export function emailWord(address: string): string {
  return `@${sameEmail(address)}`
}

/** Of what Seam shall hold of a person or a place. */
export function searchWordsIn(fields: Record<string, unknown> | null): string[] {
  if (fields === null) return []
  const { name, email_address: email, phone_number: phone } = fields
  return [
    ...ofText(name, wordsIn),
    ...ofText(email, text => [emailWord(text)]),
    ...ofText(phone, text => [phoneWord(text)])
  ].sort()
}

function ofText(value: unknown, words: (text: string) => string[]): string[] {
  return typeof value === 'string' ? words(value) : []
}
