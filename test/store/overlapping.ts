import { Client } from 'pg'
import type { Store } from '../../src/store/store.ts'
import type { Write } from '../../src/store/write.ts'

/** Whether any connection of this database waits for another one. */
const SOMEBODY_WAITS = `select 1 from pg_stat_activity
  where datname = current_database() and wait_event_type = 'Lock' limit 1`

/**
 * Runs all of the first commit on a connection of its own, begins the second one, and ends the first when the second waits
 * for it or has ended. @returns whether each was committed
 */
export async function overlapping(
  { address, store }: { address: string; store: Store },
  first: Write[],
  second: Write[]
): Promise<[boolean, boolean]> {
  const [client, watch] = [new Client(address), new Client(address)]
  await Promise.all([client.connect(), watch.connect()])
  try {
    await client.query('begin')
    const holds = await runOn(client, first)
    let ended = false
    const committed = store.commit(second).finally(() => {
      ended = true
    })
    while (!ended && (await watch.query(SOMEBODY_WAITS)).rowCount === 0);
    await client.query(holds ? 'commit' : 'rollback')
    return [holds, (await committed).committed]
  } finally {
    await Promise.all([client.end(), watch.end()])
  }
}

/** @returns whether all expectations hold */
async function runOn(client: Client, writes: Write[]): Promise<boolean> {
  for (const { sql, rows, expect } of writes) {
    let changes = 0
    for (const row of rows) changes += (await client.query(sql, [...row])).rowCount ?? 0
    if (expect !== undefined && changes !== expect) return false
  }
  return true
}
