import t, { type Test } from 'tap'
import { openRelay } from '../../open-relay.ts'
import { ids, message, reservation, resource, worldOf } from './world.ts'

const id = 'demo-mews'
const at = (minute: number) => new Date(Date.UTC(2026, 4, 10, 9, minute)).toISOString()

/** A relay that reads the room and the reservation as they are told here. */
async function open(t: Test) {
  const relay = await openRelay(t)
  const told = {
    room: { IsActive: true, UpdatedUtc: at(0) } as Record<string, unknown>,
    reservation: { UpdatedUtc: at(0) } as Record<string, unknown>
  }
  const tell = async (...events: [string, string][]) => {
    const world = worldOf({ resources: [resource(told.room)], reservations: [reservation(told.reservation)] })
    const body = message(...events)
    const sample = { event: '', body, world: Object.fromEntries(world) }
    t.equal((await relay.deliver(id, sample)).status, 200)
    await relay.settle()
  }
  return {
    told,
    roomTold: () => tell(['ResourceUpdated', ids.room]),
    reservationTold: () => tell(['ServiceOrderUpdated', ids.reservation]),
    async atSeam() {
      const { reservations = [], spaces = [] } = await relay.held(id)
      return { stays: reservations.length, spaces: spaces.map(space => space.name) }
    },
    async held() {
      const rows = await relay.store.db
        .selectFrom('resources')
        .select('held')
        .where('kind', '=', 'reservation')
        .execute()
      return rows.map(row => row.held)
    }
  }
}

t.test(
  'a stay in a room that was closed is held, whatever else changes of it, until the room is back',
  async t => {
    const relay = await open(t)
    const { told } = relay
    await relay.reservationTold()
    t.same(await relay.atSeam(), { stays: 1, spaces: ['305'] })

    told.room = { IsActive: false, UpdatedUtc: at(10) }
    await relay.roomTold()
    t.same(await relay.atSeam(), { stays: 0, spaces: [] })

    told.reservation = { UpdatedUtc: at(20), ScheduledEndUtc: '2026-07-08T09:00:00Z' }
    await relay.reservationTold()
    t.same(await relay.atSeam(), { stays: 0, spaces: [] })
    t.same(await relay.held(), ['its place was removed at the platform'])

    told.room = { IsActive: true, UpdatedUtc: at(30) }
    await relay.roomTold()
    t.same(await relay.atSeam(), { stays: 1, spaces: ['305'] })
  }
)

t.test('a room that was closed before anybody heard of it is no place of a stay', async t => {
  const relay = await open(t)
  relay.told.room = { IsActive: false, UpdatedUtc: at(-10) }
  await relay.reservationTold()
  t.same(await relay.atSeam(), { stays: 0, spaces: [] })
  t.same(await relay.held(), ['its place was removed at the platform'])

  relay.told.room = { IsActive: true, UpdatedUtc: at(10) }
  await relay.reservationTold()
  t.same(
    await relay.atSeam(),
    { stays: 1, spaces: ['305'] },
    'a reading of the reservation tells that it is back'
  )
})
