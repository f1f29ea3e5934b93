import { deepStrictEqual } from 'node:assert'
import fc from 'fast-check'
import t from 'tap'
import { offboard } from '../../src/desired/offboard.ts'
import type { Connection } from '../../src/model/connection.ts'
import { NEVER, stampOf } from '../../src/model/stamp.ts'
import type { TestEngine } from '../engines.ts'
import { anyChange } from './changes.ts'
import { connectionOf, laneOf, openDesired, saidOf } from './open-desired.ts'

/** A caller takes the whole customer off, as of that version. */
const offboarding = fc.record({
  change: fc.constant('offboard' as const),
  version: fc.integer({ min: 1, max: 7 })
})
const anyWord = fc.oneof({ weight: 12, arbitrary: anyChange }, { weight: 1, arbitrary: offboarding })
type Word = typeof anyWord extends fc.Arbitrary<infer T> ? T : never

/** @param numRuns of each of the two ways to draw */
export function orderOfChanges(engine: TestEngine, numRuns: number): void {
  for (const mostDependents of [undefined, 1]) {
    const how = mostDependents === undefined ? '' : ', and drawn piece by piece'
    t.test(`changes lead to the same state in whatever order and however often taken in${how}`, async t => {
      const relay = await openDesired(t, [], {
        engine,
        ...(mostDependents !== undefined && { mostDependents })
      })
      let made = 0

      /** Each telling is a customer of its own, with the same ids. */
      function newConnection(): Connection {
        made += 1
        const connection = connectionOf({ id: `c${made}`, customerKey: `c${made}`, workspaceId: `w${made}` })
        relay.connections.splice(0, relay.connections.length, connection)
        return connection
      }

      async function take(connection: Connection, id: string, word: Word): Promise<void> {
        if (word.change !== 'offboard') return relay.take(saidOf(connection, id, [word]))
        const { store, rooms } = relay
        const options = { store, ...rooms, now: () => 0, onDue: () => undefined }
        await offboard(options, laneOf(connection), stampOf(word.version, id, true), [])
      }

      /** Seam has been told all. */
      async function sent(connection: Connection): Promise<void> {
        const { queries, offboarding } = relay.rooms
        const state = await queries.lanes.state(laneOf(connection))
        if (state?.offboardDue)
          await relay.store.commit(offboarding.end(laneOf(connection), state.offboardStamp ?? NEVER))
        await relay.sent()
      }

      async function outcome(connection: Connection) {
        const rows = [...(await relay.all(connection.customerKey)).values()]
        return rows
          .filter(row => row.fields !== null || row.held !== null)
          .map(row => JSON.parse(JSON.stringify({ ...row, revision: 0 }).replaceAll(`${connection.id}:`, '')))
          .sort((a, b) => (a.key < b.key ? -1 : 1))
      }

      await fc.assert(
        fc.asyncProperty(
          fc.array(anyWord, { minLength: 1, maxLength: 14 }),
          fc.array(fc.nat(), { maxLength: 30 }),
          fc.array(fc.constantFrom('take', 'together', 'send'), { maxLength: 20 }),
          async (changes: Word[], picks, moods) => {
            const first = newConnection()
            const deliveries = changes.map((change, index) => ({ id: `d${index + 10}`, change }))
            for (const { id, change } of deliveries) await take(first, id, change)
            await sent(first)
            const inOrder = await outcome(first)

            const second = newConnection()
            const rest = [...deliveries]
            const anyOrder = picks
              .map(pick => deliveries[pick % deliveries.length])
              .filter(each => each !== undefined)
            while (rest.length > 0) anyOrder.push(...rest.splice((picks[rest.length] ?? 0) % rest.length, 1))
            const work: Promise<void>[] = []
            for (const [index, { id, change }] of anyOrder.entries()) {
              const mood = moods[index % moods.length]
              work.push(take(second, id, change))
              if (mood !== 'together') await Promise.all(work)
              if (mood === 'send') await sent(second)
            }
            await Promise.all(work)
            await sent(second)
            deepStrictEqual(await outcome(second), inOrder)
          }
        ),
        { numRuns }
      )
    })
  }
}
