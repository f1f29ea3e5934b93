import type { Connection } from '../../model/connection.ts'
import { guidOf, spanOf, wholeSeconds } from '../sample-values.ts'
import type { SampleBooking } from '../samples.ts'

export type World = Record<string, unknown>
type Room = SampleBooking['rooms'][number]

const serviceId = guid('service')
const states = { confirmed: 'Confirmed', tentative: 'Optional', cancelled: 'Canceled' }

/** What Mews’ API returns once the booking is as told. @param gone rooms that the booking had before */
export function worldOf(booking: SampleBooking, gone: Room[], connection: Connection): World {
  const enterprise = enterpriseId(connection)
  const world: World = {
    [`configuration/${enterprise}`]: property(enterprise, booking.timeZone),
    [`services/${serviceId}`]: service(booking),
    [`customers/${customerId(booking.guest)}`]: customer(booking)
  }
  for (const room of [...booking.rooms, ...gone]) {
    const id = reservationId(booking, room.id)
    const state = gone.includes(room) ? 'Canceled' : states[booking.status]
    world[`reservations/${id}`] = reservation(booking, room, state)
    world[`resourceAccessTokens/${guid('pin', id)}`] = booking.code === null ? null : pin(id, booking.code)
    if (room.place !== null) world[`resources/${resourceId(room.place)}`] = resource(room.place, enterprise)
  }
  return world
}

function reservation(booking: SampleBooking, room: Room, State: string): World {
  const id = reservationId(booking, room.id)
  const updatedUtc = new Date(booking.updatedAt).toISOString()
  const { start, end } = spanOf(booking)
  return {
    Id: id,
    ServiceId: serviceId,
    AccountId: customerId(booking.guest),
    AccountType: 'Customer',
    BookerId: null,
    Number: String(30_000 + (Number.parseInt(id.slice(0, 4), 16) % 10_000)),
    State,
    Origin: 'ChannelManager',
    UpdatedUtc: updatedUtc,
    CancelledUtc: State === 'Canceled' ? updatedUtc : null,
    CancellationReason: State === 'Canceled' ? 'RequestedByGuest' : null,
    GroupId: guid('group', booking.id),
    AssignedResourceId: room.place === null ? null : resourceId(room.place),
    AssignedResourceLocked: false,
    ScheduledStartUtc: wholeSeconds(start),
    ActualStartUtc: null,
    ScheduledEndUtc: wholeSeconds(end),
    ActualEndUtc: null
  }
}

/** The family name is the only one that Mews is sure to have. */
function customer({ guest, updatedAt }: SampleBooking): World {
  const words = guest.name.trim().split(/\s+/)
  return {
    Id: customerId(guest),
    ChainId: guid('chain'),
    FirstName: words.slice(0, -1).join(' ') || null,
    LastName: words.at(-1),
    Email: guest.email,
    HasOtaEmail: false,
    Phone: guest.phone,
    UpdatedUtc: new Date(updatedAt).toISOString(),
    MergeTargetId: null,
    IsActive: true
  }
}

function resource(place: string, enterprise: string): World {
  return {
    Id: resourceId(place),
    EnterpriseId: enterprise,
    IsActive: true,
    ParentResourceId: null,
    Name: place,
    State: 'Clean',
    UpdatedUtc: '2025-01-15T10:30:00Z',
    Data: { Discriminator: 'Space', Value: { FloorNumber: '2', LocationNotes: '' } }
  }
}

function property(id: string, timeZone: string): World {
  return {
    Id: id,
    Name: 'Harbour House',
    TimeZoneIdentifier: timeZone,
    Address: {
      Line1: 'Kajplats 4',
      Line2: null,
      City: 'Stockholm',
      PostalCode: '111 30',
      CountryCode: 'SE',
      Latitude: 59.3251,
      Longitude: 18.0711
    }
  }
}

function service({ checkIn, checkOut }: SampleBooking): World {
  return {
    Id: serviceId,
    IsActive: true,
    Data: {
      Discriminator: 'Bookable',
      Value: { StartOffset: offset(checkIn), EndOffset: offset(checkOut), TimeUnitPeriod: 'Day' }
    }
  }
}

function pin(reservation: string, code: string): World {
  return {
    Id: guid('pin', reservation),
    ServiceOrderId: reservation,
    ResourceId: null,
    Type: 'PinCode',
    Value: `${code}#`,
    IsActive: true
  }
}

export function enterpriseId(connection: Connection): string {
  return connection.api?.enterprise_id ?? guid('enterprise')
}

export function reservationId(booking: { id: string }, room: string): string {
  return guid('reservation', booking.id, room)
}

export function customerId(guest: { id: string }): string {
  return guid('customer', guest.id)
}

export function resourceId(place: string): string {
  return guid('resource', place)
}

/** The same words always give the same GUID. */
export function guid(...words: string[]): string {
  return guidOf(words.join('\n'))
}

function offset(time: string): string {
  const [hours, minutes] = time.split(':')
  return `P0M0DT${Number(hours)}H${Number(minutes)}M0S`
}
