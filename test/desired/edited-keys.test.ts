import { deepStrictEqual } from 'node:assert'
import fc from 'fast-check'
import t from 'tap'
import type { Connection } from '../../src/model/connection.ts'
import { runs } from '../engines.ts'
import { anyChange } from './changes.ts'
import { connectionOf, openDesired, saidOf } from './open-desired.ts'

/** Of each place the key that the operator gives it, if any; no two have one key. */
const anyKeys = fc
  .shuffledSubarray(['p1', 'p2', 'p3', 'p4'], { maxLength: 3 })
  .map(ids => Object.fromEntries(ids.map((id, index) => [id, { key: `given-${index}` }])))

const anyWord = fc.oneof(
  { weight: 8, arbitrary: anyChange },
  { weight: 3, arbitrary: fc.record({ change: fc.constant('edit' as const), places: anyKeys }) },
  { weight: 2, arbitrary: fc.constant({ change: 'redraw' as const }) }
)
type Word = typeof anyWord extends fc.Arbitrary<infer T> ? T : never

for (const mostDependents of [undefined, 1]) {
  const how = mostDependents === undefined ? '' : ', also drawn piece by piece'
  t.test(
    `whatever keys places had in between, stays are as if they had always had the last${how}`,
    async t => {
      const relay = await openDesired(t, [], mostDependents === undefined ? {} : { mostDependents })
      let made = 0

      function newConnection(places: Connection['places']): void {
        made += 1
        const connection = connectionOf({
          id: `c${made}`,
          customerKey: `c${made}`,
          workspaceId: `w${made}`,
          places
        })
        relay.connections.splice(0, relay.connections.length, connection)
      }

      async function tell(words: Word[]): Promise<void> {
        for (const [index, word] of words.entries()) {
          const [connection] = relay.connections as [Connection]
          if (word.change === 'redraw') await relay.redraw()
          else if (word.change === 'edit') {
            relay.connections[0] = { ...connection, places: word.places }
            await relay.store.commit([relay.rooms.queries.resources.redrawConnection(connection.id)])
          } else await relay.take(saidOf(connection, `d${index + 10}`, [word]))
        }
        await relay.redraw()
      }

      /** Stays, and the places that they name. */
      async function outcome() {
        const [{ id, customerKey }] = relay.connections as [Connection]
        const rows = [...(await relay.all(customerKey)).values()]
        const named = new Set(rows.flatMap(({ fields }) => (fields?.space_keys ?? []) as string[]))
        return rows
          .filter(({ kind, key, fields, held }) => (kind === 'space' ? named.has(key) : (fields ?? held)))
          .map(row => JSON.parse(JSON.stringify({ ...row, revision: 0 }).replaceAll(`${id}:`, '')))
          .sort((a, b) => (a.key < b.key ? -1 : 1))
      }

      await fc.assert(
        fc.asyncProperty(fc.array(anyWord, { minLength: 2, maxLength: 16 }), async words => {
          newConnection({})
          await tell(words)
          const edited = await outcome()
          const last = relay.connections[0]?.places ?? {}
          newConnection(last)
          await tell(words.map(word => (word.change === 'edit' ? { change: 'redraw' } : word)))
          deepStrictEqual(edited, await outcome())
        }),
        { numRuns: runs(60) }
      )
    }
  )
}
