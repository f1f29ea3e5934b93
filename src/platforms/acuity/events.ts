import { type Static, Type } from '@sinclair/typebox'
import { trimmed } from '../../model/trimmed.ts'
import { type PlatformEvent, readObject, unreadable } from '../platform.ts'
import { type Members, membersOf } from '../told.ts'

/** All that is needed; the ids of calendar and type are read with the appointment. */
export const AppointmentEvent = Type.Object({ id: Type.String({ pattern: '^\\d+$' }) })
export type AppointmentEvent = Static<typeof AppointmentEvent>

const decoder = new TextDecoder('utf-8', { fatal: true })

/** One form, one event. A dynamic webhook may write the action with `appointment.` before it. */
export function readEvents(delivery: { body: Uint8Array }): PlatformEvent[] {
  const variables = variablesIn(delivery)
  const { action } = variables
  if (typeof action !== 'string' || action === '') throw unreadable('the form names no action')
  return [{ type: action.replace(/^appointment\./, ''), payload: variables }]
}

function variablesIn(delivery: { body: Uint8Array }): Members {
  let text: string
  try {
    text = decoder.decode(delivery.body)
  } catch (cause) {
    throw unreadable('the body is not a form', cause)
  }
  // Nothing promises that dynamic webhooks are forms as well.
  if (!text.trimStart().startsWith('{'))
    return membersOf(trimmed(Object.fromEntries(new URLSearchParams(text.trim()))))
  const { id, ...rest } = readObject(delivery)
  return { ...rest, id: typeof id === 'number' ? String(id) : id }
}
