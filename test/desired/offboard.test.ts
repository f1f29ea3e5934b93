import t from 'tap'
import { offboard } from '../../src/desired/offboard.ts'
import { stays } from '../../src/model/change.ts'
import { stampOf } from '../../src/model/stamp.ts'
import { connectionOf, laneOf, NOON, openDesired, stayOf } from './open-desired.ts'

t.test('a customer of whom another worker hears meanwhile is taken off all the same', async t => {
  const relay = await openDesired(t)
  const lane = laneOf(relay.connections[0] ?? connectionOf())
  await relay.say([stays('b1', 1, [stayOf('b1')])])
  relay.store.beforeNextCommit = () => relay.say([stays('b2', 1, [stayOf('b2')])])
  const dueAfter: number[] = []
  const { queries, offboarding } = relay.rooms
  const stamp = stampOf(2, 'd9', true)
  await offboard(
    {
      store: relay.store,
      queries,
      offboarding,
      now: () => NOON,
      onDue: afterMs => void dueAfter.push(afterMs)
    },
    lane,
    stamp,
    []
  )
  t.same([...(await relay.all()).keys()], [])
  t.match(await queries.lanes.state(lane), { offboardStamp: stamp })
  t.same(dueAfter, [0], 'and Seam is told at once')
})
