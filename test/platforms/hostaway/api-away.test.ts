import t, { type Test } from 'tap'
import { openRelay } from '../../open-relay.ts'
import { emptyStore } from '../../store/empty-store.ts'
import { type ApiAnswer, type ApiCall, fakeApi } from '../../translate/fake-api.ts'
import { reservation, webhook } from './reservation-body.ts'

const succeeded = (result: object): ApiAnswer => ({ status: 200, body: { status: 'success', result } })

interface Answered {
  as: ApiAnswer | ((call: ApiCall) => ApiAnswer)
}

/** A relay of one Hostaway account, whose API answers as the test says once it has given a token. */
async function openAccount(t: Test, answered: Answered, event = 'reservation.updated') {
  const api = await fakeApi(t)
  let given = 0
  api.respond = call => {
    if (call.path !== '/v1/accessTokens') {
      return typeof answered.as === 'function' ? answered.as(call) : answered.as
    }
    given += 1
    return { status: 200, body: { access_token: `token-${given}`, expires_in: 63_072_000 } }
  }
  const secrets = 'secrets: { username: relay, password: a-long-password-of-ours }'
  const asked = `api: { endpoint: "${api.endpoint}", account_id: "70011", api_key: a-key }`
  const hours = 'time_zone: Europe/Lisbon, check_in_time: "15:00", check_out_time: "11:00"'
  const relay = await openRelay(t, {
    store: await emptyStore(),
    connections: `connections:\n  - { id: h, platform: hostaway, customer_key: h, ${secrets}, ${asked}, ${hours} }`
  })
  await relay.deliver('h', { event: '', body: JSON.stringify(webhook(reservation, { event })) })
  const { translateOnce, syncOnce } = relay.relay.steps
  return {
    ...relay,
    async passMinutes(minutes: number) {
      for (let minute = 0; minute < minutes; minute += 1) {
        for (const step of [translateOnce, syncOnce]) while ((await step()) === 'busy');
        relay.clock.now += 60_000
      }
    },
    async states() {
      const rows = await relay.store.db.selectFrom('deliveries').select('state').execute()
      return rows.map(({ state }) => state)
    }
  }
}

const troubles: Record<string, ApiAnswer> = {
  'answers 500': { status: 500 },
  'refuses one token after the other': { status: 403 },
  'asks to wait for two minutes': { status: 429, headers: { 'retry-after': '120' } }
}

for (const [trouble, answer] of Object.entries(troubles)) {
  t.test(`while the API ${trouble}, a webhook that nobody signed waits and is not believed`, async t => {
    const answered: Answered = { as: answer }
    const account = await openAccount(t, answered)
    await account.passMinutes(10)
    t.strictSame(await account.states(), ['received'])
    t.strictSame(await account.held('h'), {})

    answered.as = succeeded({ ...reservation, status: 'cancelled' })
    await account.settle()
    t.strictSame(await account.states(), ['translated'])
    t.strictSame((await account.held('h')).reservations ?? [], [], 'what was read counts')
  })
}

t.test('a token that was taken back holds no webhook up for more than minutes', async t => {
  const found = succeeded({ ...reservation, listingMapId: null })
  let taken = 'Bearer token-1'
  const account = await openAccount(t, {
    as: ({ headers }) => (headers.authorization === taken ? found : { status: 403 })
  })
  await account.settle()
  taken = 'Bearer token-2'
  account.clock.now += 600_000
  await account.deliver('h', { event: '', body: JSON.stringify(webhook(reservation)) })
  await account.passMinutes(2)
  t.strictSame(await account.states(), ['translated', 'translated'])
})

const listingTroubles: Record<string, ApiAnswer> = {
  'is away for minutes': { status: 503 },
  'asks to wait for 90 seconds': { status: 429, headers: { 'retry-after': '90' } }
}

for (const [trouble, answer] of Object.entries(listingTroubles)) {
  t.test(`a listing that ${trouble} is read later, and the stay gets its hours`, async t => {
    const dates = { arrivalDate: '2027-03-10', departureDate: '2027-03-13', checkInTime: null }
    const listing = { id: 310042, name: '2B', timeZoneName: 'Europe/Madrid', checkInTimeStart: 17 }
    let listingAnswer = answer
    const account = await openAccount(t, {
      as: ({ path }) =>
        path.startsWith('/v1/reservations') ? succeeded({ ...reservation, ...dates }) : listingAnswer
    })
    await account.passMinutes(8)
    t.match((await account.held('h')).reservations, [{ starts_at: '2027-03-10T15:00:00Z' }])
    listingAnswer = succeeded(listing)
    account.clock.now += 600_000
    await account.settle()
    const { reservations, spaces } = await account.held('h')
    t.match(reservations, [{ starts_at: '2027-03-10T16:00:00Z' }])
    t.match(spaces, [{ name: '2B' }])
  })
}

t.test('a new reservation that is told before it can be read is at Seam once it can', async t => {
  const answered: Answered = { as: { status: 404 } }
  const account = await openAccount(t, answered, 'reservation.created')
  await account.passMinutes(2)
  t.strictSame(await account.states(), ['received'])
  const dates = { arrivalDate: '2027-03-10', departureDate: '2027-03-13' }
  answered.as = succeeded({
    ...reservation,
    ...dates,
    listingMapId: null,
    reservationUnit: [{ listingUnitId: 4401 }]
  })
  await account.settle()
  t.match((await account.held('h')).reservations, [{ reservation_key: 'h:51200001_4401' }])
})

t.test('a webhook that nobody signed is not believed because the API refuses the question', async t => {
  const account = await openAccount(t, { as: { status: 400 } })
  await account.settle()
  t.strictSame(await account.states(), ['dead'], 'it can be replayed')
  t.strictSame(await account.held('h'), {})
})
