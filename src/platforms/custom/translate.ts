import { Type } from '@sinclair/typebox'
import { RelayError } from '../../errors.ts'
import { type EventHandler, ignored, on, type TranslateContext, type Translation } from '../platform.ts'
import { readStandardEvent } from '../standard/read.ts'
import { translateStandardEvent } from '../standard/translate.ts'
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
    const own = readStandardEvent(event)
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
