import type { Static, TObject } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { RelayError } from '../../errors.ts'
import {
  type Change,
  cancelled,
  type Moment,
  notPushed,
  type Stay,
  type StaysChange,
  stays,
  upsertGuest
} from '../../model/change.ts'
import { firstText, instantMs, joinName } from '../fields.ts'
import { ignored, type TranslateContext, type Translation, unknownStatus } from '../platform.ts'
import { idOf } from '../told.ts'
import {
  CustomerFacts,
  Missing,
  type Reservation,
  ReservationFacts,
  ResourceFacts,
  Unread
} from './events.ts'
import { clockOf, guestFields, livesOnAs, mergedInto, merges, stayGuest } from './guests.ts'
import { isGone, isSpace, type PlaceFacts, placeChange, placeGone } from './places.ts'
import { standings } from './status.ts'

type ReservationEntity = Static<typeof Reservation>

export function reservationUpdated(_event: unknown, context: TranslateContext): Translation {
  const facts = factsOf(ReservationFacts, context)
  if (facts === undefined) return notReturned('reservation')
  const booking = bookingChange(facts, context)
  if ('ignored' in booking) return booking
  const { receivedAt } = context.delivery
  const { reservation, resource, guestId, customers } = facts
  return [
    ...(resource === undefined ? [] : placeTold({ ...facts, resource }, receivedAt, reservation, booking)),
    ...(typeof guestId === 'string' ? merges(guestId, customers, receivedAt) : []),
    booking
  ]
}

function placeTold(
  facts: PlaceFacts,
  receivedAt: number,
  reservation: ReservationEntity,
  booking: StaysChange
): Change[] {
  if (isGone(facts)) return [placeGone(facts, receivedAt, clockOf(reservation, receivedAt))]
  const isHeld = standings.get(String(reservation.State)) === 'tentative'
  // A booking that stays nowhere does not say of its room that it is there: it may be the last one of a room that is gone.
  return booking.stays.length === 0 && !isHeld ? [] : [placeChange(facts, receivedAt)]
}

export function customerUpdated(_event: unknown, context: TranslateContext): Translation {
  const facts = factsOf(CustomerFacts, context)
  const [named] = facts?.customers ?? []
  if (facts === undefined || named === undefined) return notReturned('customer')
  const { receivedAt } = context.delivery
  const id = livesOnAs(named.Id, facts.customers)
  const customer = facts.customers.find(each => each.Id === id)
  if (customer !== undefined && customer.IsActive !== false) {
    const merged = merges(named.Id, facts.customers, receivedAt)
    return [...merged, upsertGuest(id, clockOf(customer, receivedAt), guestFields(customer), true)]
  }
  return ignored(
    mergedInto(named) === undefined
      ? 'the customer is no longer active; a guest goes when no stay needs them any more'
      : 'the customer was merged into one that Mews does not return, or that is no longer active'
  )
}

export function resourceUpdated(_event: unknown, context: TranslateContext): Translation {
  const facts = factsOf(ResourceFacts, context)
  if (facts === undefined) return notReturned('resource')
  const { receivedAt } = context.delivery
  if (isGone(facts)) return [placeGone(facts, receivedAt)]
  return isSpace(facts) ? [placeChange(facts, receivedAt)] : ignored('the resource is not a space')
}

function notReturned(what: string): Translation {
  return ignored(`Mews does not return this ${what} to this integration`)
}

/** What hydration read; undefined where Mews does not return the entity. */
function factsOf<S extends TObject>(schema: S, { facts, event }: TranslateContext): Static<S> | undefined {
  if (Value.Check(Missing, facts)) return undefined
  if (Value.Check(schema, facts)) return facts
  if (Value.Check(Unread, facts)) throw new RelayError(facts.unread.code, facts.unread.reason)
  throw new RelayError(
    'RELAY_HYDRATION_NOT_CONFIGURED',
    `${event.type} carries only an id, and nothing readable was read for it`
  )
}

function bookingChange(
  facts: Static<typeof ReservationFacts>,
  { connection, delivery }: TranslateContext
): StaysChange | ReturnType<typeof unknownStatus> {
  const { reservation } = facts
  const { Id: id, State: state } = reservation
  const version = clockOf(reservation, delivery.receivedAt)
  const word = typeof state === 'string' ? state : ''
  switch (standings.get(word)) {
    case undefined:
      return unknownStatus(state)
    case 'tentative':
      if (connection.tentative === 'hold') return notPushed(id, version, word)
      break
    case 'inquiry':
      return notPushed(id, version, word)
    case 'cancelled':
      // A guest who did not come is a cancellation with this reason.
      return cancelled(id, version, reservation.CancellationReason === 'NoShow' ? 'NoShow' : word)
    case 'checked out':
      if (!isSpan(startOf(reservation), endOf(reservation))) return notPushed(id, version, word)
  }
  return stays(id, version, [stayOf(facts, delivery.receivedAt)])
}

function stayOf(facts: Static<typeof ReservationFacts>, receivedAt: number): Stay {
  const { reservation, guestId, customers } = facts
  const place = firstText(reservation.AssignedResourceId)
  const guest = typeof guestId === 'string' ? stayGuest(guestId, customers, receivedAt) : undefined
  return {
    id: reservation.Id,
    name: joinName(idOf(reservation.Number), customers.at(-1)?.LastName),
    places: place === undefined ? [] : [place],
    guest,
    start: moment(startOf(reservation)),
    end: moment(endOf(reservation)),
    preferredCode: pinCode(facts, place)
  }
}

/**
 * Checking in early moves the actual start, and the guest is inside by then; checking in late moves it too, and must not
 * take away what was booked. `StartUtc` and `EndUtc` are deprecated and the last resort.
 */
function startOf(reservation: ReservationEntity): string | undefined {
  const scheduled = time(reservation.ScheduledStartUtc, reservation.StartUtc)
  const actual = time(reservation.ActualStartUtc)
  if (actual === undefined || scheduled === undefined) return scheduled ?? actual
  return Date.parse(actual) < Date.parse(scheduled) ? actual : scheduled
}

/** Who has checked out (`Processed`) has an end in the past. Before that, only the scheduled end counts. */
function endOf(reservation: ReservationEntity): string | undefined {
  const actual = reservation.State === 'Processed' ? reservation.ActualEndUtc : undefined
  return time(actual, reservation.ScheduledEndUtc, reservation.EndUtc)
}

function time(...candidates: unknown[]): string | undefined {
  return firstText(...candidates.filter(candidate => instantMs(candidate) !== undefined))
}

function moment(instant: string | undefined): Moment | null {
  return instant === undefined ? null : { instant }
}

/** Whoever checked out before the booked start has no stay left; one that ends before it starts would be kept back. */
function isSpan(start: string | undefined, end: string | undefined): boolean {
  return start === undefined || end === undefined || Date.parse(start) < Date.parse(end)
}

/**
 * The active PIN of the room, digits only (`1234#`). Mews does not tell which integration wrote it, which is why a
 * connection has to ask for it.
 */
function pinCode(
  { accessTokens }: Static<typeof ReservationFacts>,
  place: string | undefined
): string | null | undefined {
  if (accessTokens === undefined) return undefined
  const pins = accessTokens.filter(token => token.Type === 'PinCode' && token.IsActive !== false)
  const pin =
    pins.find(token => place !== undefined && token.ResourceId === place) ??
    pins.find(token => firstText(token.ResourceId) === undefined)
  return firstText(pin && firstText(pin.Value)?.replace(/[#*\s]/g, '')) ?? null
}
