import type { Test } from 'tap'
import type { SampleBooking } from '../../src/platforms/samples.ts'
import { standard } from '../../src/platforms/standard/standard.ts'
import type { Store } from '../../src/store/store.ts'
import { type OpenRelayOptions, openRelay, type TestRelay } from '../open-relay.ts'
import { type FakeCall, type FakeSeam, fakeSeam, listsOf } from '../seam/fake-seam.ts'
import { emptyStore } from '../store/empty-store.ts'

const HOUR_MS = 3_600_000
export const DAY_MS = 24 * HOUR_MS
/** The relay's clock at the start. */
export const NOON = Date.UTC(2027, 0, 10, 12)
const SECRET = `whsec_${Buffer.from('a secret that is thirty-two long').toString('base64')}`

/** A booking of one room, two months away, unless told otherwise. */
export function aBooking(id: string, told: Partial<SampleBooking> = {}): SampleBooking {
  return {
    id,
    status: 'confirmed',
    rooms: [{ id: 'r1', place: 'p1' }],
    guest: { id: `guest-${id}`, name: 'Ada Lovelace', email: `${id}@example.com`, phone: null },
    arrival: '2027-03-12',
    departure: '2027-03-15',
    checkIn: '16:00',
    checkOut: '11:00',
    timeZone: 'Europe/Berlin',
    code: '4711',
    updatedAt: NOON - HOUR_MS,
    ...told
  }
}

/** The same booking a minute later. */
export function later(booking: SampleBooking, told: Partial<SampleBooking> = {}): SampleBooking {
  return { ...booking, updatedAt: booking.updatedAt + 60_000, ...told }
}

export function off(booking: SampleBooking): SampleBooking {
  return later(booking, { status: 'cancelled' })
}

export interface Customers extends TestRelay {
  seam: FakeSeam
  /** Tells the customer's relay of a booking; it is in the desired state when this resolves. */
  tell(customer: string, booking: SampleBooking): Promise<void>
  /** Sends what is due, until nothing more is due at this time of the clock. */
  sync(): Promise<void>
  /** Moves the clock and then as {@link sync}. */
  after(ms: number): Promise<void>
  /** What has been sent since the last look: operation and keys, list by list. */
  sent(): Sent[]
}

export type Sent = Record<string, unknown>

export interface CustomersOptions extends Omit<OpenRelayOptions, 'connections'> {
  /** Each is one connection of the standard platform; `a@eu` belongs to the workspace `eu`. */
  customers?: string[]
  seam?: FakeSeam
  store?: Store
}

/** Customers of the relay's own event format, and a Seam that the test plays. */
export async function openCustomers(t: Test, options: CustomersOptions = {}): Promise<Customers> {
  const { customers = ['a'], seam = await fakeSeam(t), env = {}, ...rest } = options
  const relay = await openRelay(t, {
    store: options.store ?? (await emptyStore()),
    ...rest,
    connections: connectionsFile(customers, seam),
    env: { SEAM_API_KEY: 'seam_key', SEAM_ENDPOINT: seam.endpoint, ...env }
  })
  let serial = 0
  let looked = 0

  async function run(step: () => Promise<'busy' | 'idle'>): Promise<void> {
    while ((await step()) === 'busy');
  }

  const { translateOnce, syncOnce, redrawOnce } = relay.relay.steps
  async function sync(): Promise<void> {
    await run(syncOnce)
    await run(redrawOnce)
  }

  return {
    ...relay,
    seam,
    async tell(customer, booking) {
      serial += 1
      const connection = relay.connection(customer)
      const samples = standard.samples.tell(undefined, booking, { connection, now: relay.clock.now, serial })
      for (const sample of samples)
        await relay.deliver(customer, sample, { id: `msg_${relay.clock.now}_${serial}` })
      await run(translateOnce)
    },
    sync,
    async after(ms) {
      relay.clock.now += ms
      await sync()
    },
    sent() {
      const calls = seam.calls.slice(looked)
      looked = seam.calls.length
      return calls.map(sentIn)
    }
  }
}

export function sentIn(call: FakeCall): Sent {
  return { [call.operation]: String(call.body.customer_key ?? ''), ...listsOf(call) }
}

function connectionsFile(customers: string[], seam: FakeSeam): string {
  const named = customers.map(each => each.split('@') as [string, string?])
  const workspaces = [...new Set(named.flatMap(([, workspace]) => workspace ?? []))]
  return [
    ...(workspaces.length === 0 ? [] : ['workspaces:']),
    ...workspaces.map(
      id => `  - { id: ${id}, api_key: seam_key_of_${id}, endpoint: "${seam.endpoint}/${id}" }`
    ),
    'connections:',
    ...named.map(
      ([id, workspace]) =>
        `  - { id: ${id}, platform: standard, customer_key: ${id}, secrets: { signing_secret: ${SECRET} }${workspace === undefined ? '' : `, workspace: ${workspace}`} }`
    )
  ].join('\n')
}
