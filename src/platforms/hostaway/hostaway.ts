/**
 * Hostaway: unified webhooks and Public API v1.
 *
 * Sources, state of 2026-07-23:
 * - "Hostaway Public API", https://api.hostaway.com/documentation, and the repository it is made from,
 *   https://github.com/Hostaway/api: unified webhook (login and password, retries, the three events), reservation,
 *   reservation unit, reservation statuses, listing, listing unit, authentication
 * - the handshake (`data` is `"test"`): PipedreamHQ/pipedream, the Hostaway sources
 * - `reservation.created` as the wire spells it, and the envelope `payload.data`: steviecg02/sync-hostaway
 *
 * What they leave open: whether a webhook carries `updatedOn` and `latestActivityOn` (seen, not promised), whether
 * `reservationUnit` is filled in webhooks, and what an API answers for a reservation that was deleted (taken as 404).
 *
 * Requests carry a password and no signature, so where the connection has an `api` the reservation is read again and
 * only that is believed; until it can be read, the webhook waits. Hostaway repeats a request after 5xx and 429 and never
 * after another 4xx, so a content type that is not JSON's is no reason to refuse one.
 */
import { Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { definePlatform, on, peekObject } from '../platform.ts'
import { basicAuth } from '../verify.ts'
import { accountOf, ReservationEvent, readEvents } from './events.ts'
import { readPlace, readReservations } from './hydrate.ts'
import { samples } from './samples.ts'
import { standIn } from './stand-in.ts'
import { statuses } from './status.ts'
import { reservationTold } from './translate.ts'

// Both carry the whole reservation as it is now; there is no event of its own for a cancellation.
const reservation = on(ReservationEvent, reservationTold)
const reservationEvents = { 'reservation.created': reservation, 'reservation.updated': reservation }

export const hostaway = definePlatform({
  name: 'hostaway',
  title: 'Hostaway',
  verification: basicAuth(),
  // Both or nothing: a webhook saved without a login sends no Authorization header at all.
  secrets: Type.Object({
    username: Type.String({ minLength: 1 }),
    password: Type.String({ minLength: 1 })
  }),
  api: Type.Object({
    account_id: Type.String({ minLength: 1, examples: ['70011'] }),
    api_key: Type.String({ minLength: 1 }),
    endpoint: Type.Optional(Type.String())
  }),
  preferredCode: 'platform',
  mediaTypes: ['text/plain', 'application/octet-stream'],
  isOwn(incoming, connection) {
    const ours = connection.api?.account_id
    const told = accountOf(peekObject(incoming))
    return ours === undefined || told === undefined || told === ours
  },
  readEvents,
  hydration: {
    // Where the truth can be read, a body that nobody signed is never taken in its place, however long the API is away.
    wants: ({ type, payload }, { api }) =>
      api !== undefined && Object.hasOwn(reservationEvents, type) && Value.Check(ReservationEvent, payload)
        ? 'must'
        : 'no',
    read: readReservations
  },
  readPlace,
  events: reservationEvents,
  ignored: {
    'message.received': 'a message changes no stay',
    test: 'test delivery'
  },
  statuses,
  samples,
  standIn
})
