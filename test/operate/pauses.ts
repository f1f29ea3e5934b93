import fc from 'fast-check'
import t from 'tap'
import { CALLERS } from '../../src/model/call.ts'
import type { SampleBooking } from '../../src/platforms/samples.ts'
import { standard } from '../../src/platforms/standard/standard.ts'
import { serviceOf, storedKey } from '../api/call.ts'
import { runs, type TestEngine } from '../engines.ts'
import type { TestRelay } from '../open-relay.ts'
import { act, ask, booking, CONNECTION, openOperated, tell } from './operator.ts'

const WORKSPACE = 'default'
const ofCalls = { of: 'connection', connection: CALLERS }
const CUSTOMER = { of: 'customer', workspace: WORKSPACE, customer_key: CONNECTION }

/** Until nothing more is done at this time of the clock. */
async function work({ relay }: Pick<TestRelay, 'relay'>): Promise<void> {
  const { translateOnce, readPlaceOnce, redrawOnce, syncOnce } = relay.steps
  let busy = true
  while (busy) {
    busy = false
    for (const step of [translateOnce, readPlaceOnce, redrawOnce, syncOnce])
      if ((await step()) === 'busy') busy = true
  }
}

async function pause(relay: TestRelay, body: object): Promise<string> {
  const paused = await act(relay, 'POST', '/pauses', body)
  if (paused.status !== 201) throw new TypeError(JSON.stringify(paused.body))
  return paused.body.id
}

const resume = (relay: TestRelay, id: string) => act(relay, 'DELETE', `/pauses/${id}`)

const gauge = async ({ origin }: TestRelay, series: string) => {
  const text = await (await fetch(`${origin}/metrics`)).text()
  return Number(
    text
      .split('\n')
      .find(line => line.startsWith(`${series} `))
      ?.split(' ')
      .at(-1)
  )
}

export function operatorPauses(engine: TestEngine): void {
  t.test('what a paused connection sends is answered and kept, and goes on when it is resumed', async t => {
    const relay = await openOperated(t, { engine })
    const chief = await storedKey(relay, { name: 'on call', scopes: ['operate'] })
    const paused = await act(
      relay,
      'POST',
      '/pauses',
      { of: 'connection', connection: CONNECTION, reason: 'storm; ask ada@example.com' },
      { key: chief }
    )
    t.equal(paused.status, 201)
    const known = {
      of: 'connection',
      connection: CONNECTION,
      workspace: null,
      customer_key: null,
      reason: 'storm; ask …@example.com',
      since: '2027-01-10T12:00:00.000Z',
      by: 'on call'
    }
    const { id, ...others } = paused.body
    t.strictSame(others, known)
    const again = await act(relay, 'POST', '/pauses', { of: 'connection', connection: CONNECTION })
    t.strictSame([again.status, again.body], [201, paused.body], 'it is paused already')

    const [delivery] = await tell(relay, booking)
    relay.clock.now += 60_000
    await work(relay)
    t.match((await ask(relay, `/deliveries/${delivery}`)).body, { state: 'received', attempts: 0 })
    t.equal((await ask(relay, '/connections/demo-hospitable')).body.paused.id, id)
    const { data: listed } = (await ask(relay, '/connections')).body
    t.strictSame(
      listed
        .filter((each: { paused: unknown }) => each.paused !== null)
        .map((each: { id: string }) => each.id),
      [CONNECTION]
    )
    t.equal(await gauge(relay, 'relay_backlog{stage="translate",state="paused"}'), 1)
    t.match((await ask(relay, '/backlog')).body, { translate: { due: 0 }, paused: { translate: 1, sync: 0 } })
    t.equal(await gauge(relay, 'relay_backlog{stage="translate",state="due"}'), 0)
    t.equal(await gauge(relay, 'relay_oldest_due_age_seconds{stage="translate"}'), 0)
    t.equal(await gauge(relay, 'relay_paused{of="connection"}'), 1)

    t.match((await ask(relay, '/pauses')).body, { data: [paused.body], next_cursor: null })
    t.match((await ask(relay, '/pauses?reveal=true')).body.data, [{ reason: 'storm; ask ada@example.com' }])
    const other = await pause(relay, CUSTOMER)
    const { data: first, next_cursor } = (await ask(relay, '/pauses?limit=1')).body
    const { data: second } = (await ask(relay, `/pauses?limit=1&cursor=${next_cursor}`)).body
    t.strictSame([first[0].id, second[0].id], [id, other])
    await resume(relay, other)
    const both = await Promise.all([resume(relay, id), resume(relay, id)])
    t.strictSame(both.map(each => each.status).sort(), [204, 404])
    t.match(await resume(relay, id), { status: 404, body: { code: 'RELAY_NOT_FOUND' } })
    t.strictSame((await ask(relay, '/pauses')).body.data, [])
    await relay.settle()
    t.equal((await relay.held(CONNECTION)).reservations?.length, 1)
    t.match((await ask(relay, '/audit')).body.data, [
      { action: 'resume', target: `connection ${CONNECTION}`, detail: { paused_since: known.since } },
      { action: 'resume', target: `customer ${WORKSPACE}/${CONNECTION}` },
      { action: 'pause', target: `customer ${WORKSPACE}/${CONNECTION}` },
      { action: 'reveal' },
      { action: 'pause', actor_name: 'RELAY_ADMIN_TOKEN' },
      { action: 'pause', actor_name: 'on call', target: `connection ${CONNECTION}`, detail: {} }
    ])
  })

  t.test(
    'of a paused customer everything is worked out and nothing sent, and arrivals still count',
    async t => {
      const relay = await openOperated(t, { engine, now: Date.parse('2027-03-12T06:00:00Z') })
      const id = await pause(relay, CUSTOMER)
      await tell(relay, booking)
      relay.clock.now += 60_000
      await work(relay)
      t.strictSame(await relay.held(CONNECTION), {})
      const lane = `/customers/${WORKSPACE}/${CONNECTION}`
      t.match((await ask(relay, lane)).body, { waiting: 3, sending: false, paused: { id, of: 'customer' } })
      t.match((await ask(relay, '/customers?state=paused')).body.data, [{ customer_key: CONNECTION }])
      t.strictSame((await ask(relay, '/customers?state=due')).body.data, [])
      t.match((await ask(relay, '/workspaces')).body.data, [{ id: WORKSPACE, due: 0, paused: null }])
      t.equal(await gauge(relay, 'relay_backlog{stage="sync",state="paused"}'), 1)
      t.equal(await gauge(relay, 'relay_oldest_unsent_age_seconds'), 0)
      t.equal(await gauge(relay, 'relay_arrivals_unsent{within="24h",because="pending"}'), 1)

      const over = await pause(relay, { of: 'workspace', workspace: WORKSPACE })
      t.match((await ask(relay, '/workspaces')).body.data, [{ paused: { id: over, of: 'workspace' } }])
      await resume(relay, id)
      await work(relay)
      t.match((await ask(relay, lane)).body, { paused: { id: over, of: 'workspace' } })
      t.strictSame(await relay.held(CONNECTION), {}, 'the workspace rests too')
      await resume(relay, over)
      await work(relay)
      t.equal((await relay.held(CONNECTION)).reservations?.length, 1, 'at once')
      t.match((await ask(relay, lane)).body, { waiting: 0, paused: null })
    }
  )

  t.test('taking a customer off, and calls of internal services, wait like everything else', async t => {
    const relay = await openOperated(t, { engine })
    await tell(relay, booking)
    await relay.settle()
    const [id, ofCallers] = [await pause(relay, CUSTOMER), await pause(relay, ofCalls)]
    const key = await storedKey(relay, { scopes: ['push', 'delete', 'offboard'] })
    t.equal((await serviceOf(relay, key).delete({ customer_keys: [CONNECTION] })).status, 200)
    const pushed = { customer_key: 'acme', spaces: [{ space_key: 's', name: 'Loft' }] }
    t.equal((await serviceOf(relay, key).push(pushed)).status, 200)
    relay.clock.now += 60_000
    await work(relay)
    t.strictSame((await ask(relay, '/customers?state=leaving')).body.data, [], 'not yet heard')
    await resume(relay, ofCallers)
    await work(relay)
    relay.clock.now += 60_000
    await work(relay)
    t.equal((await relay.held('acme')).spaces?.length, 1)
    t.match((await ask(relay, '/customers?state=leaving')).body.data, [{ paused: { id } }])
    t.equal((await relay.held(CONNECTION)).reservations?.length, 1)
    await resume(relay, id)
    await relay.settle()
    t.strictSame(await relay.held(CONNECTION), {})
  })

  t.test(
    'whatever is paused and resumed while bookings change: nothing is lost, the last word holds',
    async t => {
      const relay = await openOperated(t, { engine, connections: threeCustomers })
      let round = 0
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async steps => {
          round += 1
          const story = storyOf(relay, `round-${round}`)
          for (const each of steps) await story.go(each)
          await story.end()
          for (const customer of customers) {
            const stays = (await relay.held(customer)).reservations ?? []
            const names = stays.map(each => String(each.name))
            t.strictSame(
              names.filter(name => name.includes(`round-${round} `)),
              story.expected(customer)
            )
          }
          t.strictSame(story.unwanted, [], 'what is paused never goes')
        }),
        { numRuns: runs(engine.name === 'SQLite' ? 6 : 2) }
      )
    }
  )
}

const customers = ['a', 'b', 'c']
const threeCustomers = `
connections:
${customers.map(id => `  - { id: ${id}, platform: standard, customer_key: ${id}, secrets: { signing_secret: whsec_cmlnaHQgcmlnaHQgcmlnaHQgcmlnaHQgcmlnaHQ= } }`).join('\n')}
`

interface Step {
  who: string
  what: 'tell' | 'cancel' | 'pause' | 'pause its connection' | 'pause all' | 'resume' | 'work'
}

const step = fc.record<Step>({
  who: fc.constantFrom(...customers),
  what: fc.constantFrom(
    'tell',
    'tell',
    'cancel',
    'pause',
    'pause its connection',
    'pause all',
    'resume',
    'work',
    'work'
  )
})

/** What happens to one booking of each customer, and what has to come of it. */
function storyOf(relay: TestRelay, name: string) {
  const last = new Map<string, SampleBooking>()
  const pauses: { id: string; who: string }[] = []
  const unwanted: string[] = []
  let serial = 0

  async function told(who: string, status: SampleBooking['status']): Promise<void> {
    serial += 1
    const now: SampleBooking = {
      ...booking,
      id: `${name}-${who}`,
      status,
      guest: { id: `${name}-${who}`, name: `${name} ${serial}`, email: null, phone: null },
      updatedAt: booking.updatedAt + serial * 60_000
    }
    last.set(who, now)
    const context = { connection: relay.connection(who), now: relay.clock.now, serial }
    for (const sample of standard.samples.tell(undefined, now, context))
      await relay.deliver(who, sample, { id: `msg_${name}_${serial}` })
  }

  const callsOf = async (who: string) =>
    (await ask(relay, `/attempts?customer=${who}&limit=200`)).body.data.length as number

  async function worked(): Promise<void> {
    const resting = customers.filter(who => pauses.some(each => each.who === who || each.who === ''))
    const before = await Promise.all(resting.map(callsOf))
    relay.clock.now += 60_000
    await work(relay)
    const after = await Promise.all(resting.map(callsOf))
    unwanted.push(...resting.filter((_, index) => before[index] !== after[index]))
  }

  const subjects = {
    pause: (who: string) => ({ of: 'customer', workspace: WORKSPACE, customer_key: who }),
    'pause its connection': (who: string) => ({ of: 'connection', connection: who }),
    'pause all': () => ({ of: 'workspace', workspace: WORKSPACE })
  }

  return {
    unwanted,
    expected(who: string): string[] {
      const booked = last.get(who)
      return booked?.status === 'confirmed' ? [booked.guest.name] : []
    },
    async go({ who, what }: Step): Promise<void> {
      if (what === 'tell') return told(who, 'confirmed')
      if (what === 'cancel') return told(who, 'cancelled')
      if (what === 'work') return worked()
      if (what === 'resume') {
        const ended = pauses.shift()
        if (ended !== undefined) await resume(relay, ended.id)
        return
      }
      const id = await pause(relay, subjects[what](who))
      const isSending = what === 'pause its connection'
      if (pauses.every(each => each.id !== id))
        pauses.push({ id, who: what === 'pause all' ? '' : isSending ? 'nobody' : who })
    },
    async end(): Promise<void> {
      for (const { id } of pauses) await resume(relay, id)
      await relay.settle()
    }
  }
}
