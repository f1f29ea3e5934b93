import t from 'tap'
import { openRelay } from '../open-relay.ts'
import { env, serviceOf, storedKey } from './call.ts'

const whole = {
  customer_key: 'acme',
  spaces: [{ space_key: 's', name: 'Loft' }],
  guests: [{ guest_key: 'g', name: 'Ada Lovelace' }],
  reservations: [
    {
      reservation_key: 'r',
      guest_key: 'g',
      space_keys: ['s'],
      starts_at: '2027-08-01T13:00:00Z',
      ends_at: '2027-08-05T09:00:00Z'
    }
  ]
}

const deletions = {
  'a stay': { reservation_keys: ['r'] },
  'all of a stay': { reservation_keys: ['r'], guest_keys: ['g'], space_keys: ['s'] },
  'a customer': { customer_keys: ['acme'] }
}

for (const [what, deletion] of Object.entries(deletions)) {
  t.test(
    `what is pushed in the millisecond in which ${what} was deleted counts, as it came later`,
    async t => {
      const relay = await openRelay(t, { env })
      const service = serviceOf(relay, await storedKey(relay, { scopes: ['push', 'delete', 'offboard'] }))
      await service.push(whole)
      await relay.settle()
      t.equal((await service.delete(deletion)).status, 200)
      t.equal((await service.push(whole)).status, 200)
      await relay.settle()
      const { reservations, guests, spaces } = await relay.held('acme')
      t.match([reservations, guests, spaces], [[{}], [{}], [{}]])
      t.equal((await service.delete(deletion)).status, 200)
      await relay.settle()
      const { reservations: left = [] } = await relay.held('acme')
      t.strictSame(left, [], 'and so does what is deleted in it later')
    }
  )
}

t.test('with a clock of the caller’s own a deletion counts before a push of the same version', async t => {
  const relay = await openRelay(t, { env })
  const service = serviceOf(relay)
  const at = { headers: { 'relay-version': String(relay.clock.now) } }
  await service.delete(deletions['a stay'], at)
  await service.push(whole, at)
  await relay.settle()
  const { reservations = [] } = await relay.held('acme')
  t.strictSame(reservations, [])
})

t.test('no customer is called by an empty name, whatever the API key lets pass', async t => {
  const relay = await openRelay(t, { env })
  const service = serviceOf(
    relay,
    await storedKey(relay, { scopes: ['push', 'delete', 'offboard'], strict: false })
  )
  for (const customer_keys of [[''], [' ']]) t.equal((await service.delete({ customer_keys })).status, 400)
  t.equal((await service.push({ ...whole, customer_key: '' })).status, 400)
})
