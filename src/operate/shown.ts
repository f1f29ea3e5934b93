import { maskJson, maskKey, maskText, type Subject } from './mask.ts'

/** How an answer shows what may tell of people: {@link masked} unless it was asked to {@link revealed}. */
export interface Shown {
  isRevealed: boolean
  /** Words of the relay, of Seam or of a platform. */
  text(text: string): string
  key(key: string): string
  json(value: unknown, subject?: Subject): unknown
}

export const masked: Shown = { isRevealed: false, text: maskText, key: maskKey, json: maskJson }

export const revealed: Shown = { isRevealed: true, text: text => text, key: key => key, json: value => value }

export function shownOrNull(shown: Shown, text: string | null): string | null {
  return text === null ? null : shown.text(text)
}

export function instant(ms: number): string {
  return new Date(ms).toISOString()
}

export function instantOrNull(ms: number | null | undefined): string | null {
  return ms == null ? null : instant(ms)
}
