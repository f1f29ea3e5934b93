import { maskJson, maskKey, maskSeamWords, maskText, type Sent, type Subject } from './mask.ts'

/** How an answer shows what may tell of people: {@link masked} unless it was asked to {@link revealed}. */
export interface Shown {
  isRevealed: boolean
  /** Words of the relay or of a platform, and those of Seam about a whole workspace. */
  text(text: string): string
  /** Words of Seam about what it was sent. @param sent undefined where that is not known any more */
  seamWords(text: string, sent: Sent[] | undefined): string
  key(key: string): string
  json(value: unknown, subject?: Subject): unknown
}

export const masked: Shown = {
  isRevealed: false,
  text: maskText,
  seamWords: maskSeamWords,
  key: maskKey,
  json: maskJson
}

export const revealed: Shown = {
  isRevealed: true,
  text: text => text,
  seamWords: text => text,
  key: key => key,
  json: value => value
}

export function shownOrNull(shown: Shown, text: string | null): string | null {
  return text === null ? null : shown.text(text)
}

export function instant(ms: number): string {
  return new Date(ms).toISOString()
}

export function instantOrNull(ms: number | null | undefined): string | null {
  return ms == null ? null : instant(ms)
}
