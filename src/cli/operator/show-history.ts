import type { MadeCall } from '../../operate/schemas/history.ts'
import type { LifeTold } from '../../operate/schemas/resources.ts'
import { durationOf } from '../terminal/moments.ts'
import type { Screen, Tone } from '../terminal/screen.ts'

/** What a delivery did and what Seam said to a call, in the life of a reservation and beside a delivery. */

export const outcomeTones: Record<LifeTold['outcome'], Tone> = {
  changed: 'strong',
  unchanged: 'dim',
  stale: 'warn',
  held: 'warn'
}

export function outcomeText(outcome: LifeTold['outcome'], note: string | null): string {
  const words = {
    changed: 'changed it',
    unchanged: 'said nothing new',
    stale: 'came too late: something newer was known',
    held: 'changed it, and it is held'
  }
  return because(words[outcome], note)
}

export function callText(
  { operation, status, duration_ms, error, seam_request_id }: MadeCall,
  screen: Screen
): string {
  const said =
    error === null
      ? screen.paint(`Seam took it (${status})`, 'good')
      : screen.paint(`Seam ${status === null ? 'did not answer' : `said ${status}`}: ${error}`, 'bad')
  const request = seam_request_id === null ? '' : `, seam-request-id ${seam_request_id}`
  return `${operation} → ${said} ${screen.paint(`in ${durationOf(duration_ms)}${request}`, 'dim')}`
}

export function because(what: string, reason: string | null): string {
  return reason === null || reason === '' ? what : `${what}: ${reason}`
}
