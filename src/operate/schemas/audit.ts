import { type Static, Type } from '@sinclair/typebox'
import { closed } from '../../openapi/shapes.ts'
import { question } from './operation.ts'
import { Instant, page, paging, query, Text } from './parts.ts'

const AuditEntry = closed('AuditEntry', 'What somebody did.', {
  id: Text('Id of the entry.'),
  at: Instant('When.'),
  actor: Text('Id of the key; env-admin for RELAY_ADMIN_TOKEN, command-line for commands over the store.'),
  actor_name: Text('The key’s name then.'),
  action: Text('What, such as pause or replay; reveal: looked at people’s data.'),
  target: Text('At what.'),
  detail: Type.Record(Type.String(), Type.Unknown(), {
    description: 'By which filters, without anybody’s data.'
  })
})
export type AuditEntry = Static<typeof AuditEntry>

export const listAudit = question({
  operationId: 'listAudit',
  summary: 'List the audit log',
  description: 'Who did what, newest first. Asks for the scope operate.',
  querystring: query(paging),
  says: page('AuditPage', 'Entries, newest first.', AuditEntry),
  what: 'A page.',
  examples: {
    page: {
      value: {
        data: [
          {
            id: '0197e1a2b3c4000000a1b2c3d4',
            at: '2027-06-20T08:15:30.000Z',
            actor: 'env-admin',
            actor_name: 'RELAY_ADMIN_TOKEN',
            action: 'reveal',
            target: '/api/v1/deliveries/:id 0197e1a2b3c4000000a1b2c3d4',
            detail: {}
          }
        ],
        next_cursor: null
      }
    }
  }
})
