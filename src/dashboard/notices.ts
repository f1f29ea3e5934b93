import { signal } from '@preact/signals'

/** What has just been done, said once and by screen readers too. */
export interface Said {
  tone: 'ok' | 'bad'
  text: string
  /** A page that shows more. */
  page?: string
}

export const said = signal<Said | undefined>(undefined)

const SHOWN_MS = 8_000
let timer: ReturnType<typeof setTimeout> | undefined

export function say(text: string, page?: string): void {
  show({ tone: 'ok', text, ...(page !== undefined && { page }) })
}

/** Stays until it is put away. */
export function complain(text: string): void {
  show({ tone: 'bad', text })
}

function show(next: Said): void {
  clearTimeout(timer)
  said.value = next
  if (next.tone === 'ok') timer = setTimeout(hush, SHOWN_MS)
}

export function hush(): void {
  said.value = undefined
}
