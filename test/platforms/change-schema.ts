import { Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import type { Translation } from '../../src/platforms/platform.ts'

const text = Type.String({ minLength: 1 })
const told = (schema: Parameters<typeof Type.Optional>[0]) => Type.Optional(Type.Union([schema, Type.Null()]))
const closed = { additionalProperties: false }

const version = Type.Number({ minimum: 0 })
const time = Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$' })
const date = '\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])'
const Moment = Type.Union([
  Type.Object(
    {
      instant: Type.String({
        pattern: `^${date}T\\d{2}:\\d{2}(:\\d{2}(\\.\\d+)?)?(Z|[+-]\\d{2}:?\\d{2})$`
      })
    },
    closed
  ),
  Type.Object(
    {
      date: Type.String({ pattern: `^${date}$` }),
      time: Type.Optional(Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d)?$' })),
      timeZone: Type.Optional(text),
      orInstant: Type.Optional(Type.String({ pattern: `^${date}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$` }))
    },
    closed
  )
])
const guestFields = { name: told(text), email: told(text), phone: told(text) }
const Stay = Type.Object(
  {
    id: text,
    name: told(text),
    places: Type.Optional(Type.Array(text, { uniqueItems: true })),
    guest: told(
      Type.Object(
        {
          id: told(text),
          version: Type.Optional(version),
          unidentified: Type.Optional(Type.Boolean()),
          ...guestFields
        },
        closed
      )
    ),
    start: Type.Union([Moment, Type.Null()]),
    end: Type.Union([Moment, Type.Null()]),
    preferredCode: told(text),
    metadata: Type.Optional(Type.Record(Type.String(), Type.Union([Type.String(), Type.Boolean()])))
  },
  closed
)
const kind = Type.Union([Type.Literal('guest'), Type.Literal('place')])
const Change = Type.Union([
  Type.Object(
    {
      change: Type.Literal('stays'),
      bookingId: text,
      version,
      stays: Type.Array(Stay),
      emptyBecause: Type.Optional(text),
      cancelled: Type.Optional(Type.Boolean())
    },
    closed
  ),
  Type.Object(
    {
      change: Type.Literal('upsert'),
      kind: Type.Literal('guest'),
      id: text,
      fields: Type.Object(guestFields, closed),
      whole: Type.Boolean(),
      version
    },
    closed
  ),
  Type.Object(
    {
      change: Type.Literal('upsert'),
      kind: Type.Literal('place'),
      id: text,
      fields: Type.Object(
        {
          name: told(text),
          timeZone: told(Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$' })),
          checkInTime: told(time),
          checkOutTime: told(time),
          address: told(text),
          latitude: told(Type.Number({ minimum: -90, maximum: 90 })),
          longitude: told(Type.Number({ minimum: -180, maximum: 180 })),
          durationMinutes: told(Type.Number({ exclusiveMinimum: 0 }))
        },
        closed
      ),
      whole: Type.Boolean(),
      version
    },
    closed
  ),
  Type.Object({ change: Type.Literal('remove'), kind, id: text, version }, closed),
  Type.Object({ change: Type.Literal('merge'), kind, id: text, into: text, version }, closed)
])
const IgnoredOutcome = Type.Object(
  {
    ignored: text,
    drift: Type.Optional(Type.Union([Type.Literal('unknown_status'), Type.Literal('unknown_event')]))
  },
  closed
)

/** What does not fit in a translation, one sentence each: ids empty, versions that are no number, malformed moments … */
export function misfits(translation: Translation): string[] {
  if (!Array.isArray(translation)) return deviations(IgnoredOutcome, translation)
  return [
    ...translation.flatMap(change => deviations(Change, change)),
    ...translation.filter(stayIdsRepeat).map(() => 'two stays of one booking have the same id')
  ]
}

/** As {@link misfits}, but only what the store cannot live with, whatever the platform sent. */
export function corruptions(translation: Translation): string[] {
  if (!Array.isArray(translation)) return deviations(IgnoredOutcome, translation)
  return translation.flatMap(change => {
    const id = change.change === 'stays' ? change.bookingId : change.id
    const stayIds = change.change === 'stays' ? change.stays.map(stay => stay.id) : []
    return [
      ...[id, ...stayIds].flatMap(each => deviations(text, each)),
      ...deviations(Type.Number(), change.version)
    ]
  })
}

function deviations(schema: Parameters<typeof Value.Check>[0], value: unknown): string[] {
  if (Value.Check(schema, value)) return []
  const paths = [...Value.Errors(schema, value)].flatMap(error => [
    error,
    ...error.errors.flatMap(iterator => [...iterator])
  ])
  return paths.map(error => `${error.path || 'the change'}: ${error.message}`)
}

function stayIdsRepeat(change: Exclude<Translation, { ignored: string }>[number]): boolean {
  return change.change === 'stays' && new Set(change.stays.map(stay => stay.id)).size < change.stays.length
}
