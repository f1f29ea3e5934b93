import t from 'tap'
import { aBooking, openCustomers } from './open-customers.ts'

const QUIET_MS = 1_000

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
