import { RelayError } from '../errors.ts'
import type { Connection } from '../model/connection.ts'
import type { Deliveries } from './deliveries.ts'
import { forgetFormer } from './move.ts'
import type { Resources } from './resources.ts'
import type { Store } from './store.ts'
import type { Tables } from './tables.ts'
import { inTurn } from './tombstones.ts'
import { type Write, write } from './write.ts'

/** The hash of a connection that the newest settings do not have. */
export const NONE = ''

export type ConnectionSettings = ReturnType<typeof connectionSettingsOf>

/** With which settings each connection's resources were drawn, and what it takes to draw them with others. */
export function connectionSettingsOf(
  store: Store,
  { deliveries, resources }: { deliveries: Deliveries; resources: Resources }
) {
  const { db } = store

  async function known(): Promise<Map<string, Tables['connections']>> {
    const rows = await db.selectFrom('connections').selectAll().execute()
    return new Map(rows.map(row => [row.id, row]))
  }

  /**
   * What it takes to draw a connection again, whose settings somebody has just made the newest.
   * @throws RelayError RELAY_CONFIG_INVALID, see {@link redrawChanged}
   */
  async function drawnAgain(connection: Connection, now: number): Promise<Write[]> {
    const former = await forgetFormer(store, connection)
    if (former !== undefined && (await deliveries.countSpent(connection.id, ['translated'])) > 0) {
      throw new RelayError(
        'RELAY_CONFIG_INVALID',
        `connection ${connection.id} was moved to another customer or workspace, and what it told longer ago than ` +
          'RELAY_KEEP_BODIES_DAYS cannot be taken in anew; move it back, or give the connection a new id'
      )
    }
    const anew = former && [inTurn(store), ...former, deliveries.tellAgain(connection.id, now)]
    return [...(anew ?? []), resources.redrawConnection(connection.id)]
  }

  /** @returns false where something that rests upon the former settings came in between; @throws see {@link drawnAgain} */
  async function drawAgain(
    connection: Connection,
    newest: Pick<Tables['connections'], 'settings_hash' | 'heard_at'>,
    now: number
  ): Promise<boolean> {
    const { committed } = await store.commit([
      // First of all: what others are drawing with the former settings ends before, and is then drawn again.
      write(
        db
          .insertInto('connections')
          .values({ id: connection.id, ...newest })
          .onConflict(conflict => conflict.column('id').doUpdateSet(newest))
      ),
      ...(await drawnAgain(connection, now))
    ])
    return committed
  }

  /**
   * Where a connection's settings differ from those its resources were drawn with, all of them are drawn again.
   * One that moved to another customer or workspace before anything was sent is taken in anew. One that has gone from
   * the settings is nobody's from now on.
   * @throws RelayError RELAY_CONFIG_INVALID where something of one that moved may be at Seam, or where not everything
   *   that it told can be taken in anew
   */
  async function redrawChanged(
    connections: Connection[],
    hashOf: (connection: Connection) => string,
    now: number
  ): Promise<void> {
    const before = await known()
    for (const connection of connections) {
      const newest = { settings_hash: hashOf(connection), heard_at: now }
      if (before.get(connection.id)?.settings_hash === newest.settings_hash) continue
      // Until nothing has been sent in between of what has moved.
      while (!(await drawAgain(connection, newest, now)));
    }
    const gone = [...before.keys()].filter(id => connections.every(each => each.id !== id))
    if (gone.length === 0) return
    const none = { settings_hash: NONE, heard_at: now }
    await store.commit([write(db.updateTable('connections').set(none).where('id', 'in', gone))])
  }

  return { known, drawnAgain, redrawChanged }
}
