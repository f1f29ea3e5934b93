import { type Static, Type } from '@sinclair/typebox'
import type { Test } from 'tap'
import { RelayError } from '../../src/errors.ts'
import { cancelled, type Stay, stays } from '../../src/model/change.ts'
import type { ApiRequest } from '../../src/platforms/api.ts'
import { clientCredentials } from '../../src/platforms/oauth.ts'
import {
  definePlatform,
  type Hydration,
  on,
  type Platform,
  readObject,
  unknownStatus
} from '../../src/platforms/platform.ts'
import { sharedToken } from '../../src/platforms/verify.ts'
import type { EventOutcome } from '../../src/translate/outcome.ts'
import { type OpenRelayOptions, openRelay, type TestRelay } from '../open-relay.ts'
import { emptyStore } from '../store/empty-store.ts'

/** What a webhook of the acme platform says of one thing. */
export interface AcmeEvent {
  type: string
  id?: string
  status?: string
  secret?: string
}

const AcmeBooking = Type.Object({ id: Type.String(), secret: Type.Optional(Type.String()) })
const AcmeFacts = Type.Union([
  Type.Object({ gone: Type.Literal(true) }),
  Type.Object({ guest: Type.String() })
])

const token = clientCredentials({
  origin: 'http://127.0.0.1:9',
  path: '/token',
  clientId: 'client_id',
  clientSecret: 'client_secret',
  renewOn: [403],
  renewalsApartMs: 6 * 3_600_000
})

const SAID_AT = Date.UTC(2027, 0, 10)

/** `pointed` carries only an id, `hinted` would rather know more. */
const hydration: Hydration = {
  wants: ({ type }) => (({ pointed: 'must', hinted: 'may' }) as const)[type] ?? 'no',
  read: (events, api) =>
    Promise.all(
      events.map(async ({ payload }) => {
        const { id } = payload as Static<typeof AcmeBooking>
        const question: ApiRequest =
          api.settings.post === undefined
            ? {
                method: 'GET',
                origin: 'http://127.0.0.1:9',
                path: `/bookings/${id}`,
                query: { with: 'guest' }
              }
            : { method: 'POST', origin: api.settings.post, path: '/bookings', json: { id } }
        if (api.settings.client_id !== undefined) question.bearer = token
        const { status, body } = await api.request(question)
        if (status === 404) return { gone: true }
        if (status === 400) throw new RelayError('RELAY_PLATFORM_REFUSED', 'Acme refused the question')
        if (status === 418) throw new TypeError(`a mistake about ${JSON.stringify(body)}`)
        return body
      })
    )
}

function aStay(id: string, guest: string): Stay {
  return {
    id,
    places: ['p1'],
    guest: { name: guest, email: `${id}@example.com` },
    start: { date: '2027-03-12' },
    end: { date: '2027-03-15' }
  }
}

/** A small platform with one event for each thing that can become of an event. */
export const acme = definePlatform({
  name: 'acme',
  title: 'Acme',
  verification: sharedToken(),
  secrets: Type.Object({ token: Type.String() }),
  api: Type.Object({
    client_id: Type.Optional(Type.String()),
    client_secret: Type.Optional(Type.String()),
    post: Type.Optional(Type.String())
  }),
  preferredCode: 'none',
  readEvents(delivery) {
    const { events } = readObject(delivery)
    // What must be a list makes this throw an error that is none of the house's.
    return (events as AcmeEvent[]).map(({ type, ...payload }) => ({ type, payload }))
  },
  hydration,
  events: {
    booked: on(AcmeBooking, ({ id }) => [stays(id, SAID_AT, [aStay(id, 'Ada Lovelace')])]),
    pointed: on(AcmeBooking, ({ id }, { facts }) => translated(id, facts as Static<typeof AcmeFacts>)),
    hinted: on(AcmeBooking, ({ id }, { facts = { guest: 'Somebody' } }) =>
      translated(id, facts as Static<typeof AcmeFacts>)
    ),
    moved: on(Type.Object({ status: Type.String() }), ({ status }) => unknownStatus(status)),
    broken: on(AcmeBooking, ({ secret }) => {
      throw new TypeError(`cannot read ${secret}`)
    })
  },
  ignored: { ping: 'test delivery' },
  samples: { events: {}, tell: () => [], ids: () => ({ stays: [] }) },
  standIn: () => ({ status: 404 })
})

function translated(id: string, facts: Static<typeof AcmeFacts>) {
  if ('gone' in facts) return [cancelled(id, SAID_AT)]
  return [stays(id, SAID_AT, [aStay(id, facts.guest)])]
}

export interface AcmeOptions extends Omit<OpenRelayOptions, 'connections'> {
  /** By id of the connection: the lines of its entry beside platform and secrets. */
  connections?: Record<string, string>
  acme?: Platform
}

export interface AcmeRelay extends TestRelay {
  /** A webhook of these events, taken in. */
  tell(connectionId: string, ...events: AcmeEvent[]): Promise<void>
  translate(): Promise<void>
  /** Moves the clock and then as {@link translate}. */
  after(ms: number): Promise<void>
  /** Every delivery, oldest first. */
  deliveries(): Promise<ToldDelivery[]>
  /** Names of the guests at Seam once everything is settled. */
  guests(customerKey?: string): Promise<string[]>
}

export interface ToldDelivery {
  state: string
  attempts: number
  /** How long it rests from now on, ms. */
  restMs: number
  outcome: EventOutcome[] | null
  error: string | null
  facts: unknown
}

const TOKEN = 'a-token-that-is-long-enough'

/** Where dates become instants. */
export const HOURS = 'time_zone: Europe/Berlin, check_in_time: "15:00", check_out_time: "11:00"'

/** A relay of acme connections; each is its own customer unless its lines say otherwise. */
export async function openAcme(t: Test, options: AcmeOptions = {}): Promise<AcmeRelay> {
  const { connections = { a: HOURS }, acme: platform = acme, ...rest } = options
  const entries = Object.entries(connections).map(([id, lines]) => {
    const customer = lines.includes('customer_key') ? '' : `customer_key: ${id}, `
    return `  - { id: ${id}, platform: acme, ${customer}secrets: { token: ${TOKEN} }, ${lines} }`
  })
  const relay = await openRelay(t, {
    platforms: { acme: platform },
    ...rest,
    store: options.store ?? (await emptyStore()),
    connections: ['connections:', ...entries].join('\n')
  })
  const { translateOnce } = relay.relay.steps

  async function translate(): Promise<void> {
    while ((await translateOnce()) === 'busy');
  }

  return {
    ...relay,
    translate,
    async tell(connectionId, ...events) {
      const { status } = await relay.deliver(connectionId, { event: '', body: JSON.stringify({ events }) })
      if (status !== 200) throw new TypeError(`the webhook was answered ${status}`)
    },
    async after(ms) {
      relay.clock.now += ms
      await translate()
    },
    async deliveries() {
      const rows = await relay.store.db.selectFrom('deliveries').selectAll().orderBy('id').execute()
      return rows.map(row => ({
        state: row.state,
        attempts: row.attempts,
        restMs: row.due_at - relay.clock.now,
        outcome: row.outcome === null ? null : JSON.parse(row.outcome),
        error: row.last_error,
        facts: row.facts === null ? null : JSON.parse(row.facts)
      }))
    },
    async guests(customerKey = 'a') {
      await relay.settle()
      const names = ((await relay.held(customerKey)).guests ?? []).map(guest => String(guest.name))
      return names.sort((a, b) => a.localeCompare(b))
    }
  }
}
