import pino from 'pino'
import t, { type Test } from 'tap'
import type { Queries } from '../../src/desired/queries.ts'
import { RelayError } from '../../src/errors.ts'
import { CALLERS } from '../../src/model/call.ts'
import type { Candidate } from '../../src/model/replay-plan.ts'
import { storeRooms } from '../../src/store/rooms.ts'
import { replayPreview } from '../../src/translate/preview.ts'
import { openEmpty, sqlite } from '../engines.ts'

const push: Candidate = {
  id: '01a2ff783e000000ae11b4f7b6',
  connectionId: CALLERS,
  platform: 'seam',
  receivedAt: 1,
  headers: { 'relay-operation': 'push_data', 'relay-workspace': 'default' },
  query: {},
  body: new TextEncoder().encode(
    JSON.stringify({ customer_key: 'acme', spaces: [{ space_key: 's1', name: 'Loft' }] })
  ),
  facts: undefined
}

async function* only(candidate: Candidate): AsyncGenerator<Candidate[]> {
  yield [candidate]
}

async function openPreview(t: Test, differing: (queries: Queries) => Partial<Queries>) {
  const store = await openEmpty(t, sqlite)
  t.teardown(() => store.close())
  const { queries } = storeRooms(store)
  return replayPreview({
    queries: { ...queries, ...differing(queries) },
    connectionOf: () => undefined,
    platforms: {},
    keyOwner: () => undefined,
    now: () => 0,
    log: pino({ level: 'silent' })
  })
}

t.test('of a customer that changes all the time it says that it does not know', async t => {
  let revision = 0
  const preview = await openPreview(t, ({ lanes }) => ({
    lanes: {
      ...lanes,
      async revision() {
        revision += 1
        return revision
      }
    }
  }))
  t.match(await preview.outlookOf(only(push)), {
    examined: 1,
    changes: [],
    unchanged: 0,
    notExamined: [{ reason: /changes faster/, count: 1 }]
  })
})

t.test('what nobody foresaw in one customer is told, and a store that is away is an error', async t => {
  const errors = [new TypeError('nobody foresaw this'), new RelayError('RELAY_STORE_UNAVAILABLE')]
  const preview = await openPreview(t, ({ resources }) => ({
    resources: {
      ...resources,
      async byRef() {
        throw errors.shift()
      }
    }
  }))
  t.match(await preview.outlookOf(only(push)), {
    notExamined: [{ reason: /could not be worked out/, count: 1 }]
  })
  await t.rejects(preview.outlookOf(only(push)), { code: 'RELAY_STORE_UNAVAILABLE' })
})

t.test('calls are looked at as far as whose keys are is known, and strangers say nothing', async t => {
  const preview = await openPreview(t, ({ resources }) => ({
    resources: {
      ...resources,
      async owners() {
        throw new RelayError('RELAY_STORE_UNAVAILABLE')
      }
    }
  }))
  await t.rejects(preview.outlookOf(only(push)), { code: 'RELAY_STORE_UNAVAILABLE' })
  t.match(await preview.outlookOf(only({ ...push, connectionId: 'gone' })), { examined: 1, changes: [] })
})

t.test('a call that waits until Seam has been told of a deletion is told as not looked at', async t => {
  const preview = await openPreview(t, ({ resources }) => ({
    resources: {
      ...resources,
      owners: async () => [
        { kind: 'space', key: 's1', customerKey: 'beta', isGone: false, isBeingDeleted: true }
      ]
    }
  }))
  t.match(await preview.outlookOf(only(push)), {
    examined: 1,
    changes: [],
    notExamined: [{ reason: /being deleted/, count: 1 }]
  })
})
