import { type Static, Type } from '@sinclair/typebox'
import { closed } from '../../openapi/shapes.ts'
import { standardEventSchema } from '../../platforms/standard/events.ts'

/** Posting the relay's own events with an API key. */

/** How many events one body may hold. */
export const MAX_EVENTS = 1_000

/** Each event of a list is judged for itself, so this describes and does not validate. */
export const EventsBody = Type.Union(
  [standardEventSchema, Type.Array(standardEventSchema, { minItems: 1, maxItems: MAX_EVENTS })],
  { title: 'EventsBody', description: `One event, or a list of at most ${MAX_EVENTS}.` }
)

export const EventsQuery = closed('EventsQuery', 'Where the events belong.', {
  connection: Type.Optional(
    Type.String({
      description:
        'Id of a connection of the platform standard. May be left out where the key reaches only one.'
    })
  )
})

const stored = {
  delivery_id: Type.String({ description: 'Under which to ask what became of it.' }),
  duplicate: Type.Optional(
    Type.Literal(true, { description: 'An event with this id is there already; nothing was done.' })
  )
}

const OneEventReply = closed('EventReceived', 'The event is on disk.', {
  received: Type.Literal(true),
  ...stored
})

const StoredEvent = closed('StoredEvent', 'This event is on disk.', stored)

const RefusedEvent = closed(
  'RefusedEvent',
  'This event was not taken in; the others are not touched by that.',
  {
    error: Type.Object({
      code: Type.String({ description: 'The relay’s code of the error.' }),
      detail: Type.String({ description: 'What is wrong with the event, in a sentence.' })
    })
  }
)

const ManyEventsReply = closed('EventsReceived', 'What became of each event of the list.', {
  results: Type.Array(Type.Union([StoredEvent, RefusedEvent]), {
    description: 'In the order of the list.'
  })
})

export type EventsReply = Static<typeof EventsReply>

/** As the body was: for one event, or for a list. */
export const EventsReply = Type.Union([OneEventReply, ManyEventsReply], {
  title: 'EventsReply',
  description: 'What became of the event, or of each event of the list.'
})
