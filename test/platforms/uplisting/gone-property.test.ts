import t, { type Test } from 'tap'
import { openRelay } from '../../open-relay.ts'
import { booking, removal } from './bodies.ts'

const id = 'demo-uplisting'

async function open(t: Test) {
  const relay = await openRelay(t)
  const tell = async (event: string, body: object) => {
    const sample = { event, body: JSON.stringify(body), query: { event } }
    t.equal((await relay.deliver(id, sample)).status, 200)
    await relay.settle()
  }
  const atSeam = async () => {
    const { reservations = [], spaces = [], guests = [] } = await relay.held(id)
    const keys = (list: Record<string, unknown>[], name: string) => list.map(each => each[name])
    return {
      stays: keys(reservations, 'reservation_key'),
      spaces: keys(spaces, 'space_key'),
      guests: guests.length
    }
  }
  return { tell, atSeam }
}

const first = {
  ...booking,
  check_in: '2027-06-04',
  check_out: '2027-06-08',
  timestamp: '2027-01-05T10:00:00Z'
}
const second = { ...first, id: 2800002, check_in: '2027-06-10', check_out: '2027-06-14' }
const nothing = { stays: [], spaces: [], guests: 0 }

t.test(
  'the removal of a booking brings back neither its property, removed before, nor other stays',
  async t => {
    const { tell, atSeam } = await open(t)
    await tell('booking_created', first)
    await tell('booking_created', second)
    t.same(await atSeam(), {
      stays: [`${id}:2800001`, `${id}:2800002`],
      spaces: [`${id}:52001`],
      guests: 1
    })

    await tell('property_removed', { id: 52001, timestamp: '2027-01-06T10:00:00Z' })
    t.same(await atSeam(), nothing)

    await tell('booking_removed', { ...removal, timestamp: '2027-01-07T10:00:00Z' })
    t.same(await atSeam(), nothing)

    await tell('booking_updated', { ...second, status: 'declined', timestamp: '2027-01-08T10:00:00Z' })
    t.same(await atSeam(), nothing)
  }
)

t.test('the removal of a booking of a multi-unit makes no place of the property', async t => {
  const { tell, atSeam } = await open(t)
  await tell('booking_created', { ...first, mutli_unit_id: 61007, mutli_unit_name: 'Canal House 7' })
  t.same(await atSeam(), { stays: [`${id}:2800001`], spaces: [`${id}:61007`], guests: 1 })

  await tell('booking_removed', { ...removal, timestamp: '2027-01-07T10:00:00Z' })
  t.same(await atSeam(), { stays: [], spaces: [`${id}:61007`], guests: 0 })
})
