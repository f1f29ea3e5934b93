import { comingStay, hexOf } from '../sample-values.ts'
import type { SampleBooking, SampleContext, SampleDelivery, Samples } from '../samples.ts'
import type { Members } from '../told.ts'
import { ignoredEvents } from './ignored.ts'

const statuses = { confirmed: 'confirmed', tentative: 'reserved', cancelled: 'canceled' }

export const samples: Samples = {
  events: {
    'reservation.created.v2': context => tellBooking('reservation.created.v2', booking(context), context),
    'reservation.updated.v2': context => tellBooking('reservation.updated.v2', booking(context), context),
    'reservation.new': context => legacy('reservation.new', context),
    'reservation.updated': context => legacy('reservation.updated', context),
    reservation_update_shortlist: context => {
      const { entity, world } = full(booking(context))
      const { _id, status, plannedArrival, lastUpdatedAt } = entity
      return {
        ...delivery('reservation_update_shortlist', context, {
          reservation: { _id, status, plannedArrival, lastUpdatedAt }
        }),
        world
      }
    },
    'guest.created': context => aboutGuest('guest.created', context),
    'guest.updated': context => aboutGuest('guest.updated', context),
    'guest.deleted': context => aboutGuest('guest.deleted', context),
    'listing.new': context => aboutListing('listing.new', context),
    'listing.updated': context => aboutListing('listing.updated', context),
    'listing.removed': context =>
      delivery('listing.removed', context, { listing: { _id: objectId('listing', 'loft') } }),
    ...Object.fromEntries(
      Object.keys(ignoredEvents).map(event => [
        event,
        (context: SampleContext) => delivery(event, context, {})
      ])
    )
  },
  tell: (before, after, context) => [
    tellBooking(before === undefined ? 'reservation.created.v2' : 'reservation.updated.v2', after, context)
  ],
  ids: after => ({
    stays: after.rooms
      .slice(0, 1)
      .flatMap(({ place }) =>
        place === null ? [] : [{ id: objectId('reservation', after.id), place: objectId('listing', place) }]
      )
  })
}

/** Guesty's ids are 24 hexadecimal digits. */
function objectId(noun: string, name: string): string {
  return hexOf(`${noun}/${name}`, 24)
}

function booking({ now, serial }: SampleContext): SampleBooking {
  return {
    ...comingStay(now, 7, 11),
    id: `sample-${serial}`,
    rooms: [{ id: 'room', place: 'loft' }],
    guest: { id: 'mara', name: 'Mara Lindqvist', email: 'mara@example.com', phone: '4915550001111' },
    checkIn: '17:30',
    timeZone: 'Europe/Berlin',
    code: '4711'
  }
}

function delivery(event: string, { now, serial }: SampleContext, content: Members): SampleDelivery {
  const number = String(serial).padStart(12, '0')
  const meta = {
    eventId: `6f1c8a52-1111-4b0e-9c00-${number}`,
    messageId: `msg_${number}`,
    publishedAt: new Date(now).toISOString()
  }
  return { event, body: JSON.stringify({ event, meta, ...content }) }
}

/** The lean event, and what the API answers when asked for the rest. */
function tellBooking(event: string, told: SampleBooking, context: SampleContext): SampleDelivery {
  const { entity, world } = full(told)
  const { listingId: unitId, status, confirmationCode, checkInDateLocalized, checkOutDateLocalized } = entity
  return {
    ...delivery(
      event,
      { ...context, now: told.updatedAt },
      {
        data: {
          reservationId: entity._id,
          unitId,
          status,
          confirmationCode,
          checkInDateLocalized,
          checkOutDateLocalized,
          guestsCount: 2
        }
      }
    ),
    world
  }
}

function legacy(event: string, context: SampleContext): SampleDelivery {
  return delivery(event, context, { reservation: full(booking(context)).entity })
}

function full(told: SampleBooking): { entity: Members; world: Record<string, unknown> } {
  const id = objectId('reservation', told.id)
  const place = told.rooms[0]?.place ?? null
  const listing = place === null ? undefined : listingOf(place, told.timeZone)
  const guest = guestOf(told.guest)
  const entity = {
    _id: id,
    status: statuses[told.status],
    source: 'manual',
    listingId: listing?._id ?? null,
    confirmationCode: `GY-${id.slice(0, 8).toUpperCase()}`,
    checkInDateLocalized: told.arrival,
    checkOutDateLocalized: told.departure,
    plannedArrival: told.checkIn,
    plannedDeparture: told.checkOut,
    guestId: guest._id,
    guest,
    ...(listing && { listing }),
    keyCode: told.code,
    lastUpdatedAt: new Date(told.updatedAt).toISOString()
  }
  const world = {
    [`reservations/${id}`]: { ...entity, notes: { keyCode: told.code } },
    ...(listing && { [`listings/${listing._id}`]: listing })
  }
  return { entity, world }
}

function guestOf({ id, name, email, phone }: SampleBooking['guest']): Members {
  return { _id: objectId('guest', id), fullName: name, email, phone }
}

function listingOf(place: string, timeZone: string): Members {
  return {
    _id: objectId('listing', place),
    nickname: `Loft ${place}`,
    title: 'Bright loft near the river',
    timezone: timeZone,
    defaultCheckInTime: '15:00',
    defaultCheckOutTime: '11:00',
    active: true,
    address: { full: 'Uferweg 12, 10999 Berlin, Germany', lat: 52.4989, lng: 13.4185 }
  }
}

function aboutGuest(event: string, context: SampleContext): SampleDelivery {
  return delivery(event, context, { by: 'host@example.com', guest: guestOf(booking(context).guest) })
}

function aboutListing(event: string, context: SampleContext): SampleDelivery {
  return delivery(event, context, { listing: listingOf('loft', 'Europe/Berlin') })
}
