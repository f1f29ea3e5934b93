import t, { type Test } from 'tap'
import { mews } from '../../../src/platforms/mews/mews.ts'
import { standIn } from '../../../src/platforms/mews/stand-in.ts'
import { platforms } from '../../../src/platforms/registry.ts'
import { openRelay } from '../../open-relay.ts'
import { customer, ids, message, reservation, worldOf } from './world.ts'

const id = 'demo-mews'
const at = (minute: number) => new Date(Date.UTC(2026, 4, 10, 9, minute)).toISOString()

/** A relay whose Mews answers an operation with a status, once it is told to. */
async function open(t: Test) {
  const answers: Record<string, number> = {}
  const relay = await openRelay(t, {
    platforms: {
      ...platforms,
      mews: {
        ...mews,
        standIn(request, ...rest) {
          const status = answers[request.path.replace('/api/connector/v1/', '')]
          return status === undefined ? standIn(request, ...rest) : { status, body: {} }
        }
      }
    }
  })
  return {
    answers,
    async tell(lists: Record<string, Record<string, unknown>[]>, ...events: [string, string][]) {
      const sample = { event: '', body: message(...events), world: Object.fromEntries(worldOf(lists)) }
      t.equal((await relay.deliver(id, sample)).status, 200)
      await relay.settle()
    },
    async guests() {
      const { reservations = [], guests = [] } = await relay.held(id)
      const nameOf = (key: unknown) => guests.find(guest => guest.guest_key === key)?.name
      return Object.fromEntries(
        reservations.map(stay => [stay.reservation_key, nameOf(stay.guest_key)] as const)
      )
    },
    async outcomes() {
      const rows = await relay.store.db
        .selectFrom('deliveries')
        .select(['state', 'outcome'])
        .orderBy('id')
        .execute()
      return rows.map(({ state, outcome }) => ({ state, outcome: JSON.parse(outcome ?? 'null') }))
    }
  }
}

const stayKey = `${id}:${ids.reservation}`
const otherKey = `${id}:${ids.other}`

for (const [operation, event] of [
  ['customers/getAll', ['CustomerUpdated', ids.companion]],
  ['resources/getAll', ['ResourceUpdated', ids.closed]]
] as const) {
  for (const status of [403, 503]) {
    t.test(
      `a cancellation does not end with the ${event[0]} beside it, where the answer is ${status}`,
      async t => {
        const relay = await open(t)
        await relay.tell({}, ['ServiceOrderUpdated', ids.reservation])
        t.strictSame(Object.keys(await relay.guests()), [stayKey])

        relay.answers[operation] = status
        const reservations = [
          reservation({ State: 'Canceled', UpdatedUtc: at(0) }),
          reservation({ Id: ids.other })
        ]
        await relay.tell(
          { reservations },
          ['ServiceOrderUpdated', ids.reservation],
          ['ServiceOrderUpdated', ids.other],
          [...event]
        )
        t.strictSame(Object.keys(await relay.guests()), [otherKey])
        const [, last] = await relay.outcomes()
        t.match(last, {
          state: 'dead',
          outcome: [
            { outcome: 'translated' },
            { outcome: 'translated' },
            { outcome: 'dead', reason: new RegExp(`${status}`) }
          ]
        })
      }
    )
  }
}

t.test(
  'a company’s stay keeps its guest where companions cannot be read, and a new one does not wait',
  async t => {
    for (const status of [403, 503]) {
      for (const BookerId of [null, ids.late]) {
        const relay = await open(t)
        const company = { AccountId: ids.company, AccountType: 'Company', BookerId }
        const customers = [
          customer({ Id: ids.companion, FirstName: null, LastName: 'Traoré' }),
          customer({ Id: ids.late, FirstName: null, LastName: 'Booker', Email: null, Phone: null })
        ]
        const companionships = [{ Id: ids.other, CustomerId: ids.companion, ReservationId: ids.reservation }]
        const lists = { customers, companionships }
        await relay.tell({ ...lists, reservations: [reservation(company)] }, [
          'ServiceOrderUpdated',
          ids.reservation
        ])
        t.strictSame(await relay.guests(), { [stayKey]: 'Traoré' })

        relay.answers['companionships/getAll'] = status
        const later = { ...company, UpdatedUtc: at(0), ScheduledEndUtc: '2026-07-08T09:00:00Z' }
        const added = reservation({ ...company, Id: ids.other, Number: '51208' })
        await relay.tell(
          { ...lists, reservations: [reservation(later), added] },
          ['ServiceOrderUpdated', ids.reservation],
          ['ServiceOrderUpdated', ids.other]
        )
        t.strictSame(await relay.guests(), { [stayKey]: 'Traoré', [otherKey]: '51208' })
      }
    }
  }
)
