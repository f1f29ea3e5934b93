import t from 'tap'
import { KeyHasOwner } from '../../src/desired/lane-keys.ts'
import { CALLERS, headersOfCall, SEAM_CALLS } from '../../src/model/call.ts'
import { storeRooms } from '../../src/store/rooms.ts'
import { openStore } from '../../src/store/store.ts'
import { callsRoom } from '../../src/translate/calls.ts'

t.test('a deletion whose keys keep changing hands rests, to be tried again, and is not over', async t => {
  const store = await openStore('file::memory:')
  t.teardown(() => store.close())
  const { queries, offboarding } = storeRooms(store)
  let rounds = 0
  const calls = callsRoom({
    store: {
      ...store,
      commit() {
        t.fail('the delivery is not over')
        return store.commit([])
      }
    },
    queries,
    offboarding,
    // Whoever has the key when it is to be written has lost it at the next look.
    resources: { ...queries.resources, owners: async () => [] },
    desired: {
      apply: async () => {
        rounds += 1
        throw new KeyHasOwner()
      }
    },
    keyOwner: () => undefined,
    now: () => 0,
    onDue: () => t.fail('there is nothing to be sent')
  })
  const delivery = {
    id: 'd1',
    connectionId: CALLERS,
    platform: SEAM_CALLS,
    receivedAt: 1_000,
    headers: headersOfCall({
      operation: 'delete_data',
      workspaceId: 'default',
      callerId: 'key_1',
      customers: undefined,
      version: undefined
    }),
    query: {},
    body: Buffer.from('{"space_keys":["s1"]}'),
    leaseToken: 1,
    attempts: 1,
    facts: undefined
  }
  await t.rejects(
    calls.take(delivery, () => []),
    { code: 'RELAY_KEY_BEING_DELETED', retryable: true }
  )
  t.equal(rounds, 10)
})
