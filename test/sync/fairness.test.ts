import t from 'tap'
import { type FakeCall, ok } from '../seam/fake-seam.ts'
import { aBooking, type Customers, openCustomers } from './open-customers.ts'

const QUIET_MS = 1_000
const AT_ONCE = 8
const OWN = 2

const near = { arrival: '2027-02-12', departure: '2027-02-15' }
const far = { arrival: '2027-12-12', departure: '2027-12-15' }

/** More than go at a time, all of the workspace `slow`. */
const slow = Array.from({ length: 20 }, (_none, serial) => `s${serial}`)
const slowAndWell = [...slow.map(each => `${each}@slow`), 'w@well']

/** Near arrivals of each, all due. */
async function bookAll(relay: Customers, customers: string[]): Promise<void> {
  for (const customer of customers) await relay.tell(customer, aBooking('b1', near))
  relay.clock.now += QUIET_MS
}

/** Steps, one after the other, that each make a call which nobody answers; until one has nothing to do. */
async function takeAll(relay: Customers) {
  const calls: FakeCall[] = []
  const steps: Promise<unknown>[] = []
  for (;;) {
    const called = new Promise<FakeCall>(resolve => {
      relay.seam.respond = call => {
        resolve(call)
        return undefined
      }
    })
    const step = relay.relay.steps.syncOnce()
    const came = await Promise.race([called, step])
    if (came === 'idle' || came === 'busy') return { calls, steps }
    calls.push(came)
    steps.push(step)
  }
}

async function answerAll({ calls, steps }: Awaited<ReturnType<typeof takeAll>>): Promise<void> {
  for (const call of calls) call.answer(ok)
  await Promise.all(steps)
}

t.test('a customer with very many near arrivals does not keep the others waiting', async t => {
  const relay = await openCustomers(t, {
    customers: ['busy', 'quiet'],
    env: { RELAY_BATCH_RESOURCES: '3' }
  })
  for (let serial = 0; serial < 60; serial += 1)
    await relay.tell('busy', aBooking(`b${serial}`, { arrival: '2027-02-12', departure: '2027-02-15' }))
  relay.clock.now += QUIET_MS
  await relay.tell('quiet', aBooking('q1', { arrival: '2027-12-12', departure: '2027-12-15' }))
  relay.clock.now += QUIET_MS
  const steps: string[] = []
  for (let step = 0; step < 8; step += 1) {
    relay.clock.now += 10
    await relay.relay.steps.syncOnce()
    steps.push(...relay.sent().map(call => String(call.push_data)))
  }
  t.ok(steps.includes('quiet'), steps.join(' '))
  t.ok(steps.filter(each => each === 'busy').length > 4, 'and it gets most of the turns')
})

t.test('a workspace that does not answer keeps the bookings of no other one waiting', async t => {
  const relay = await openCustomers(t, { customers: slowAndWell, env: { RELAY_QUIET_WINDOW_MS: '0' } })
  relay.seam.respond = ({ path }) => (path.startsWith('/well/') ? ok : undefined)
  for (const customer of slow) await relay.tell(customer, aBooking('b1', near))
  relay.relay.run()
  const open: FakeCall[] = []
  while (open.length < AT_ONCE) open.push(await relay.seam.next())
  for (const id of ['b1', 'b2']) {
    await relay.tell('w', aBooking(id, far))
    t.match(await relay.seam.next(), { path: '/well/customers/push_data', body: { customer_key: 'w' } })
  }
  t.equal(relay.seam.calls.length, AT_ONCE + 2, 'it has as many slots as one workspace may have')
  relay.seam.respond = () => ok
  for (const call of open) call.answer(ok)
})

t.test('what goes unanswered takes few slots until Seam answers, and then all again', async t => {
  const relay = await openCustomers(t, { customers: slowAndWell })
  await bookAll(relay, slow)
  relay.seam.respond = () => 'reset'
  await relay.relay.steps.syncOnce()
  const few = await takeAll(relay)
  t.equal(few.calls.length, OWN)

  relay.seam.respond = () => ok
  await relay.tell('w', aBooking('b1', far))
  relay.clock.now += QUIET_MS
  t.equal(await relay.relay.steps.syncOnce(), 'busy')
  t.equal(relay.seam.calls.at(-1)?.body.customer_key, 'w')

  few.calls.shift()?.answer(ok)
  await few.steps.shift()
  const all = await takeAll(relay)
  t.equal(all.calls.length, AT_ONCE - 1)
  await answerAll(few)
  await answerAll(all)
})

t.test('the only workspace has all slots, whether it answers or not', async t => {
  const relay = await openCustomers(t, { customers: slow })
  await bookAll(relay, slow)
  const answered = await takeAll(relay)
  t.equal(answered.calls.length, AT_ONCE)
  await answerAll(answered)
  relay.seam.respond = () => 'reset'
  await relay.relay.steps.syncOnce()
  const unanswered = await takeAll(relay)
  t.equal(unanswered.calls.length, AT_ONCE)
  await answerAll(unanswered)
})

t.test('a call without an answer takes no slot away while others are answered', async t => {
  const relay = await openCustomers(t, { customers: slowAndWell })
  await bookAll(relay, slow)
  const { calls, steps } = await takeAll(relay)
  const [lost, ended] = [calls.shift(), steps.shift()]
  relay.clock.now += 10
  await answerAll({ calls, steps })
  lost?.reset()
  await ended
  const after = await takeAll(relay)
  t.equal(after.calls.length, AT_ONCE)
  await answerAll(after)
})

t.test('between workspaces that answer the nearest arrival goes first', async t => {
  const relay = await openCustomers(t, { customers: ['a@eu', 'b@us', 'c@eu', 'd@us'] })
  const days = { a: '04', b: '02', c: '03', d: '01' }
  for (const [customer, day] of Object.entries(days))
    await relay.tell(customer, aBooking('b1', { arrival: `2027-05-${day}`, departure: '2027-06-01' }))
  relay.clock.now += QUIET_MS
  const order: unknown[] = []
  for (let step = 0; step < 3; step += 1) {
    await relay.relay.steps.syncOnce()
    order.push(...relay.sent().map(each => each.push_data))
  }
  t.same(order, ['d', 'b', 'c'])
})
