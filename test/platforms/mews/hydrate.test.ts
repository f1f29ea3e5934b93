import t from 'tap'
import type { ApiResponse, PlatformApi } from '../../../src/platforms/api.ts'
import { mews } from '../../../src/platforms/mews/mews.ts'
import { standIn } from '../../../src/platforms/mews/stand-in.ts'
import type { PlatformEvent } from '../../../src/platforms/platform.ts'
import { notAskedOften, testApi } from '../api.ts'
import { connection, customer, ids, reservation, resource, withApi, worldOf } from './world.ts'

type Facts = Record<string, unknown> | undefined

async function read(api: PlatformApi, ...events: [type: string, id: string][]): Promise<Facts[]> {
  const told: PlatformEvent[] = events.map(([type, Id]) => ({ type, payload: { Value: { Id } } }))
  return ((await mews.hydration?.read(told, api)) ?? []) as Facts[]
}

function apiOf(lists?: Record<string, Record<string, unknown>[]>, settings = connection.api) {
  return testApi(standIn, settings, worldOf(lists))
}

function operations(api: ReturnType<typeof apiOf>): string[] {
  return api.requests.map(request => request.path.replace('/api/connector/v1/', ''))
}

/** An API of which only the answer is known. */
function answering(answer: ApiResponse): PlatformApi {
  return { settings: {}, readingTime: () => 0, request: async () => answer }
}

function membersOf(facts: Facts): Set<string> {
  return new Set(Object.keys(facts ?? {}))
}

function guid(group: string, number: number): string {
  return `${group}0000000-0000-4000-8000-${String(number).padStart(12, '0')}`
}

t.test('every call is a POST with the tokens in its body', async t => {
  const api = apiOf()
  await read(api, ['ServiceOrderUpdated', ids.reservation])
  for (const request of api.requests) {
    t.match(request, {
      method: 'POST',
      path: /^\/api\/connector\/v1\//,
      query: {},
      body: {
        ClientToken: connection.api?.client_token,
        AccessToken: connection.api?.access_token,
        Client: connection.api?.client
      }
    })
  }
  const { client: _, ...unnamed } = connection.api ?? {}
  const other = apiOf({}, unnamed)
  await read(other, ['CustomerUpdated', ids.guest])
  t.match(other.requests, [{ body: { Client: 'Seam Relay' } }])
})

t.test('the events of a message share their requests', async t => {
  const api = apiOf({
    reservations: [reservation(), reservation({ Id: ids.other })],
    customers: [customer(), customer({ Id: ids.companion })]
  })
  const facts = await read(
    api,
    ['ServiceOrderUpdated', ids.reservation],
    ['ServiceOrderUpdated', ids.other],
    ['CustomerUpdated', ids.companion],
    ['ResourceUpdated', ids.room]
  )
  t.strictSame(operations(api), [
    'reservations/getAll/2023-06-06',
    'customers/getAll',
    'resources/getAll',
    'configuration/get',
    'services/getAll'
  ])
  t.match(facts, [
    { reservation: { Id: ids.reservation }, customers: [{ Id: ids.guest }], resource: { Id: ids.room } },
    { reservation: { Id: ids.other }, customers: [{ Id: ids.guest }], resource: { Id: ids.room } },
    { customers: [{ Id: ids.companion }] },
    { resource: { Id: ids.room }, enterprise: { Id: ids.enterprise } }
  ])
  t.equal(facts[3]?.service, undefined, 'each is given only what its own entity names')
})

t.test('no trouble with who comes keeps a cancellation, another booking, or a stay', async t => {
  const company = { AccountType: 'Company', BookerId: ids.companion }
  for (const refused of ['companionships/getAll', 'customers/getAll']) {
    const api = testApi(
      (request, ...rest) =>
        request.path.endsWith(refused) ? { status: 403, body: {} } : standIn(request, ...rest),
      connection.api,
      worldOf({
        reservations: [
          reservation({ ...company, State: 'Canceled' }),
          reservation({ Id: ids.other, ...company, State: 'Confirmed' })
        ],
        customers: [customer({ Id: ids.companion })]
      })
    )
    const facts = await read(
      api,
      ['ServiceOrderUpdated', ids.reservation],
      ['ServiceOrderUpdated', ids.other]
    )
    t.match(facts, [
      { reservation: { State: 'Canceled' }, guestId: undefined, customers: [] },
      {
        reservation: { State: 'Confirmed' },
        guestId: refused === 'customers/getAll' ? ids.companion : undefined,
        customers: []
      }
    ])
    const named = read(api, ['CustomerUpdated', ids.companion])
    if (refused === 'customers/getAll') await t.rejects(named, { code: 'RELAY_PLATFORM_REFUSED' })
    else t.match(await named, [{ customers: [{ Id: ids.companion }] }])
  }
  const cancelled = apiOf({ reservations: [reservation({ ...company, State: 'Canceled' })] })
  await read(cancelled, ['ServiceOrderUpdated', ids.reservation])
  t.notOk(operations(cancelled).some(each => /companionships|customers/.test(each)))
})

const companionNamed: [string, string] = ['CustomerUpdated', ids.companion]
const roomNamed: [string, string] = ['ResourceUpdated', ids.closed]

/** Of a message that tells of two bookings, of customers and of rooms. */
const besideBookings = [
  { operation: 'customers/getAll', event: companionNamed },
  { operation: 'resources/getAll', event: roomNamed }
]

for (const { operation, event } of besideBookings) {
  const apiThat = (status: number) =>
    testApi(
      (request, world) =>
        request.path.endsWith(operation)
          ? { status, body: {} }
          : standIn(request, world, connection.api ?? {}),
      connection.api,
      worldOf({ reservations: [reservation({ State: 'Canceled' }), reservation({ Id: ids.other })] })
    )
  const events: [string, string][] = [
    ['ServiceOrderUpdated', ids.reservation],
    ['ServiceOrderUpdated', ids.other],
    event
  ]

  t.test(`no booking waits for what another event names and ${operation} does not tell`, async t => {
    const bookings = [{ reservation: { State: 'Canceled' } }, { reservation: { Id: ids.other } }]
    for (const status of [401, 403]) {
      const code = status === 401 ? 'RELAY_PLATFORM_UNAUTHORIZED' : 'RELAY_PLATFORM_REFUSED'
      t.match(await read(notAskedOften(apiThat(status)), ...events), [
        ...bookings,
        { unread: { code, reason: new RegExp(operation) } }
      ])
    }
    await t.rejects(read(notAskedOften(apiThat(503)), ...events), { code: 'RELAY_PLATFORM_UNAVAILABLE' })
    t.match(await read(apiThat(503), ...events), [
      ...bookings,
      { unread: { code: 'RELAY_PLATFORM_UNAVAILABLE' } }
    ])
  })

  t.test(`a message of nothing else is tried again until ${operation} tells`, async t => {
    await t.rejects(read(apiThat(503), event), { code: 'RELAY_PLATFORM_UNAVAILABLE', retryable: true })
    await t.rejects(read(apiThat(403), event), { code: 'RELAY_PLATFORM_REFUSED' })
  })
}

t.test('customers and rooms do not wait for each other', async t => {
  const refusing = (operations: RegExp) =>
    testApi(
      (request, world) =>
        operations.test(request.path)
          ? { status: 403, body: {} }
          : standIn(request, world, connection.api ?? {}),
      connection.api,
      worldOf({ customers: [customer({ Id: ids.companion })], resources: [resource({ Id: ids.closed })] })
    )
  const events = [companionNamed, roomNamed]
  t.match(await read(refusing(/customers/), ...events), [{ unread: {} }, { resource: { Id: ids.closed } }])
  t.match(await read(refusing(/resources/), ...events), [
    { customers: [{ Id: ids.companion }] },
    { unread: {} }
  ])
  await t.rejects(read(refusing(/customers|resources/), ...events), {
    message: /customers/
  })
})

t.test('a mistake of ours is nothing that Mews does not tell', async t => {
  const mistake = new TypeError('a mistake in the adapter')
  const api: PlatformApi = {
    ...apiOf(),
    request: ({ path }) =>
      path.endsWith('resources/getAll')
        ? Promise.reject(mistake)
        : Promise.resolve({ status: 200, body: { Customers: [customer()] } })
  }
  await t.rejects(read(api, ['CustomerUpdated', ids.guest], roomNamed), mistake)
})

t.test('what nobody reads is not kept', async t => {
  const unread = { Notes: 'likes the quiet side', Passport: { Number: '1' }, BirthDate: '1980-01-01' }
  const [facts] = await read(
    apiOf({ customers: [customer(unread)], reservations: [reservation({ QrCodeData: 'x', RateId: 'y' })] }),
    ['ServiceOrderUpdated', ids.reservation]
  )
  t.notMatch(JSON.stringify(facts), /Notes|Passport|BirthDate|QrCodeData|RateId/)
})

t.test('an id that the fetch call does not return is told as missing', async t => {
  const facts = await read(
    apiOf({ reservations: [], customers: [], resources: [] }),
    ['ServiceOrderUpdated', ids.reservation],
    ['CustomerUpdated', ids.guest],
    ['ResourceUpdated', ids.room]
  )
  t.strictSame(facts, [{ missing: true }, { missing: true }, { missing: true }])
})

t.test('a message of hundreds of events is read in pages', async t => {
  const many = Array.from({ length: 250 }, (_, number) => guid('6', number))
  const api = apiOf({
    reservations: many.map(Id => reservation({ Id, AccountId: null, AssignedResourceId: null }))
  })
  const facts = await read(api, ...many.map((id): [string, string] => ['ServiceOrderUpdated', id]))
  t.strictSame(
    facts.map(each => each?.reservation).map(told => (told as { Id: string }).Id),
    many
  )
  t.strictSame(operations(api), Array(3).fill('reservations/getAll/2023-06-06'))
  const limits = api.requests.map(({ body }) => (body as { Limitation: unknown }).Limitation)
  t.strictSame(limits, [
    { Count: 100 },
    { Count: 100, Cursor: guid('6', 150) },
    { Count: 100, Cursor: guid('6', 50) }
  ])
})

t.test('no request names more than a thousand ids', async t => {
  const many = Array.from({ length: 1001 }, (_, number) => guid('7', number))
  const api = apiOf()
  const facts = await read(api, ...many.map((id): [string, string] => ['CustomerUpdated', id]))
  t.equal(facts.length, 1001)
  t.strictSame(
    api.requests.map(({ body }) => (body as { CustomerIds: string[] }).CustomerIds.length),
    [1000, 1]
  )
})

t.test('a cursor that does not move ends the reading', async t => {
  const page = { Reservations: [{ Id: ids.room, State: 'Confirmed' }], Cursor: 'same' }
  let calls = 0
  const api: PlatformApi = {
    settings: {},
    readingTime: () => 0,
    async request() {
      calls += 1
      return { status: 200, body: page }
    }
  }
  t.strictSame(
    await read(api, ['ServiceOrderUpdated', ids.reservation], ['ServiceOrderUpdated', ids.other]),
    [{ missing: true }, { missing: true }]
  )
  t.equal(calls, 2)
})

t.test('entries of a list that are no entities are passed over', async t => {
  const api = answering({ status: 200, body: { Customers: [null, 'x', { LastName: 'Nobody' }, customer()] } })
  t.match(await read(api, ['CustomerUpdated', ids.guest]), [{ customers: [{ Id: ids.guest }] }])
})

t.test('a list that is null is empty', async t => {
  const api = answering({ status: 200, body: { Resources: null, Cursor: null } })
  t.strictSame(await read(api, ['ResourceUpdated', ids.room]), [{ missing: true }])
})

t.test('a company’s account is no customer: the first companion is the guest', async t => {
  const companion = (number: number, CustomerId: string, ReservationId = ids.reservation) => ({
    Id: guid('8', number),
    CustomerId,
    ReservationId
  })
  const api = apiOf({
    reservations: [reservation({ AccountId: ids.company, AccountType: 'Company', BookerId: ids.guest })],
    customers: [customer({ Id: ids.companion }), customer({ Id: ids.late })],
    companionships: [companion(1, ids.companion), companion(2, ids.late), companion(3, ids.guest, ids.other)]
  })
  const [facts] = await read(api, ['ServiceOrderUpdated', ids.reservation])
  t.match(facts, { guestId: ids.companion, customers: [{ Id: ids.companion }] })
  t.ok(operations(api).includes('companionships/getAll'))
})

t.test('a companionship counts with its customer and its reservation alone', async t => {
  const lists: Record<string, object[]> = {
    Reservations: [reservation({ AccountId: ids.company, AccountType: 'Company' })],
    Companionships: [{ CustomerId: ids.companion, ReservationId: ids.reservation }],
    Customers: [customer({ Id: ids.companion })],
    Resources: [resource()],
    Services: []
  }
  const api = answering({ status: 200, body: lists })
  t.match(await read(api, ['ServiceOrderUpdated', ids.reservation]), [{ guestId: ids.companion }])
})

t.test('without companions the booker stands for a company', async t => {
  const company = { AccountId: ids.company, AccountType: 'Company' }
  const [facts] = await read(apiOf({ reservations: [reservation({ ...company, BookerId: ids.guest })] }), [
    'ServiceOrderUpdated',
    ids.reservation
  ])
  t.match(facts, { guestId: ids.guest, customers: [{ Id: ids.guest }] })
  for (const nobody of [company, { AccountId: null }]) {
    const [unnamed] = await read(apiOf({ reservations: [reservation(nobody)] }), [
      'ServiceOrderUpdated',
      ids.reservation
    ])
    t.match(unnamed, { guestId: undefined, customers: [] })
  }
})

t.test('a reservation without a state is asked for again before it is taken as it is', async t => {
  for (const State of [undefined, null, ' ']) {
    const asking = () => apiOf({ reservations: [reservation({ State })] })
    const event: [string, string] = ['ServiceOrderUpdated', ids.reservation]
    await t.rejects(read(notAskedOften(asking()), event), { code: 'RELAY_PLATFORM_REFUSED', retryable: true })
    t.match(await read(asking(), event), [{ reservation: { Id: ids.reservation } }])
  }
})

t.test('who stays for a company is not known where companions cannot be read, whoever booked', async t => {
  const company = { AccountId: ids.company, AccountType: 'Company', BookerId: ids.guest }
  const apiThat = (status: number) =>
    testApi(
      (request, world) =>
        request.path.endsWith('companionships/getAll')
          ? { status, body: {} }
          : standIn(request, world, connection.api ?? {}),
      connection.api,
      worldOf({ reservations: [reservation(company), reservation({ Id: ids.other })] })
    )
  for (const status of [403, 503]) {
    const [facts, other] = await read(
      apiThat(status),
      ['ServiceOrderUpdated', ids.reservation],
      ['ServiceOrderUpdated', ids.other]
    )
    t.equal(facts?.guestId, undefined, `${status}`)
    t.strictSame(facts?.customers, [])
    t.equal(other?.guestId, ids.guest, 'a customer’s own account needs no companions')
  }
  await t.rejects(read(notAskedOften(apiThat(503)), ['ServiceOrderUpdated', ids.reservation]), {
    code: 'RELAY_PLATFORM_UNAVAILABLE'
  })
})

t.test('a customer’s reservation that names no account is the booker’s', async t => {
  const api = apiOf({ reservations: [reservation({ AccountId: null, BookerId: ids.guest })] })
  t.match(await read(api, ['ServiceOrderUpdated', ids.reservation]), [{ guestId: ids.guest }])
})

t.test('an account of no told type is taken for a customer', async t => {
  const api = apiOf({ reservations: [reservation({ AccountType: null })] })
  t.match(await read(api, ['ServiceOrderUpdated', ids.reservation]), [{ guestId: ids.guest }])
  t.notOk(operations(api).includes('companionships/getAll'))
})

t.test('merged profiles are followed to the one that lives on', async t => {
  const [facts] = await read(
    apiOf({
      customers: [
        customer({ IsActive: false, MergeTargetId: ids.companion }),
        customer({ Id: ids.companion, IsActive: false, MergeTargetId: ids.late }),
        customer({ Id: ids.late })
      ]
    }),
    ['CustomerUpdated', ids.guest]
  )
  t.match(facts, { customers: [{ Id: ids.guest }, { Id: ids.companion }, { Id: ids.late }] })
})

t.test('profiles merged in a circle end the following', async t => {
  const api = apiOf({
    customers: [
      customer({ IsActive: false, MergeTargetId: ids.companion }),
      customer({ Id: ids.companion, IsActive: false, MergeTargetId: ids.guest })
    ]
  })
  t.match(await read(api, ['CustomerUpdated', ids.guest]), [
    { customers: [{ Id: ids.guest }, { Id: ids.companion }] }
  ])
  t.equal(api.requests.length, 2)
})

t.test('a reservation without a room asks for no room, no property and no hours', async t => {
  const api = apiOf({ reservations: [reservation({ AssignedResourceId: null })] })
  const [facts] = await read(api, ['ServiceOrderUpdated', ids.reservation])
  t.strictSame(operations(api), ['reservations/getAll/2023-06-06', 'customers/getAll'])
  t.strictSame(membersOf(facts), new Set(['customers', 'guestId', 'reservation']))
})

t.test('a room that Mews does not return leaves the reservation readable', async t => {
  const [facts] = await read(apiOf({ resources: [] }), ['ServiceOrderUpdated', ids.reservation])
  t.match(facts, { reservation: { AssignedResourceId: ids.room } })
  t.equal(facts?.resource, undefined)
})

t.test(
  'a room that tells no property, and a reservation that tells no service, are read without',
  async t => {
    const api = apiOf({
      reservations: [reservation({ ServiceId: null })],
      resources: [resource({ EnterpriseId: null })]
    })
    const [facts] = await read(api, ['ServiceOrderUpdated', ids.reservation])
    t.notOk(operations(api).includes('configuration/get'))
    t.notOk(operations(api).includes('services/getAll'))
    t.strictSame(membersOf(facts), new Set(['customers', 'guestId', 'reservation', 'resource']))
  }
)

t.test('a service or property that Mews does not return is left out', async t => {
  const [facts] = await read(apiOf({ services: [] }), ['ServiceOrderUpdated', ids.reservation])
  t.equal(facts?.service, undefined)
  t.match(facts, { enterprise: { Id: ids.enterprise } })
  const silent = answering({ status: 200, body: { Resources: [resource()], Enterprise: null } })
  const [room] = await read(silent, ['ResourceUpdated', ids.room])
  t.strictSame(membersOf(room), new Set(['resource']))
})

t.test('PIN codes are read only where the connection asks for them', async t => {
  const pins = [
    { Id: guid('9', 1), ServiceOrderId: ids.reservation, Type: 'PinCode', Value: '4711#', IsActive: true },
    { Id: guid('9', 2), ServiceOrderId: ids.other, Type: 'PinCode', Value: '9999#', IsActive: true }
  ]
  const lists = { resourceAccessTokens: pins, reservations: [reservation(), reservation({ Id: ids.other })] }
  const silent = apiOf(lists)
  const [without] = await read(silent, ['ServiceOrderUpdated', ids.reservation])
  t.notOk(operations(silent).includes('resourceAccessTokens/getAll'))
  t.equal(without?.accessTokens, undefined)
  const asking = apiOf(lists, withApi({ pin_codes: 'true' }).api)
  const [facts] = await read(
    asking,
    ['ServiceOrderUpdated', ids.reservation],
    ['ServiceOrderUpdated', ids.other]
  )
  t.match(facts?.accessTokens, { length: 1, 0: { Value: '4711#' } })
})

t.test('a reservation is told without the room that Mews refuses or fails over', async t => {
  const apiThat = (status: number) =>
    testApi(
      (request, world) =>
        request.path.endsWith('resources/getAll')
          ? { status, body: {} }
          : standIn(request, world, connection.api ?? {}),
      connection.api,
      worldOf()
    )
  const roomless = new Set(['customers', 'guestId', 'reservation'])
  for (const status of [401, 403, 404]) {
    const [facts] = await read(notAskedOften(apiThat(status)), ['ServiceOrderUpdated', ids.reservation])
    t.strictSame(membersOf(facts), roomless, `${status}`)
  }
  const asked = notAskedOften(apiThat(503))
  await t.rejects(read(asked, ['ServiceOrderUpdated', ids.reservation]), {
    code: 'RELAY_PLATFORM_UNAVAILABLE'
  })
  const [facts] = await read(apiThat(503), ['ServiceOrderUpdated', ids.reservation])
  t.strictSame(membersOf(facts), roomless)
})

const onlyWanted = {
  'resourceAccessTokens/getAll': 'accessTokens',
  'configuration/get': 'enterprise',
  'services/getAll': 'service'
}

for (const [operation, fact] of Object.entries(onlyWanted)) {
  const { api: settings = {} } = withApi({ pin_codes: 'true' })
  const apiThat = (status: number): PlatformApi => {
    const { goesWithout: _always, ...api } = testApi(
      (request, world) =>
        request.path.endsWith(operation) ? { status, body: {} } : standIn(request, world, settings),
      settings,
      worldOf()
    )
    return api
  }
  t.test(`a reservation is told without what ${operation} refuses`, async t => {
    const whole = ['accessTokens', 'customers', 'enterprise', 'guestId', 'reservation', 'resource', 'service']
    for (const status of [401, 403, 404]) {
      const [facts] = await read(apiThat(status), ['ServiceOrderUpdated', ids.reservation])
      t.strictSame(membersOf(facts), new Set(whole.filter(each => each !== fact)), `${status}`)
    }
  })

  t.test(`${operation} is asked again where it fails`, async t => {
    await t.rejects(read(apiThat(503), ['ServiceOrderUpdated', ids.reservation]), {
      code: 'RELAY_PLATFORM_UNAVAILABLE'
    })
  })
}

t.test('an event that names nothing is given nothing', async t => {
  const api = apiOf()
  t.strictSame(await read(api, ['PaymentUpdated', ids.guest]), [undefined])
  t.strictSame(api.requests, [])
  const wants = (type: string) =>
    mews.hydration?.wants({ type, payload: { Value: { Id: ids.guest } } }, connection)
  t.equal(wants('PaymentUpdated'), 'no')
  t.equal(wants('constructor'), 'no')
})

t.test('refused tokens are tried again later, and the error names the settings', async t => {
  const api = apiOf({}, { ...connection.api, access_token: 'another' })
  const wrong = testApi((request, world) => standIn(request, world, connection.api ?? {}), api.settings)
  await t.rejects(read(wrong, ['CustomerUpdated', ids.guest]), {
    code: 'RELAY_PLATFORM_UNAUTHORIZED',
    retryable: true,
    message: /customers\/getAll: check client_token and access_token/
  })
})

t.test('any other refusal is final and quotes nothing', async t => {
  for (const status of [400, 403, 404, 302]) {
    const answer = { status, body: { Message: 'Invalid secret' } }
    await t.rejects(read(answering(answer), ['ResourceUpdated', ids.room]), {
      code: 'RELAY_PLATFORM_REFUSED',
      retryable: false,
      message: `Mews refused resources/getAll with status ${status}`
    })
  }
})

t.test('an answer of another shape is tried again', async t => {
  for (const answer of [
    { status: 200, body: undefined },
    { status: 200, body: 'sorry' },
    { status: 200, body: {} },
    { status: 200, body: { Reservations: 'none' } }
  ]) {
    await t.rejects(read(answering(answer), ['ServiceOrderUpdated', ids.reservation]), {
      code: 'RELAY_PLATFORM_UNAVAILABLE',
      retryable: true
    })
  }
})
