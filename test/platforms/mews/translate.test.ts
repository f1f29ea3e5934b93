import t from 'tap'
import { mews } from '../../../src/platforms/mews/mews.ts'
import { translateEvent } from '../../../src/platforms/platform.ts'
import { openRelay } from '../../open-relay.ts'
import {
  changeIn,
  connection,
  customer,
  ids,
  message,
  receivedAt,
  reservation,
  reservationTold,
  resource,
  stayTold,
  translated,
  withApi,
  worldOf
} from './world.ts'

const version = Date.parse('2026-05-02T07:14:31Z')

async function bookingTold(changes: Record<string, unknown>, using = connection) {
  return changeIn(await reservationTold(changes, {}, using), 'stays')
}

async function customerTold(customers: Record<string, unknown>[], id = ids.guest) {
  const [translation] = await translated(message(['CustomerUpdated', id]), worldOf({ customers }))
  return translation
}

t.test('a confirmed reservation is one stay, with the reservation’s own id and clock', async t => {
  t.strictSame(await bookingTold({}), {
    change: 'stays',
    bookingId: ids.reservation,
    version,
    stays: [
      {
        id: ids.reservation,
        name: '51207 Okafor',
        places: [ids.room],
        guest: {
          id: ids.guest,
          name: 'Mireille Okafor',
          email: 'mireille.okafor@example.com',
          phone: '+33 1 99 00 12 34',
          version: Date.parse('2026-05-02T07:11:59Z')
        },
        start: { instant: '2026-07-03T13:00:00Z' },
        end: { instant: '2026-07-07T09:00:00Z' },
        preferredCode: undefined
      }
    ]
  })
})

t.test('a checked-in reservation stays', async t => {
  t.equal((await bookingTold({ State: 'Started' }))?.stays.length, 1)
})

t.test('a held reservation gives no access, unless the connection pushes tentative stays', async t => {
  t.match(await bookingTold({ State: 'Optional' }), {
    stays: [],
    emptyBecause: 'Optional',
    cancelled: undefined
  })
  const pushing = await bookingTold({ State: 'Optional' }, { ...connection, tentative: 'push' })
  t.equal(pushing?.stays.length, 1)
})

t.test(
  'inquiries and the waiting list give no access, whatever the connection does with tentative stays',
  async t => {
    for (const State of ['Inquired', 'Requested']) {
      const told = await bookingTold({ State }, { ...connection, tentative: 'push' })
      t.match(told, { version, stays: [], emptyBecause: State, cancelled: undefined })
    }
  }
)

t.test('a cancelled reservation is a cancellation', async t => {
  t.match(await bookingTold({ State: 'Canceled', CancellationReason: 'RequestedByGuest' }), {
    bookingId: ids.reservation,
    version,
    stays: [],
    emptyBecause: 'Canceled',
    cancelled: true
  })
})

t.test('a no-show is a cancellation', async t => {
  const told = await bookingTold({ State: 'Canceled', CancellationReason: 'NoShow' })
  t.match(told, { stays: [], emptyBecause: 'NoShow', cancelled: true })
})

t.test('who has checked out has an end in the past', async t => {
  const gone = { State: 'Processed', ActualEndUtc: '2026-07-06T18:04:00Z' }
  t.strictSame((await stayTold(gone))?.end, { instant: '2026-07-06T18:04:00Z' })
  const untold = await stayTold({ State: 'Processed' })
  t.strictSame(untold?.end, { instant: '2026-07-07T09:00:00Z' }, 'else the scheduled one')
})

t.test('an actual end counts only for who has checked out', async t => {
  const back = await stayTold({ State: 'Started', ActualEndUtc: '2026-07-06T18:04:00Z' })
  t.strictSame(back?.end, { instant: '2026-07-07T09:00:00Z' })
})

t.test('who checked out before the stay began has no stay left', async t => {
  const told = await bookingTold({ State: 'Processed', ActualEndUtc: '2026-07-03T12:00:00Z' })
  t.match(told, { stays: [], emptyBecause: 'Processed', cancelled: undefined })
  const untold = { ScheduledStartUtc: null, ScheduledEndUtc: null }
  t.match(await stayTold({ State: 'Processed', ...untold }), { start: null, end: null })
})

t.test('a state that nobody documented changes nothing and is told', async t => {
  t.strictSame(await reservationTold({ State: 'Paused' }), {
    ignored: 'status "Paused" is not known',
    drift: 'unknown_status'
  })
  t.match(await reservationTold({ State: null }), { drift: 'unknown_status' })
})

t.test('ActualStartUtc counts when somebody checks in early, and only then', async t => {
  const start = async (changes: Record<string, unknown>) =>
    (await stayTold({ State: 'Started', ...changes }))?.start
  t.strictSame(await start({ ActualStartUtc: '2026-07-03T10:30:00Z' }), { instant: '2026-07-03T10:30:00Z' })
  t.strictSame(await start({ ActualStartUtc: '2026-07-03T19:00:00Z' }), { instant: '2026-07-03T13:00:00Z' })
  t.strictSame(await start({ ScheduledStartUtc: null, ActualStartUtc: '2026-07-03T19:00:00Z' }), {
    instant: '2026-07-03T19:00:00Z'
  })
})

t.test('StartUtc and EndUtc are deprecated and the last resort', async t => {
  const old = { StartUtc: '2026-07-03T11:00:00Z', EndUtc: '2026-07-08T10:00:00Z' }
  t.match(await stayTold(old), {
    start: { instant: '2026-07-03T13:00:00Z' },
    end: { instant: '2026-07-07T09:00:00Z' }
  })
  t.match(await stayTold({ ...old, ScheduledStartUtc: undefined, ScheduledEndUtc: null }), {
    start: { instant: '2026-07-03T11:00:00Z' },
    end: { instant: '2026-07-08T10:00:00Z' }
  })
})

t.test('a time that is none is not told', async t => {
  t.match(await stayTold({ ScheduledStartUtc: '2026-07-03', ScheduledEndUtc: 'soon' }), {
    start: null,
    end: null
  })
})

t.test('hourly services are reservations too', async t => {
  const meeting = await stayTold({
    ScheduledStartUtc: '2026-07-03T13:00:00Z',
    ScheduledEndUtc: '2026-07-03T15:00:00Z'
  })
  t.match(meeting, { start: { instant: '2026-07-03T13:00:00Z' }, end: { instant: '2026-07-03T15:00:00Z' } })
})

t.test('AssignedResourceId is null until a room is chosen', async t => {
  t.strictSame((await stayTold({ AssignedResourceId: null }))?.places, [])
})

t.test('a room that Mews does not return still is the stay’s place', async t => {
  const told = await reservationTold({}, { resources: [] })
  t.strictSame(changeIn(told, 'stays')?.stays[0]?.places, [ids.room])
  t.equal(changeIn(told, 'upsert'), undefined)
})

t.test(
  'a reservation that stays nowhere brings no room back, as it may be the last one of a room that is gone',
  async t => {
    for (const State of ['Canceled', 'Inquired', 'Requested'])
      t.equal(changeIn(await reservationTold({ State }), 'upsert'), undefined, State)
    const held = await reservationTold({ State: 'Optional' })
    t.match(changeIn(held, 'upsert'), { kind: 'place', id: ids.room, fields: { name: '305' } })
    const closed = { resources: [resource({ IsActive: false })] }
    t.match(changeIn(await reservationTold({ State: 'Canceled' }, closed), 'remove'), { id: ids.room })
  }
)

t.test('a room that was closed is gone as of the later of its own clock and the reservation’s', async t => {
  const reservedAt = '2026-05-02T07:14:31Z'
  for (const [closedAt, version] of [
    ['2026-04-20T11:45:00Z', reservedAt],
    ['2026-06-12T06:40:00Z', '2026-06-12T06:40:00Z']
  ] as const) {
    const closed = resource({ IsActive: false, UpdatedUtc: closedAt })
    const told = await reservationTold({ UpdatedUtc: reservedAt }, { resources: [closed] })
    t.equal(changeIn(told, 'upsert'), undefined)
    t.strictSame(changeIn(told, 'remove'), {
      change: 'remove',
      kind: 'place',
      id: ids.room,
      version: Date.parse(version)
    })
  }
})

t.test('a reservation without UpdatedUtc counts from its receipt', async t => {
  t.equal((await bookingTold({ UpdatedUtc: null }))?.version, receivedAt)
  const stay = await stayTold({}, { customers: [customer({ UpdatedUtc: null })] })
  t.equal(stay?.guest?.version, receivedAt)
})

t.test('a company’s account is never a guest', async t => {
  const company = { AccountId: ids.company, AccountType: 'Company' }
  t.equal((await stayTold(company))?.guest, undefined)
  t.match(await stayTold({ ...company, BookerId: ids.guest }), {
    guest: { id: ids.guest, name: 'Mireille Okafor' }
  })
  const companionships = [{ Id: ids.other, CustomerId: ids.companion, ReservationId: ids.reservation }]
  const customers = [customer(), customer({ Id: ids.companion, FirstName: null, LastName: 'Traoré' })]
  t.match(await stayTold({ ...company, BookerId: ids.guest }, { companionships, customers }), {
    name: '51207 Traoré',
    guest: { id: ids.companion, name: 'Traoré' }
  })
})

t.test('a stay whose companion was taken off keeps its guest until another one is named', async t => {
  const relay = await openRelay(t)
  const company = { AccountId: ids.company, AccountType: 'Company', State: 'Started' }
  const guestAfter = async (minute: number, companions: string[]) => {
    const companionships = companions.map(CustomerId => ({
      Id: ids.other,
      CustomerId,
      ReservationId: ids.reservation
    }))
    const UpdatedUtc = new Date(Date.UTC(2026, 4, 10, 9, minute)).toISOString()
    const customers = [customer(), customer({ Id: ids.companion, Email: 'traore@example.com' })]
    const world = worldOf({
      reservations: [reservation({ ...company, UpdatedUtc })],
      companionships,
      customers
    })
    const body = message(['ServiceOrderUpdated', ids.reservation])
    await relay.deliver('demo-mews', { event: '', body, world: Object.fromEntries(world) })
    await relay.settle()
    const [stay] = (await relay.held('demo-mews')).reservations ?? []
    return stay?.guest_key
  }
  t.equal(await guestAfter(0, [ids.companion]), `demo-mews:${ids.companion}`)
  t.equal(await guestAfter(1, []), `demo-mews:${ids.companion}`)
  t.equal(await guestAfter(2, [ids.guest]), `demo-mews:${ids.guest}`)
})

t.test('nothing is said of a guest who could not be read', async t => {
  const told = translateEvent(mews, {
    event: { type: 'ServiceOrderUpdated', payload: { Value: { Id: ids.reservation } } },
    facts: { reservation: reservation({ AccountType: 'Company' }), customers: [] },
    delivery: { id: 'd1', receivedAt, headers: {}, query: {} },
    connection
  })
  const booking = changeIn(told, 'stays')
  t.match(booking?.stays, [{ id: ids.reservation, name: '51207', places: [ids.room] }])
  t.equal(booking?.stays[0]?.guest, undefined)
  t.equal(changeIn(told, 'merge'), undefined)
})

t.test('a number that is told as one names the stay as a text does', async t => {
  t.equal((await stayTold({ Number: 51207 }))?.name, '51207 Okafor')
})

t.test('only LastName is guaranteed on a customer', async t => {
  const { Id, LastName } = customer()
  const stay = await stayTold({}, { customers: [{ Id, LastName }] })
  t.strictSame(stay?.guest, {
    id: ids.guest,
    name: 'Okafor',
    email: undefined,
    phone: undefined,
    version: receivedAt
  })
})

t.test('a customer that Mews does not return is a guest without particulars', async t => {
  const stay = await stayTold({}, { customers: [] })
  t.strictSame(stay?.guest, { id: ids.guest })
  t.equal(stay?.name, '51207')
})

t.test('HasOtaEmail means a relay address, which still reaches the guest', async t => {
  const relayed = customer({ Email: 'x7k2@guest.booking.example', HasOtaEmail: true })
  t.equal((await stayTold({}, { customers: [relayed] }))?.guest?.email, 'x7k2@guest.booking.example')
})

t.test('contact details that are blank or null are told to be none', async t => {
  const stay = await stayTold({}, { customers: [customer({ Email: ' ', Phone: null })] })
  t.match(stay?.guest, { email: null, phone: null })
})

t.test('an updated customer is the whole guest', async t => {
  t.strictSame(await customerTold([customer({ Phone: null })]), [
    {
      change: 'upsert',
      kind: 'guest',
      id: ids.guest,
      fields: { name: 'Mireille Okafor', email: 'mireille.okafor@example.com', phone: null },
      whole: true,
      version: Date.parse('2026-05-02T07:11:59Z')
    }
  ])
})

t.test('the same customer at several properties has one id', async t => {
  const [told] = await translated(
    message(['CustomerUpdated', ids.guest], ['ServiceOrderUpdated', ids.reservation]),
    worldOf({ customers: [customer({ ChainId: ids.company })] })
  )
  t.match(told, [{ id: ids.guest }])
  t.equal((await stayTold({}))?.guest?.id, ids.guest)
})

t.test('a merged profile becomes the one that lives on', async t => {
  const merged = customer({
    IsActive: false,
    MergeTargetId: ids.companion,
    UpdatedUtc: '2026-06-01T08:00:04Z'
  })
  const target = customer({ Id: ids.companion, LastName: 'Okafor-Blum' })
  const mergeChange = {
    change: 'merge',
    kind: 'guest',
    id: ids.guest,
    into: ids.companion,
    version: Date.parse('2026-06-01T08:00:04Z')
  }
  t.match(await customerTold([merged, target]), [
    mergeChange,
    { change: 'upsert', id: ids.companion, fields: { name: 'Mireille Okafor-Blum' }, whole: true }
  ])
  const told = await reservationTold({}, { customers: [merged, target] })
  t.strictSame(changeIn(told, 'merge'), mergeChange)
  t.match(changeIn(told, 'stays')?.stays[0], {
    name: '51207 Okafor-Blum',
    guest: { id: ids.companion, name: 'Mireille Okafor-Blum' }
  })
})

t.test('a merged profile whose target Mews does not return stays as it is', async t => {
  const merged = customer({ IsActive: false, MergeTargetId: ids.companion })
  t.strictSame(await customerTold([merged]), {
    ignored: 'the customer was merged into one that Mews does not return, or that is no longer active'
  })
  const told = await reservationTold({}, { customers: [merged] })
  t.equal(changeIn(told, 'merge'), undefined)
  t.match(changeIn(told, 'stays')?.stays[0], {
    name: '51207 Okafor',
    guest: { id: ids.guest, name: 'Mireille Okafor', email: 'mireille.okafor@example.com' }
  })
})

t.test('profiles that lead to nobody who lives on are not merged', async t => {
  const merged = customer({ IsActive: false, MergeTargetId: ids.companion })
  const next = (MergeTargetId: string | null) =>
    customer({ Id: ids.companion, IsActive: false, MergeTargetId, LastName: 'Traoré' })
  for (const target of [ids.late, ids.guest, null]) {
    t.match(await customerTold([merged, next(target)]), { ignored: /merged into one that Mews/ }, `${target}`)
    const told = await reservationTold({}, { customers: [merged, next(target)] })
    t.equal(changeIn(told, 'merge'), undefined)
    t.match(changeIn(told, 'stays')?.stays[0]?.guest, { id: ids.guest, name: 'Mireille Okafor' })
  }
})

t.test('profiles merged one into the next all point at the last', async t => {
  const told = await customerTold([
    customer({ IsActive: false, MergeTargetId: ids.companion }),
    customer({ Id: ids.companion, IsActive: false, MergeTargetId: ids.late }),
    customer({ Id: ids.late })
  ])
  t.match(told, [
    { change: 'merge', id: ids.guest, into: ids.late },
    { change: 'merge', id: ids.companion, into: ids.late },
    { change: 'upsert', id: ids.late }
  ])
})

t.test('a link to another profile merges nothing while the profile is active', async t => {
  t.match(await customerTold([customer({ MergeTargetId: ids.companion })]), [
    { change: 'upsert', id: ids.guest }
  ])
})

t.test('a customer that is no longer active, and not merged, keeps what is known of the guest', async t => {
  t.match(await customerTold([customer({ IsActive: false })]), { ignored: /no longer active/ })
})

t.test('an id that the fetch call does not return is not treated as deleted', async t => {
  const lists = { reservations: [], customers: [], resources: [] }
  t.strictSame(
    await translated(
      message(
        ['ServiceOrderUpdated', ids.other],
        ['CustomerUpdated', ids.guest],
        ['ResourceUpdated', ids.room]
      ),
      worldOf(lists)
    ),
    ['reservation', 'customer', 'resource'].map(what => ({
      ignored: `Mews does not return this ${what} to this integration`
    }))
  )
})

t.test('a PIN is the stay’s wished code, digits only, where the connection asks for it', async t => {
  const asking = withApi({ pin_codes: 'true' })
  const pin = (changes: Record<string, unknown>) => ({
    Id: ids.other,
    ServiceOrderId: ids.reservation,
    ResourceId: null,
    Type: 'PinCode',
    Value: '4711#',
    IsActive: true,
    ...changes
  })
  const code = async (...tokens: Record<string, unknown>[]) => {
    const resourceAccessTokens = tokens.map((token, position) => ({ ...token, Id: `token ${position}` }))
    return (await stayTold({}, { resourceAccessTokens }, asking))?.preferredCode
  }
  t.equal(await code(pin({})), '4711')
  t.equal(await code(pin({ Value: '*47 11#' })), '4711')
  t.equal(
    await code(pin({ ResourceId: ids.room, Value: '8222#' }), pin({})),
    '8222',
    'the room’s own goes first'
  )
  t.equal(await code(pin({ ResourceId: ids.company })), null, 'another room’s is none')
  t.equal(await code(pin({ IsActive: false })), null)
  t.equal(await code(pin({ Type: 'RfidTag', Value: '04A2' })), null)
  t.equal(await code(pin({ Value: '#' })), null)
  t.equal(await code(pin({ Value: null })), null)
  t.equal(await code(), null)
  t.equal(
    (await stayTold({ AssignedResourceId: null }, { resourceAccessTokens: [pin({})] }, asking))
      ?.preferredCode,
    '4711'
  )
  t.equal((await stayTold({}, { resourceAccessTokens: [pin({})] }))?.preferredCode, undefined)
})
