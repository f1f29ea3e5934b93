import { Type } from '@sinclair/typebox'
import { RelayError } from '../../errors.ts'
import { firstText } from '../fields.ts'
import {
  type EventHandler,
  ignored,
  on,
  type TranslateContext,
  type Translation,
  unknownStatus
} from '../platform.ts'
import { isStatusWord, readStandardEvent, refuseBrokenText } from '../standard/read.ts'
import { translateStandardEvent } from '../standard/translate.ts'
import { isMembers, membersOf } from '../told.ts'
import { ExpressionPlace, type Said } from './read-events.ts'

/** The schema lets everything through: the relay's own format has a reader that explains better what is wrong. */
export const told: EventHandler = on(Type.Unknown(), (payload, context) => {
  const said = payload as Said
  if ('error' in said) throw said.error
  if ('nothing' in said) return ignored('its expression yields nothing for this body')
  return translated(said.event, context)
})

function translated(event: unknown, { connection, event: { type } }: TranslateContext): Translation {
  try {
    refuseBrokenText(event, isId)
    const strange = strangeStatus(event)
    if (strange !== undefined) return unknownStatus(strange)
    const own = readStandardEvent(withoutStatus(event))
    if ((own.type === 'reservation.created' || own.type === 'reservation.updated') && !own.data.status) {
      // Left out it would mean confirmed, and so would every word that the expression does not know.
      throw new RelayError(
        'RELAY_EVENT_INVALID',
        `${own.type}: /data/status is missing; an expression always says it, and passes on a word that it does not know`
      )
    }
    return translateStandardEvent(own, connection)
  } catch (error) {
    /* c8 ignore next -- a fault of the relay's own, which nobody knows */
    if (!(error instanceof RelayError)) throw error
    throw new RelayError(error.code, `${type}: what its expression yields does not fit: ${error.message}`, {
      cause: new ExpressionPlace(type, 0)
    })
  }
}

/** Any other text is mended on its way to Seam: half a letter in a name is no reason to go without a code. */
function isId(path: string[]): boolean {
  return ['id', 'listing_id'].includes(`${path.at(-1)}`) || path.at(-2) === 'listing_ids'
}

const reservations = ['reservation.created', 'reservation.updated']

/** No longer than a status of the relay's own: what an expression takes for the status may be any text. */
const LONGEST_WORD = 40

/** A status that is not even written as the relay's own are: a word of the platform's that the expression does not know. */
function strangeStatus(event: unknown): string | undefined {
  const { type, data } = membersOf(event)
  if (!reservations.includes(String(type))) return undefined
  const { status } = membersOf(data)
  if (firstText(status) === undefined || isStatusWord(status)) return undefined
  return String(status).slice(0, LONGEST_WORD)
}

/** A cancellation counts whatever the status is, also in the platform's own words. */
function withoutStatus(event: unknown): unknown {
  if (!isMembers(event) || event.type !== 'reservation.cancelled' || !isMembers(event.data)) return event
  const { status: _status, ...data } = event.data
  return { ...event, data }
}
