import { deepStrictEqual } from 'node:assert'
import fc from 'fast-check'
import t from 'tap'
import type { Change } from '../../src/model/change.ts'
import type { Connection } from '../../src/model/connection.ts'
import type { TestEngine } from '../engines.ts'
import { anyChange } from './changes.ts'
import { connectionOf, openDesired, saidOf } from './open-desired.ts'

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

      async function outcome(connection: Connection) {
        const rows = [...(await relay.all(connection.customerKey)).values()]
        return rows
          .filter(row => row.fields !== null || row.held !== null)
          .map(row => JSON.parse(JSON.stringify({ ...row, revision: 0 }).replaceAll(`${connection.id}:`, '')))
          .sort((a, b) => (a.key < b.key ? -1 : 1))
      }

      await fc.assert(
        fc.asyncProperty(
          fc.array(anyChange, { minLength: 1, maxLength: 14 }),
          fc.array(fc.nat(), { maxLength: 30 }),
          fc.array(fc.constantFrom('take', 'together', 'send'), { maxLength: 20 }),
          async (changes: Change[], picks, moods) => {
            const first = newConnection()
            const deliveries = changes.map((change, index) => ({ id: `d${index + 10}`, change }))
            for (const { id, change } of deliveries) await relay.take(saidOf(first, id, [change]))
            await relay.redraw()
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
              work.push(relay.take(saidOf(second, id, [change])))
              if (mood !== 'together') await Promise.all(work)
              if (mood === 'send') await relay.sent()
            }
            await Promise.all(work)
            await relay.sent()
            deepStrictEqual(await outcome(second), inOrder)
          }
        ),
        { numRuns }
      )
    })
  }
}
