import { roomsGone, threeNights } from '../sample-values.ts'
import type { SampleBooking, SampleContext, SampleDelivery, Samples } from '../samples.ts'
import {
  customerId,
  enterpriseId,
  guid,
  reservationId,
  resourceId,
  type World,
  worldOf
} from './sample-world.ts'

type Entry = { Discriminator: string; Value: { Id: string } }

/** What the events without a story of their own are about. */
const example: SampleBooking = {
  ...threeNights,
  id: 'example',
  rooms: [{ id: 'room', place: '204' }],
  guest: { ...threeNights.guest, id: 'zoe' },
  updatedAt: Date.parse('2027-02-11T08:31:40Z')
}

/**
 * A reservation has one room, so a booking of several rooms is a group of reservations. A room that was given back is a
 * reservation that was cancelled.
 */
export const samples: Samples = {
  events: {
    ServiceOrderUpdated: about('ServiceOrderUpdated', reservationId(example, 'room')),
    CustomerAdded: about('CustomerAdded', customerId(example.guest)),
    CustomerUpdated: about('CustomerUpdated', customerId(example.guest)),
    ResourceUpdated: about('ResourceUpdated', resourceId('204')),
    ResourceBlockUpdated: about('ResourceBlockUpdated', guid('block')),
    MessageAdded: about('MessageAdded', guid('message')),
    PaymentUpdated: about('PaymentUpdated', guid('payment')),
    IntegrationCreated: integration('IntegrationCreated', context => ({
      Enterprise: { Id: enterpriseId(context.connection), Name: 'Harbour House' },
      Service: null,
      Requestor: null,
      AccessToken: guid('access token'),
      CreatedUtc: '2027-01-04T09:12:44Z',
      IsEnabled: true
    })),
    IntegrationEnabled: integration('IntegrationEnabled'),
    IntegrationDisabled: integration('IntegrationDisabled'),
    IntegrationCanceled: integration('IntegrationCanceled'),
    IntegrationReinstated: integration('IntegrationReinstated'),
    IntegrationDeleted: integration('IntegrationDeleted', () => ({ DeletedUtc: '2027-01-04T09:12:44Z' })),
    IntegrationApiKeyCreated: integration('IntegrationApiKeyCreated', () => ({ ApiKey: guid('api key') }))
  },
  tell(before, after, context) {
    const gone = roomsGone(before, after)
    const guest = customerId(after.guest)
    const isNew = before?.guest.id !== after.guest.id
    const isOther = JSON.stringify(before?.guest) !== JSON.stringify(after.guest)
    const entries = [
      ...[...after.rooms, ...gone].map(room => entry('ServiceOrderUpdated', reservationId(after, room.id))),
      ...(isNew ? [entry('CustomerAdded', guest)] : []),
      ...(isOther ? [entry('CustomerUpdated', guest)] : [])
    ]
    return [message('ServiceOrderUpdated', entries, worldOf(after, gone, context.connection), context)]
  },
  ids: booking => ({
    stays:
      booking.status === 'confirmed'
        ? booking.rooms.flatMap(({ id, place }) =>
            place === null ? [] : [{ id: reservationId(booking, id), place: resourceId(place) }]
          )
        : []
  })
}

function about(discriminator: string, id: string): (context: SampleContext) => SampleDelivery {
  return context =>
    message(discriminator, [entry(discriminator, id)], worldOf(example, [], context.connection), context)
}

function message(
  event: string,
  entries: Entry[],
  world: World,
  { connection }: SampleContext
): SampleDelivery {
  const body = {
    EnterpriseId: enterpriseId(connection),
    IntegrationId: integrationId(connection),
    Events: entries
  }
  return { event, body: JSON.stringify(body), world }
}

/** @param data what this action tells beside the integration */
function integration(
  action: string,
  data: (context: SampleContext) => World = () => ({})
): (context: SampleContext) => SampleDelivery {
  return context => ({
    event: action,
    body: JSON.stringify({
      Action: action,
      Data: { ...data(context), Integration: { Id: integrationId(context.connection), Name: 'Door access' } }
    })
  })
}

function entry(discriminator: string, id: string): Entry {
  return { Discriminator: discriminator, Value: { Id: id } }
}

function integrationId(connection: SampleContext['connection']): string {
  return connection.api?.integration_id ?? guid('integration')
}
