/**
 * Smoobu, webhooks.
 *
 * Sources, state of 2026-11: the beginning of the documentation, https://docs.smoobu.com (actions, the header `Api-Key`),
 * and public code that agrees with itself for all the rest (envelope, fields, types, apartments).
 *
 * Assumed, and not confirmed by any document: that nothing is signed; what a deletion carries (only its id is read); in
 * which zone times of change are written; what the parts of an apartment's location are called; that 404 for a
 * reservation means that it is gone, or not there yet. Signature headers in public code are their authors' own. A flat
 * payload that one project reads contradicts all others and is not supported.
 *
 * The address carries a token, and that is all the proof there is. So a reservation is read again where credentials
 * exist, and that is believed unless it is older than the webhook, which the API has then not caught up with. Where it
 * contradicts the webhook, it is asked for again before it is believed.
 */
import { Type } from '@sinclair/typebox'
import { Setting } from '../fields.ts'
import { definePlatform, on, peekObject } from '../platform.ts'
import { idOf } from '../told.ts'
import { AddressToken, sharedToken } from '../verify.ts'
import { ReservationEvent, readEvents, reservationEvents } from './events.ts'
import { hydration, readPlace } from './hydrate.ts'
import { samples } from './samples.ts'
import { standIn } from './stand-in.ts'
import { statuses } from './status.ts'
import { reservationTold } from './translate.ts'

const reservation = on(ReservationEvent, reservationTold)

export const smoobu = definePlatform({
  name: 'smoobu',
  title: 'Smoobu',
  // In the path, as a query is written into more logs; who has it in the query already need not change that.
  verification: { ...sharedToken({ query: 'token' }), sign: sharedToken().sign },
  secrets: Type.Object({
    token: AddressToken
  }),
  api: Type.Object({
    api_key: Setting('Settings → For developers'),
    user_id: Type.Optional(
      Type.String({ examples: ['130001'], description: 'Refuses webhooks of other accounts' })
    ),
    endpoint: Type.Optional(Type.String({ description: 'instead of https://login.smoobu.com' }))
  }),
  preferredCode: 'none',
  mediaTypes: ['text/plain', 'application/octet-stream'],
  isOwn(incoming, connection) {
    const ours = connection.api?.user_id
    const told = idOf(peekObject(incoming)?.user)
    return ours === undefined || told === undefined || told === ours
  },
  readEvents,
  hydration,
  readPlace,
  events: Object.fromEntries(reservationEvents.map(type => [type, reservation])),
  ignored: {
    updateRates: 'prices give no access',
    newMessage: 'a message gives no access'
  },
  statuses,
  samples,
  standIn
})
