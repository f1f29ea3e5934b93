import { hexOf, ninetyMinutes, spanOf } from '../sample-values.ts'
import type { SampleBooking, SampleContext, SampleDelivery, Samples } from '../samples.ts'
import type { Members } from '../told.ts'

export const samples: Samples = {
  events: {
    'booking.created': context => aboutBooking('booking.created', sample(context), context),
    'booking.updated': context =>
      aboutBooking(
        'booking.updated',
        { ...sample(context), arrival: '2027-02-16', departure: '2027-02-16' },
        context
      ),
    'booking.removed': context => aboutBooking('booking.removed', sample(context), context),
    'member.created': context => aboutMember('member.created', sample(context), context),
    'member.updated': context => aboutMember('member.updated', sample(context), context),
    'member.removed': context => aboutMember('member.removed', sample(context), context),
    'company.created': context => aboutCompany('company.created', context),
    'company.updated': context => aboutCompany('company.updated', context),
    'company.removed': context => aboutCompany('company.removed', context),
    'membership.created': context => aboutElse('membership.created', context),
    'contract.created': context => aboutElse('contract.created', context),
    'pass.created': context => aboutElse('pass.created', context),
    'occupancyslot.created': context => aboutElse('occupancyslot.created', context),
    'fee.created': context => aboutElse('fee.created', context),
    'integration.removed': context => aboutElse('integration.removed', context)
  },
  tell,
  ids(booking) {
    const place = booking.rooms[0]?.place
    return {
      stays:
        place && booking.status === 'confirmed'
          ? [{ id: idOf('b', booking.id), place: idOf('c', place) }]
          : []
    }
  }
}

/** A member who changed is told by an event of their own. A cancellation is told twice, as an update and as a removal. */
function tell(
  before: SampleBooking | undefined,
  after: SampleBooking,
  context: SampleContext
): SampleDelivery[] {
  const isKnown = before !== undefined && JSON.stringify(before.guest) === JSON.stringify(after.guest)
  const member = before?.guest.id === after.guest.id ? 'member.updated' : 'member.created'
  const events =
    after.status === 'cancelled'
      ? ['booking.updated', 'booking.removed']
      : [before === undefined || before.status === 'cancelled' ? 'booking.created' : 'booking.updated']
  return [
    ...(isKnown ? [] : [aboutMember(member, after, context)]),
    ...events.map(event => aboutBooking(event, after, context))
  ]
}

function sample({ now }: SampleContext): SampleBooking {
  return {
    ...ninetyMinutes,
    rooms: [{ id: 'r1', place: 'studio-b' }],
    code: null,
    updatedAt: now
  }
}

function aboutBooking(type: string, booking: SampleBooking, context: SampleContext): SampleDelivery {
  const { id, guest, rooms, timeZone, status, updatedAt } = booking
  const { start, end } = spanOf(booking)
  const place = rooms[0]?.place
  const resource = place ? idOf('c', place) : null
  const location = idOf('f', timeZone)
  const told = delivery(type, context, updatedAt, {
    _id: idOf('b', id),
    start: { dateTime: stamp(start) },
    end: { dateTime: stamp(end) },
    timezone: timeZone,
    resourceId: resource,
    member: idOf('d', guest.id),
    team: idOf('e', 'quay'),
    summary: 'Podcast',
    tentative: status === 'tentative',
    canceled: status === 'cancelled',
    recurrence: { rrule: null },
    serviceSlots: { before: 0, after: 15 },
    members: [],
    visitors: [],
    modifiedAt: stamp(updatedAt)
  })
  const member = memberOf(booking)
  return {
    ...told,
    world: {
      [`members/${member._id}`]: member,
      [`locations/${location}`]: { _id: location, name: 'Quay Road', timezone: timeZone },
      ...(resource && { [`resources/${resource}`]: { _id: resource, name: `Studio ${place}`, location } })
    }
  }
}

function aboutMember(type: string, booking: SampleBooking, context: SampleContext): SampleDelivery {
  const member = memberOf(booking)
  const world = { [`members/${member._id}`]: type === 'member.removed' ? null : member }
  return { ...delivery(type, context, booking.updatedAt, member), world }
}

function memberOf({ guest, updatedAt }: SampleBooking): Members {
  const { id, name, email, phone } = guest
  const modifiedAt = stamp(updatedAt)
  return { _id: idOf('d', id), name, email, phone, status: 'active', company: idOf('e', 'quay'), modifiedAt }
}

function aboutCompany(type: string, context: SampleContext): SampleDelivery {
  const modifiedAt = stamp(context.now)
  const company = {
    _id: idOf('e', 'quay'),
    name: 'Lindqvist Audio',
    email: 'desk@quay.example.com',
    modifiedAt
  }
  return delivery(type, context, context.now, company)
}

function aboutElse(type: string, context: SampleContext): SampleDelivery {
  return delivery(type, context, context.now, { _id: idOf('a', type) })
}

function delivery(
  eventType: string,
  { serial }: SampleContext,
  now: number,
  object: Members
): SampleDelivery {
  const event = idOf('a', `${eventType} ${serial}`)
  const createdAt = stamp(now)
  return { event: eventType, body: JSON.stringify({ event, eventType, createdAt, data: { object } }) }
}

/** Ids are 24 hex digits. @param kind one of them, so that those of two kinds are never the same */
function idOf(kind: string, id: string): string {
  return `65f0${kind}${hexOf(id, 19)}`
}

function stamp(ms: number): string {
  return new Date(ms).toISOString()
}
