import { type Static, Type } from '@sinclair/typebox'
import { closed } from '../../openapi/shapes.ts'
import { Count, Instant, orNull, page, paging, query, question, Text } from './parts.ts'

const CauseCount = closed('CauseCount', 'How often for one cause.', {
  cause: Text('Why.'),
  count: Count('How often.')
})

export const ConnectionReport = closed(
  'ConnectionReport',
  'An account at a platform, and what comes from it.',
  {
    id: Text('Its id in the connections file.'),
    platform: Text('Name of the platform.'),
    platform_title: Text('As people write it.'),
    workspace: Text('Id of the workspace in the settings.'),
    customer_key: Text('Whose stays it tells of.'),
    addresses: Type.Array(Type.String(), {
      description: 'What to enter at the platform; <token> stands for the agreed secret.'
    }),
    verified_by: Text('How its requests prove themselves.'),
    reads_platform: Type.Boolean({ description: 'Whether it has credentials for the platform’s API.' }),
    last_received_at: orNull(Instant('When it last sent something that was taken in.')),
    accepted_24h: Count('Requests that were taken in within 24 hours; to the hour.'),
    rejected_24h: Type.Array(CauseCount, { description: 'Requests that were not, by cause; to the hour.' }),
    last_rejected_at: orNull(Instant('When the last one was not.')),
    held: Count('Deliveries that wait for a setting.'),
    dead: Count('Deliveries that cannot be used.'),
    expected_silence_seconds: orNull(
      Count(
        'For how long it may be silent, as learnt from its own last 14 days; null where it has not sent for long enough to tell.'
      )
    ),
    silent_for_seconds: orNull(Count('For how long it has been silent.')),
    unusually_silent: Type.Boolean({ description: 'Whether that is longer than it ever was.' })
  }
)
export type ConnectionReport = Static<typeof ConnectionReport>

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
        data: [
          {
            id: 'lakeside',
            platform: 'hostaway',
            platform_title: 'Hostaway',
            workspace: 'default',
            customer_key: 'lakeside-homes',
            addresses: ['https://relay.example.com/webhooks/hostaway/lakeside'],
            verified_by: 'user name and password (HTTP Basic)',
            reads_platform: true,
            last_received_at: '2027-06-20T08:15:30.000Z',
            accepted_24h: 310,
            rejected_24h: [{ cause: 'credentials_wrong', count: 2 }],
            last_rejected_at: '2027-06-19T12:00:00.000Z',
            held: 0,
            dead: 0,
            expected_silence_seconds: 32_400,
            silent_for_seconds: 95,
            unusually_silent: false
          }
        ],
        next_cursor: null
      }
    }
  }
})
