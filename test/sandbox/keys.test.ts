import fc from 'fast-check'
import t from 'tap'
import { keysIn } from '../../src/sandbox/keys.ts'
import { completeStay } from './open-sandbox.ts'

t.test('a push names its customer and its own resources, not what its stays refer to', async t => {
  t.same(keysIn('push_data', completeStay()), [
    { list: 'customer_key', key: 'acme', path: ['customer_key'] },
    { list: 'spaces', key: 's1', path: ['spaces', '0', 'space_key'] },
    { list: 'guests', key: 'g1', path: ['guests', '0', 'guest_key'] },
    { list: 'reservations', key: 'r1', path: ['reservations', '0', 'reservation_key'] }
  ])
})

t.test('a deletion names what is to go', async t => {
  t.same(keysIn('delete_data', { guest_keys: ['g1', 'g2'], customer_keys: ['acme'] }), [
    { list: 'guest_keys', key: 'g1', path: ['guest_keys', '0'] },
    { list: 'guest_keys', key: 'g2', path: ['guest_keys', '1'] },
    { list: 'customer_keys', key: 'acme', path: ['customer_keys', '0'] }
  ])
})

t.test('of a broken body the keys are found that can be found', async t => {
  const broken = {
    customer_key: 1,
    guests: [null, 'g', { guest_key: 2 }, { guest_key: 'g1' }],
    spaces: {},
    x: [{}]
  }
  t.same(keysIn('push_data', broken), [{ list: 'guests', key: 'g1', path: ['guests', '3', 'guest_key'] }])
  t.same(keysIn('delete_data', { guest_keys: [1, 'g1'] }), [
    { list: 'guest_keys', key: 'g1', path: ['guest_keys', '1'] }
  ])
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        keysIn('push_data', value)
        keysIn('delete_data', value)
      })
    )
  )
})
