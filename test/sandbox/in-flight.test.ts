import t from 'tap'
import { InFlight } from '../../src/sandbox/in-flight.ts'

function watch() {
  const overlaps: string[] = []
  return { overlaps, inFlight: new InFlight(customer => overlaps.push(customer)) }
}

t.test('calls one after the other do not overlap', async t => {
  const { overlaps, inFlight } = watch()
  for (let turn = 0; turn < 3; turn += 1) {
    const flight = inFlight.begin()
    flight.concerns(['acme', 'acme'])
    flight.end()
    flight.end()
  }
  t.same(overlaps, [])
})

t.test('calls about different customers do not overlap', async t => {
  const { overlaps, inFlight } = watch()
  inFlight.begin().concerns(['acme'])
  inFlight.begin().concerns(['beta'])
  t.same(overlaps, [])
})

t.test('two calls about one customer at once do', async t => {
  const { overlaps, inFlight } = watch()
  inFlight.begin().concerns(['acme'])
  inFlight.begin().concerns(['beta', 'acme'])
  t.same(overlaps, ['acme'])
})

t.test('a call that ended while the next one was still being read overlaps with it', async t => {
  const { overlaps, inFlight } = watch()
  const first = inFlight.begin()
  first.concerns(['acme'])
  const second = inFlight.begin()
  first.end()
  second.concerns(['acme'])
  t.same(overlaps, ['acme'])
})
