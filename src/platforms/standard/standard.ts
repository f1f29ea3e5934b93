/**
 * The relay's own event format, for any system that has no adapter: docs/standard-events.md.
 * Signature and envelope (`type`, `timestamp`, `data`) are those of the Standard Webhooks specification 1.0
 * (github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md).
 */
import { Type } from '@sinclair/typebox'
import { definePlatform, on, readObject, unreadable } from '../platform.ts'
import { standardWebhooks } from '../standard-webhooks.ts'
import { standings } from './events.ts'
import { readStandardEvent, refuseBrokenText } from './read.ts'
import { samples } from './samples.ts'
import { translateStandardEvent } from './translate.ts'

/** The schema lets everything through, because `readStandardEvent` explains what is wrong better than a schema can. */
const told = on(Type.Unknown(), (payload, { connection }) => {
  refuseBrokenText(payload)
  return translateStandardEvent(readStandardEvent(payload), connection)
})

export const standard = definePlatform({
  name: 'standard',
  title: 'Standard',
  verification: standardWebhooks({ prefixes: ['webhook'] }),
  secrets: Type.Object({
    signing_secret: Type.String({
      pattern: '^whsec_[A-Za-z0-9+/]{32,88}={0,2}$',
      description: '`whsec_` and 24 to 64 random bytes in base64'
    })
  }),
  preferredCode: 'platform',
  deliveryId: incoming => incoming.headers['webhook-id'],
  readEvents(delivery) {
    const payload = readObject(delivery)
    if (typeof payload.type !== 'string') throw unreadable('/type must be a text such as reservation.updated')
    return [{ type: payload.type, payload }]
  },
  events: {
    'reservation.created': told,
    'reservation.updated': told,
    'reservation.cancelled': told,
    'guest.created': told,
    'guest.updated': told,
    'guest.deleted': told,
    'listing.created': told,
    'listing.updated': told,
    'listing.deleted': told
  },
  ignored: { 'test.ping': 'test delivery' },
  statuses: {
    member: 'status',
    standings,
    beside: 'A reservation without one is confirmed; `reservation.cancelled` cancels whatever the status is.'
  },
  samples
})
