import { RelayError } from '../errors.ts'
import type { Connection } from '../model/connection.ts'
import type { Deliveries } from './deliveries.ts'
import { dialectOf } from './dialect.ts'
import { forgetFormer } from './move.ts'
import type { Resources } from './resources.ts'
import type { Store } from './store.ts'
import type { Tables } from './tables.ts'
import { inTurn } from './tombstones.ts'
import { away } from './unavailable.ts'
import { prepare, type Write, write } from './write.ts'

/** By the id of the connection. */
export type SettingsHashes = ReadonlyMap<string, string>

/** What is drawn by a process stays, so it has to be drawn with the settings that the newest process on the store has. */
export interface SettingsGuard {
  /** Undo the commit where one of the connections has other settings by now. */
  holds(connectionIds: Iterable<string>): Write[]
  /** @throws RelayError RELAY_STORE_UNAVAILABLE where one of the connections has other settings by now */
  check(connectionIds: Iterable<string>): Promise<void>
  /** Connections that are for newer processes; as it was a second ago at most. */
  outgrown(): Promise<string[]>
}

const SEEN_FOR_MS = 1_000

export function connectionSettingsOf(
  store: Store,
  { deliveries, resources }: { deliveries: Deliveries; resources: Resources }
) {
  const { db } = store
  const dialect = dialectOf(store)

  const asStored = prepare<Tables['connections']>(row =>
    dialect.unchanged(
      db
        .selectFrom('connections')
        .select('id')
        .where('id', '=', row.id)
        .where('settings_hash', '=', row.settings_hash)
    )
  )

  async function known(): Promise<Map<string, string>> {
    const rows = await db.selectFrom('connections').selectAll().execute()
    return new Map(rows.map(row => [row.id, row.settings_hash]))
  }

  return {
    /**
     * Where a connection's settings differ from those its resources were drawn with, all of them are drawn again.
     * One that moved to another customer or workspace before anything was sent is taken in anew. One that has gone from
     * the settings is nobody's from now on.
     * @throws RelayError RELAY_CONFIG_INVALID where something of one that moved may be at Seam, or where not everything
     *   that it told can be taken in anew
     */
    async redrawChanged(
      connections: Connection[],
      hashOf: (connection: Connection) => string,
      now: number
    ): Promise<void> {
      const before = await known()
      for (const connection of connections) {
        const settings_hash = hashOf(connection)
        if (before.get(connection.id) === settings_hash) continue
        const former = await forgetFormer(store, connection)
        if (former !== undefined && (await deliveries.countSpent(connection.id, ['translated'])) > 0) {
          throw new RelayError(
            'RELAY_CONFIG_INVALID',
            `connection ${connection.id} was moved to another customer or workspace, and what it told longer ago than ` +
              'RELAY_KEEP_BODIES_DAYS cannot be taken in anew; move it back, or give the connection a new id'
          )
        }
        await store.commit([
          // First of all: what others are drawing with the former settings ends before, and is then drawn again.
          write(
            db
              .insertInto('connections')
              .values({ id: connection.id, settings_hash })
              .onConflict(conflict => conflict.column('id').doUpdateSet({ settings_hash }))
          ),
          ...(former === undefined
            ? []
            : [inTurn(store), ...former, deliveries.tellAgain(connection.id, now)]),
          resources.redrawConnection(connection.id)
        ])
      }
      const gone = [...before.keys()].filter(id => connections.every(each => each.id !== id))
      if (gone.length > 0) await store.commit([write(db.deleteFrom('connections').where('id', 'in', gone))])
    },

    /** @param hashes of the settings that this process has */
    guard(hashes: SettingsHashes, now: () => number): SettingsGuard {
      let seen: { at: number; outgrown: string[] } | undefined

      async function outgrown(): Promise<string[]> {
        const stored = await known()
        const ids = new Set([...stored.keys(), ...hashes.keys()])
        return [...ids].filter(id => stored.get(id) !== hashes.get(id))
      }

      return {
        holds(connectionIds) {
          const rows = [...new Set(connectionIds)].flatMap(id => {
            const settings_hash = hashes.get(id)
            return settings_hash === undefined ? [] : [{ id, settings_hash }]
          })
          return rows.length === 0 ? [] : [{ ...asStored(rows), expect: rows.length }]
        },

        async check(connectionIds) {
          const others = await outgrown()
          if (![...connectionIds].some(id => others.includes(id))) return
          throw away('a relay with newer settings of the connection works on it')
        },

        async outgrown() {
          if (seen === undefined || now() - seen.at >= SEEN_FOR_MS) {
            seen = { at: now(), outgrown: await outgrown() }
          }
          return seen.outgrown
        }
      }
    }
  }
}

/** A store that only one process works on, which was started with the settings that it has. */
export const alwaysCurrent: SettingsGuard = {
  holds: () => [],
  check: async () => undefined,
  outgrown: async () => []
}
