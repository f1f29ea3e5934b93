import { type Static, Type } from '@sinclair/typebox'
import { oneOf } from '../fields.ts'
import { Template } from './template.ts'

/**
 * What a connection may say under `webhooks`. Every value is a text, as the connections file has it. What a schema cannot
 * say (which members belong to which scheme, whether an expression can be read) is in `problems.ts`.
 */
const closed = { additionalProperties: false }

const HeaderName = Type.String({
  pattern: '^[A-Za-z0-9!#$%&*+.^_|~-]+$',
  description: 'the name of a header, such as x-signature'
})
const Name = Type.String({ minLength: 1, maxLength: 100, description: 'a name' })
const Path = Type.String({
  pattern: '^[^.\\s]+(\\.[^.\\s]+)*$',
  maxLength: 300,
  description: 'names divided by periods, such as data.booking.id'
})

const Place = Type.Object(
  {
    body: Type.Optional(Path),
    header: Type.Optional(HeaderName),
    query: Type.Optional(Name)
  },
  { ...closed, minProperties: 1, maxProperties: 1, description: 'one of body, header and query' }
)

export const schemes = ['hmac', 'basic', 'header', 'token', 'standard_webhooks', 'sns'] as const
export type Scheme = (typeof schemes)[number]

const Timestamp = Type.Object(
  {
    header: HeaderName,
    member: Type.Optional(Name),
    unit: Type.Optional(
      oneOf(['seconds', 'milliseconds', 'iso'], 'How the time is written; seconds since 1970 by default')
    )
  },
  { ...closed, description: 'The header that says when the request was signed' }
)

const SignedId = Type.Object(
  { header: HeaderName },
  { ...closed, description: 'The header whose text is signed as {id}' }
)

export const VerificationEntry = Type.Object(
  {
    scheme: oneOf(schemes, `One of ${schemes.join(', ')}`),
    header: Type.Optional(HeaderName),
    prefix: Type.Optional(
      Type.String({ minLength: 1, maxLength: 60, description: 'What stands before it, such as sha256=' })
    ),
    member: Type.Optional(
      Type.String({
        pattern: '^[^\\s=,;]+$',
        description: 'Where the header is t=…,v1=…: the name of the signature in it, here v1'
      })
    ),
    algorithm: Type.Optional(oneOf(['sha1', 'sha256', 'sha512'], 'The hash; sha256 by default')),
    encoding: Type.Optional(oneOf(['hex', 'base64', 'base64url'], 'Of the signature; hex by default')),
    key: Type.Optional(
      oneOf(['plain', 'base64', 'hex'], 'How signing_secret is to be read; plain by default')
    ),
    signed: Type.Optional(Template),
    timestamp: Type.Optional(Timestamp),
    tolerance_seconds: Type.Optional(
      Type.String({
        pattern: '^[1-9]\\d{0,5}$',
        description: 'How far the time may be from the relay’s clock; 300 by default'
      })
    ),
    id: Type.Optional(SignedId),
    url: Type.Optional(
      Type.String({
        pattern: '^https?://[^\\s]+$',
        description: 'The whole webhook address as it is entered at the platform, for {url}'
      })
    ),
    query: Type.Optional(
      Type.String({
        pattern: '^[\\w.-]+$',
        description: 'The query parameter that carries the token; the end of the address by default'
      })
    )
  },
  { ...closed, description: 'How a request proves who sent it' }
)
export type VerificationEntry = Static<typeof VerificationEntry>

const EventEntry = Type.Object(
  {
    each: Type.Optional({ ...Path, description: 'The list in the body whose entries are an event each' }),
    type: Type.Optional(
      Type.Union([Place, Type.Array(Place, { minItems: 1, maxItems: 5 })], {
        description:
          'Where the name of the event is found: body, header or query; of a list the parts, joined by periods'
      })
    ),
    id: Type.Optional({
      ...Place,
      description: 'Where the id of the request is found, the same in its repeats'
    }),
    time: Type.Optional({ ...Place, description: 'Where the time of the change is found' })
  },
  { ...closed, description: 'Where the facts about an event are found' }
)
export type EventEntry = Static<typeof EventEntry>
export type Place = Static<typeof Place>

function numberFrom(pattern: string, description: string) {
  return Type.Optional(Type.String({ pattern, description }))
}

const Limits = Type.Object(
  {
    milliseconds: numberFrom(
      '^([1-9]\\d{0,2}|[1-4]\\d{3}|5000)$',
      'Time of one evaluation, 1 to 5000; 250 by default'
    ),
    depth: numberFrom('^[1-9]\\d{1,3}$', 'How deep an evaluation may go, 10 to 9999; 1000 by default'),
    sequence: numberFrom(
      '^[1-9]\\d{0,5}$',
      'How long a list may become in an evaluation, 1 to 999999; 10000 by default'
    )
  },
  { ...closed, description: 'What one evaluation of an expression may cost' }
)

export const Description = Type.Object(
  {
    title: Type.Optional(
      Type.String({ pattern: '^\\S(.{0,58}\\S)?$', description: 'What people call the platform' })
    ),
    verification: VerificationEntry,
    event: Type.Optional(EventEntry),
    events: Type.Record(
      Type.String({ minLength: 1 }),
      Type.String({ minLength: 1, maxLength: 20_000, description: 'A JSONata expression' }),
      { description: 'By the name of the event: the JSONata expression that says what it means' }
    ),
    ignored: Type.Optional(
      Type.Record(
        Type.String(),
        Type.String({ minLength: 1, maxLength: 200, description: 'Why it is not needed' }),
        { description: 'By the name of the event: why it is not needed' }
      )
    ),
    limits: Type.Optional(Limits),
    samples: Type.Optional(
      Type.String({
        pattern: '\\.json$',
        description: 'Files with sample bodies, such as ./samples/*.json, seen from the connections file'
      })
    )
  },
  { ...closed, description: 'How the webhooks of the platform are verified and read' }
)
export type Description = Static<typeof Description>
