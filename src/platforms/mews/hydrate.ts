import type { Static } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { RelayError } from '../../errors.ts'
import { askAgainFirst, goesWithout, type PlatformApi, wanted } from '../api.ts'
import { firstText } from '../fields.ts'
import type { Hydration, PlatformEvent } from '../platform.ts'
import {
  accessTokens,
  companionships,
  customers,
  getAll,
  getEnterprise,
  reservations,
  resources,
  services
} from './ask.ts'
import {
  type AccessToken,
  type Companionship,
  type Customer,
  EntityEvent,
  type Reservation,
  Unread
} from './events.ts'
import { mergedInto } from './guests.ts'
import type { PlaceFacts } from './places.ts'
import { standings } from './status.ts'

type What = 'reservation' | 'customer' | 'resource'
type ReservationEntity = Static<typeof Reservation>
type CustomerEntity = Static<typeof Customer>

/** What an event's id names; the other types need nothing. */
const names: Record<string, What> = {
  ServiceOrderUpdated: 'reservation',
  CustomerAdded: 'customer',
  CustomerUpdated: 'customer',
  ResourceUpdated: 'resource'
}

/**
 * Webhooks carry ids only. All events of a message share their requests; each is given only what its own entity names.
 * Who comes with a booking, its room and its codes are only wanted. A customer or room that an event names is needed for that
 * event alone: where it cannot be read, the others go on without it, and only a message of nothing else is tried again.
 */
export const hydration: Hydration = {
  wants: event => (entityIn(event) === undefined ? 'no' : 'must'),
  async read(events, api) {
    const entities = events.map(entityIn)
    const idsOf = (what: What) => entities.flatMap(entity => (entity?.what === what ? [entity.id] : []))
    const bookings = await readBookings(idsOf('reservation'), api)
    const named = idsOf('customer')
    const guests = bookings.flatMap(booking => booking.guestId ?? [])
    const everybody = await wanted(api, () => readCustomers([...named, ...guests], api))
    const people =
      everybody === undefined
        ? await readNamed(api, () => readCustomers(named, api))
        : { found: everybody, trouble: undefined }
    const rooms = await readNamed(api, () => readPlaces(idsOf('resource'), api))
    const assigned = bookings.flatMap(booking => assignedTo(booking.reservation) ?? [])
    const others = await wanted(api, () =>
      readPlaces(
        assigned.filter(id => !rooms.found.has(id)),
        api
      )
    )
    const places = new Map([...rooms.found, ...(others ?? [])])
    const booked = await withHours(bookings, places, api)

    const factsOf: Record<What, (id: string) => unknown> = {
      reservation(id) {
        const booking = booked.get(id)
        return booking && { ...booking, customers: withMergeTargets(booking.guestId, people.found) }
      },
      customer(id) {
        const found = withMergeTargets(id, people.found)
        return found.length === 0 ? unread(people.trouble) : { customers: found }
      },
      resource: id => places.get(id) ?? unread(rooms.trouble)
    }
    const facts = entities.map(entity => entity && (factsOf[entity.what](entity.id) ?? { missing: true }))
    const trouble = people.trouble ?? rooms.trouble
    if (trouble !== undefined && facts.every(each => Value.Check(Unread, each))) throw trouble
    return facts
  }
}

/** What events name, by id, and why nothing of it was read. */
interface Named<T> {
  found: Map<string, T>
  trouble: RelayError | undefined
}

async function readNamed<T>(api: PlatformApi, asking: () => Promise<Map<string, T>>): Promise<Named<T>> {
  try {
    return { found: await asking(), trouble: undefined }
  } catch (error) {
    if (error instanceof RelayError && goesWithout(api, error)) return { found: new Map(), trouble: error }
    throw error
  }
}

function unread(trouble: RelayError | undefined) {
  return trouble && { unread: { code: trouble.code, reason: trouble.message } }
}

function entityIn({ type, payload }: PlatformEvent): { what: What; id: string } | undefined {
  const what = Object.hasOwn(names, type) ? names[type] : undefined
  return what !== undefined && Value.Check(EntityEvent, payload) ? { what, id: payload.Value.Id } : undefined
}

/** A reservation and what it names, as far as Mews told it. */
interface Booking {
  reservation: ReservationEntity
  /** Undefined where Mews names nobody, or where that could not be read. */
  guestId: string | undefined
  accessTokens?: Static<typeof AccessToken>[]
}

async function readBookings(ids: string[], api: PlatformApi): Promise<Booking[]> {
  const found = await getAll(api, reservations, ids)
  if (found.some(each => firstText(each.State) === undefined)) {
    askAgainFirst(api, 'Mews returned a reservation without a state')
  }
  const staying = found.filter(mayStay)
  const idsIn = (list: ReservationEntity[]) => list.map(reservation => reservation.Id)
  const ofCompanies = idsIn(staying.filter(each => !isCustomers(each)))
  const companions = await wanted(api, () => getAll(api, companionships, ofCompanies))
  const codes =
    api.settings.pin_codes === 'true'
      ? await wanted(api, () => getAll(api, accessTokens, idsIn(staying)))
      : undefined
  return found.map(reservation => ({
    reservation,
    guestId: mayStay(reservation) ? guestIdOf(reservation, companions) : undefined,
    ...(codes && { accessTokens: codes.filter(code => code.ServiceOrderId === reservation.Id) })
  }))
}

/** Who comes is not asked for where nobody is to stay, so that no trouble with them keeps a cancellation. */
function mayStay({ State: state }: ReservationEntity): boolean {
  const standing = standings.get(String(state))
  return standing !== 'cancelled' && standing !== 'inquiry'
}

/** Companies, and whatever else Mews may call an account, are no guests. */
function isCustomers(reservation: ReservationEntity): boolean {
  return (firstText(reservation.AccountType) ?? 'Customer') === 'Customer'
}

/**
 * The account where it is a customer, else the first companion, else the booker. Mews lists the newest first, so the
 * first companion is the last one listed, and stays so when others join. Where companions could not be read, the booker stands
 * for nobody: a stay whose companion is known would move to somebody else.
 * @returns undefined where nobody is named, by which no code must end, and where that could not be read
 */
function guestIdOf(
  reservation: ReservationEntity,
  companions: Static<typeof Companionship>[] | undefined
): string | undefined {
  if (isCustomers(reservation)) return firstText(reservation.AccountId, reservation.BookerId)
  if (companions === undefined) return undefined
  const companion = companions.findLast(each => each.ReservationId === reservation.Id)
  return firstText(companion?.CustomerId, reservation.BookerId)
}

/** The customers, and those they were merged into, however often. */
async function readCustomers(ids: string[], api: PlatformApi): Promise<Map<string, CustomerEntity>> {
  const found = new Map<string, CustomerEntity>()
  const asked = new Set<string>()
  let next = ids
  while (next.length > 0) {
    for (const id of next) asked.add(id)
    const fresh = await getAll(api, customers, next)
    for (const customer of fresh) found.set(customer.Id, customer)
    next = fresh.flatMap(customer => mergedInto(customer) ?? []).filter(id => !asked.has(id))
  }
  return found
}

function withMergeTargets(id: string | undefined, people: Map<string, CustomerEntity>): CustomerEntity[] {
  const line = new Set<CustomerEntity>()
  let customer = people.get(id ?? '')
  while (customer !== undefined && !line.has(customer)) {
    line.add(customer)
    customer = people.get(mergedInto(customer) ?? '')
  }
  return [...line]
}

async function readPlaces(ids: string[], api: PlatformApi): Promise<Map<string, PlaceFacts>> {
  const places = new Map<string, PlaceFacts>()
  const enterprises = new Map<string, PlaceFacts['enterprise']>()
  for (const resource of await getAll(api, resources, ids)) {
    const id = firstText(resource.EnterpriseId)
    if (id !== undefined && !enterprises.has(id)) {
      enterprises.set(id, await wanted(api, () => getEnterprise(api, id)))
    }
    const enterprise = enterprises.get(id ?? '')
    places.set(resource.Id, { resource, ...(enterprise && { enterprise }) })
  }
  return places
}

function assignedTo(reservation: ReservationEntity): string | undefined {
  return firstText(reservation.AssignedResourceId)
}

/** A room's hours are those of the service it is booked through; without a room nobody asks for hours. */
async function withHours(
  bookings: Booking[],
  places: Map<string, PlaceFacts>,
  api: PlatformApi
): Promise<Map<string, Booking & Partial<PlaceFacts>>> {
  const placed = bookings.map(booking => ({
    booking,
    place: places.get(assignedTo(booking.reservation) ?? ''),
    serviceId: firstText(booking.reservation.ServiceId)
  }))
  const ids = placed.flatMap(({ place, serviceId }) => (place && serviceId) ?? [])
  const found = await wanted(api, () => getAll(api, services, ids))
  return new Map(
    placed.map(({ booking, place, serviceId }) => {
      const service = place && found?.find(each => each.Id === serviceId)
      return [booking.reservation.Id, { ...booking, ...place, ...(service && { service }) }]
    })
  )
}
