import { cloudbeds } from '../../../src/platforms/cloudbeds/cloudbeds.ts'
import type { Translation } from '../../../src/platforms/platform.ts'
import { demoConnection, outcomesOf } from '../contract.ts'

export const connection = demoConnection(cloudbeds)

export const room = {
  reservationRoomID: '88120034',
  subReservationID: '5566778899',
  roomID: '410022-4',
  roomName: '204',
  dormRoomName: '',
  roomTypeIsVirtual: false,
  startDate: '2027-03-12',
  endDate: '2027-03-15'
}
export const guest = {
  guestID: '90817263',
  guestFirstName: 'Zoë',
  guestLastName: 'Lindqvist',
  guestEmail: 'zoe.lindqvist@example.com',
  guestPhone: '+1 212 555 0147',
  guestCellPhone: '',
  isMainGuest: true,
  isAnonymized: false,
  roomID: '410022-4',
  rooms: [{ roomID: '410022-4', subReservationID: '5566778899' }]
}
export const reservation = {
  propertyID: '700123',
  reservationID: '5566778899',
  guestName: 'Zoë Lindqvist',
  guestEmail: 'zoe.lindqvist@example.com',
  isAnonymized: false,
  status: 'confirmed',
  startDate: '2027-03-12',
  endDate: '2027-03-15',
  estimatedArrivalTime: '17:30',
  dateModified: '2027-02-11 03:31:40',
  guestList: { '90817263': guest } as unknown,
  assigned: [room] as unknown,
  unassigned: [] as unknown,
  cardsOnFile: [{ cardID: '1', cardNumber: '4242' }],
  customFields: [
    { shortcode: 'door_pin', customFieldName: 'Door PIN', customFieldValue: '481920' }
  ] as unknown
}

export const created = {
  version: '1.0',
  event: 'reservation/created',
  timestamp: 1802334605.440659,
  propertyID: 700123,
  propertyID_str: '700123',
  reservationID: '5566778899',
  startDate: '2027-03-12',
  endDate: '2027-03-15'
}
export const version = 1_802_334_605_440

/** Read again, with the reservation changed as told. */
export async function translated(
  changes: Record<string, unknown> = {},
  given: {
    body?: object
    connection?: typeof connection
    world?: Record<string, unknown>
    receivedAt?: number
  } = {}
): Promise<Translation> {
  const world = { 'reservations/700123/5566778899': { ...reservation, ...changes }, ...given.world }
  const sample = { body: JSON.stringify(given.body ?? created), world }
  const { receivedAt } = given
  const [outcome] = await outcomesOf(
    cloudbeds,
    given.connection ?? connection,
    sample,
    receivedAt === undefined ? {} : { receivedAt }
  )
  return outcome?.translation ?? []
}

export async function staysOf(...given: Parameters<typeof translated>) {
  const translation = await translated(...given)
  const booking = Array.isArray(translation) && translation.find(change => change.change === 'stays')
  return booking ? booking.stays : []
}
