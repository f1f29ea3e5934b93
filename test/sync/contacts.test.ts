import t, { type Test } from 'tap'
import { type FakeCall, ok } from '../seam/fake-seam.ts'
import { aBooking, type Customers, later, off, openCustomers } from './open-customers.ts'

const QUIET_MS = 1_000
const ada = { id: 'g1', name: 'Ada', email: 'ada@example.com', phone: '+12125550101' }
const grace = { id: 'g5', name: 'Grace', email: 'grace@example.com', phone: '+12125550105' }

/** Something happens after sync has read what is to be pushed and before it pushes it: while a deletion is under way. */
async function beforeThePush({ relay, seam, clock, tell, sync }: Customers, happen: () => Promise<void>) {
  await tell('a', off(aBooking('b0')))
  clock.now += QUIET_MS
  seam.respond = () => undefined
  const step = relay.steps.syncOnce()
  let deletion = await seam.next()
  while (deletion.operation !== 'delete_data') deletion = await seam.next()
  await happen()
  seam.respond = () => ok
  deletion.answer(ok)
  await step
  await sync()
}

async function openNeighbours(t: Test): Promise<Customers> {
  const relay = await openCustomers(t, { customers: ['a', 'b'] })
  await relay.tell('a', aBooking('b0'))
  await relay.tell('b', aBooking('b5', { guest: grace }))
  await relay.after(QUIET_MS)
  return relay
}

/** Under which guests an e-mail or a phone number has ever been pushed. */
function everPushedWith(contact: string, { seam }: Customers): string[] {
  const guests = seam.calls.flatMap(guestsIn)
  const having = guests.filter(each => [each.email_address, each.phone_number].includes(contact))
  return [...new Set(having.map(each => String(each.guest_key)))]
}

function guestsIn({ body }: FakeCall): Record<string, unknown>[] {
  return (body.guests ?? []) as Record<string, unknown>[]
}

for (const [what, instead] of Object.entries({
  'nothing in their place': { email: null, phone: null },
  'those of somebody else in their place': { email: grace.email, phone: grace.phone },
  'new ones in their place': { email: 'new@example.com', phone: '+12125550109' }
})) {
  for (const [whose, customer] of [
    ['the same customer', 'a'],
    ['another customer', 'b']
  ] as const) {
    t.test(
      `contact details given up right before they were to be sent, with ${what}, go to the next guest of ${whose} alone`,
      async t => {
        const relay = await openNeighbours(t)
        await relay.tell('a', aBooking('b1', { guest: ada }))
        await beforeThePush(relay, async () => {
          await relay.tell('a', later(aBooking('b1', { guest: { ...ada, ...instead } })))
          await relay.tell(customer, aBooking('b9', { guest: { ...ada, id: 'g9' } }))
        })
        await relay.after(QUIET_MS)
        t.same(everPushedWith(ada.email, relay), [`${customer}:g9`])
        t.same(everPushedWith(ada.phone, relay), [`${customer}:g9`])
        const pushed = relay.seam.calls.flatMap(guestsIn).map(each => each.guest_key)
        t.ok(pushed.includes('a:g1'), 'whoever gave them up goes without them')
      }
    )
  }
}

t.test(
  'a guest whose booking is gone right before it was to be sent leaves the e-mail to the next',
  async t => {
    const relay = await openNeighbours(t)
    await relay.tell('a', aBooking('b1', { guest: ada }))
    await beforeThePush(relay, async () => {
      await relay.tell('a', off(aBooking('b1', { guest: ada })))
      await relay.tell('b', aBooking('b9', { guest: { ...ada, id: 'g9' } }))
    })
    await relay.after(QUIET_MS)
    t.same(everPushedWith(ada.email, relay), ['b:g9'])
  }
)

t.test('another name right before a guest was to be sent keeps nothing back', async t => {
  const relay = await openNeighbours(t)
  await relay.tell('a', aBooking('b1', { guest: ada }))
  relay.sent()
  await beforeThePush(relay, () =>
    relay.tell('a', later(aBooking('b1', { guest: { ...ada, name: 'Ada Lovelace' } })))
  )
  await relay.after(QUIET_MS)
  const names = relay.seam.calls
    .flatMap(guestsIn)
    .filter(each => each.guest_key === 'a:g1')
    .map(each => each.name)
  t.same(names, ['Ada', 'Ada Lovelace'])
})
