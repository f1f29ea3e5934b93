import { type Static, Type } from '@sinclair/typebox'
import type { RejectionCause } from '../../model/rejection.ts'
import { closed } from '../../openapi/shapes.ts'
import { action, question } from './operation.ts'
import { Count, Instant, orNull, Param, page, paging, query, Text, Words } from './parts.ts'
import { paused } from './pauses.ts'

export const CauseCount = closed('CauseCount', 'How often for one cause.', {
  cause: Text('Why.'),
  count: Count('How often.')
})

const PlatformRest = closed(
  'PlatformRest',
  'Why the platform’s API is not asked for a while; null where it is asked.',
  {
    refused: Type.Boolean({
      description:
        'Whether it refuses the credentials, which somebody has to correct; otherwise it does not answer, or asked to wait.'
    }),
    places_only: Type.Boolean({
      description: 'Whether only places are not read; else what was sent waits for it.'
    }),
    failures: Count('How often one after the other.'),
    until: Instant('When it is asked next.')
  }
)
export type PlatformRest = Static<typeof PlatformRest>

const reported = {
  id: Text('Its id in the connections file.'),
  platform: Text('Name of the platform.'),
  platform_title: Text('As people write it.'),
  workspace: Text('Id of the workspace in the settings.'),
  customer_key: Text('Whose stays it sends.'),
  addresses: Type.Array(Type.String(), {
    description: 'What to enter at the platform; <token> stands for the agreed secret.'
  }),
  verified_by: Text('How its requests prove themselves.'),
  reads_platform: Type.Boolean({ description: 'Whether it has credentials for the platform’s API.' }),
  last_received_at: orNull(Instant('When it last sent something that was taken in.')),
  accepted_24h: Count('Requests that were taken in within 24 hours; to the hour.'),
  rejected_24h: Type.Array(CauseCount, { description: 'Requests that were not, by cause; to the hour.' }),
  last_rejected_at: orNull(Instant('When the last one was not.')),
  waiting: Count(
    'Deliveries that are to be read yet: now, later or once it is not paused. Of all connections together the first 100,000 are counted.'
  ),
  held: Count('Deliveries that wait for a setting.'),
  dead: Count('Deliveries that cannot be used.'),
  expected_silence_seconds: orNull(
    Count(
      'For how long it may be silent, as learnt from its own last 14 days; null if it has not been sending for long enough to say.'
    )
  ),
  silent_for_seconds: orNull(Count('For how long it has been silent.')),
  unusually_silent: Type.Boolean({ description: 'Whether that is longer than ever before.' }),
  platform_rest: orNull(PlatformRest),
  ...paused
}

export const ConnectionReport = closed(
  'ConnectionReport',
  'An account at a platform, and what comes from it.',
  reported
)
export type ConnectionReport = Static<typeof ConnectionReport>

const AgreedSetting = closed('AgreedSetting', 'What the connections file says of the account.', {
  name: Text('Its name there.'),
  description: orNull(Text('What it is.')),
  required: Type.Boolean({ description: 'Whether nothing goes without it.' }),
  given: Count('How many values it has: two while a secret is changed. They are shown to nobody.')
})
export type AgreedSetting = Static<typeof AgreedSetting>

const ConnectionDetail = closed(
  'ConnectionDetail',
  'An account at a platform, what comes from it, and how it is set up.',
  {
    ...reported,
    guide: Text('The page of the documentation that says what to do at the platform.'),
    secrets: Type.Array(AgreedSetting, { description: 'What requests prove themselves with.' }),
    api: Type.Array(AgreedSetting, { description: 'With what the platform’s API is asked.' }),
    allow_from: Type.Array(Type.String(), {
      description: 'From where requests may come; empty: from everywhere.'
    }),
    events: Type.Array(Type.String(), { description: 'What to have the platform send.' }),
    samples: Type.Array(Type.String(), { description: 'Events of which there is a sample.' }),
    samples_stay_here: Type.Boolean({
      description:
        'Whether samples go no further than the sandbox; otherwise the invented guest is sent to Seam itself.'
    })
  }
)
export type ConnectionDetail = Static<typeof ConnectionDetail>

const aConnection: ConnectionReport = {
  id: 'lakeside',
  platform: 'hospitable',
  platform_title: 'Hospitable',
  workspace: 'default',
  customer_key: 'lakeside-homes',
  addresses: ['https://relay.example.com/webhooks/hospitable/lakeside/<token>'],
  verified_by:
    'header signature: HMAC-SHA256 of the body, hex, key `signing_secret`; and/or `token` in the address',
  reads_platform: true,
  last_received_at: '2027-06-20T08:15:30.000Z',
  accepted_24h: 310,
  rejected_24h: [{ cause: 'credentials_wrong' satisfies RejectionCause, count: 2 }],
  last_rejected_at: '2027-06-19T12:00:00.000Z',
  waiting: 0,
  held: 0,
  dead: 0,
  expected_silence_seconds: 32_400,
  silent_for_seconds: 95,
  unusually_silent: false,
  platform_rest: null,
  paused: null
}

export const listConnections = question({
  operationId: 'listConnections',
  summary: 'List connections',
  description: 'Every connection of the connections file by its id, with what comes from it.',
  querystring: query(paging),
  says: page('ConnectionPage', 'Connections by id.', ConnectionReport),
  what: 'A page.',
  examples: {
    page: {
      value: {
        data: [aConnection],
        next_cursor: null
      }
    }
  }
})

const params = Type.Object({ id: Param('Id of the connection.', 'lakeside') })

export const readConnection = question({
  operationId: 'readConnection',
  summary: 'Read a connection',
  description: 'One connection, and what is to be set up at its platform.',
  params,
  says: ConnectionDetail,
  what: 'What is known.',
  examples: {
    connection: {
      value: {
        ...aConnection,
        guide: 'docs/platforms/hospitable.md',
        secrets: [
          { name: 'signing_secret', description: 'Secret of the partner portal', required: false, given: 0 },
          { name: 'token', description: 'The last part of the webhook’s address', required: false, given: 2 }
        ],
        api: [{ name: 'token', description: null, required: true, given: 1 }],
        allow_from: [],
        events: ['reservation.created', 'reservation.changed'],
        samples: ['reservation.created', 'reservation.changed'],
        samples_stay_here: false
      }
    }
  }
})

const NewSample = closed('NewSample', 'Which sample.', {
  event: Type.Optional(Words('One of `samples` of the connection; the first of them unless given.')),
  real: Type.Optional(
    Type.Boolean({
      description: 'true: also where the relay sends to Seam itself, which then hears of the invented guest.'
    })
  )
})
export type NewSample = Static<typeof NewSample>

const SentSample = closed('SentSample', 'What the relay answered to its own sample.', {
  delivery_id: orNull(Text('Id of the delivery; null where it was not taken in.')),
  status: Type.Integer({ description: 'The status that the platform would have got.' }),
  event: Text('Which sample it was.')
})
export type SentSample = Static<typeof SentSample>

export const sampleOperation = action({
  operationId: 'sendSample',
  summary: 'Send a sample',
  description:
    'Signs a sample as the platform would, with the connection’s own secrets, and sends it to the connection’s address. Its delivery has the user agent seam-relay-sample, and its guest is invented.',
  params,
  body: { ...NewSample, examples: [{ event: 'reservation.created' }] },
  status: 200,
  says: SentSample,
  what: 'It was sent.',
  examples: {
    taken: {
      value: { delivery_id: '0197e1a2b3c4000000a1b2c3d4', status: 200, event: 'reservation.created' }
    }
  }
})
