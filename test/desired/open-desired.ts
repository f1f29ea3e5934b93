import pino from 'pino'
import type { Test } from 'tap'
import { type Desired, type DesiredOptions, desiredState } from '../../src/desired/desired.ts'
import { letGo } from '../../src/desired/let-go.ts'
import { redrawing } from '../../src/desired/redraw.ts'
import type { Said } from '../../src/desired/said.ts'
import type { Change, Stay } from '../../src/model/change.ts'
import type { Connection } from '../../src/model/connection.ts'
import type { Kind } from '../../src/model/kind.ts'
import { storeRooms } from '../../src/store/rooms.ts'
import type { Store } from '../../src/store/store.ts'
import { openEmpty, sqlite, type TestEngine } from '../engines.ts'

export const NOON = Date.UTC(2027, 0, 10, 12)

/** A connection that tells nothing by itself. */
export function connectionOf(differing: Partial<Connection> = {}): Connection {
  return {
    id: 'lake',
    platform: 'standard',
    customerKey: 'lake-homes',
    workspaceId: 'default',
    allowFrom: [],
    secrets: {},
    api: undefined,
    timeZone: undefined,
    checkInTime: undefined,
    checkOutTime: undefined,
    country: undefined,
    tentative: 'hold',
    preferredCode: 'platform',
    preferredCodeField: undefined,
    lists: { place: 'spaces', guest: 'guests', stay: 'reservations' },
    places: {},
    ...differing
  }
}

/** A stay that lacks nothing. */
export function stayOf(id: string, differing: Partial<Stay> = {}): Stay {
  return {
    id,
    places: ['p1'],
    guest: { id: 'g1', name: 'Ada Lovelace' },
    start: { instant: '2027-03-12T15:00:00Z' },
    end: { instant: '2027-03-15T10:00:00Z' },
    ...differing
  }
}

/** What is to be seen of a resource. */
export interface Seen {
  kind: Kind
  key: string
  /** What Seam shall hold. */
  fields: Record<string, unknown> | null
  held: string | null
  warnings: string[]
  revision: number
}

/** A store where the test may come in between a reading and its commit. */
export interface InterposedStore extends Store {
  /** Done once, before the next commit. */
  beforeNextCommit: (() => Promise<void>) | undefined
  commits: number
}

export function interposed(store: Store): InterposedStore {
  const own: InterposedStore = {
    ...store,
    beforeNextCommit: undefined,
    commits: 0,
    async commit(writes) {
      const first = own.beforeNextCommit
      own.beforeNextCommit = undefined
      await first?.()
      own.commits += 1
      return store.commit(writes)
    }
  }
  return own
}

/** The desired state over a store in memory; Seam is whoever calls {@link TestDesired.sent}. */
export interface TestDesired {
  desired: Desired
  store: InterposedStore
  rooms: ReturnType<typeof storeRooms>
  connections: Connection[]
  /** Milliseconds that were asked for between a change and its sending, one for each commit that calls for it. */
  dueAfter: number[]
  /** The changes come in one delivery, as of now the newest. @param connectionId the first one unless given */
  say(changes: Change[], connectionId?: string): Promise<void>
  /** As they were said by deliveries of their own, whichever. */
  take(said: Said[]): Promise<void>
  /** Seam has been sent everything, and agreed. */
  sent(): Promise<void>
  redraw(): Promise<void>
  /** Everything known of a customer, by key. */
  all(customerKey?: string): Promise<Map<string, Seen>>
  see(key: string): Promise<Seen | undefined>
  /** From now on these are the connections, of customers and workspaces that nobody has heard of. */
  anew(connections?: Connection[]): void
}

export async function openDesired(
  t: Test,
  connections: Connection[] = [connectionOf()],
  { engine = sqlite, ...options }: Partial<DesiredOptions> & { engine?: TestEngine } = {}
): Promise<TestDesired> {
  const store = interposed(await openEmpty(t, engine))
  t.teardown(() => store.close())
  const rooms = storeRooms(store)
  const { queries, outbox } = rooms
  const dueAfter: number[] = []
  const desired = desiredState({
    store,
    queries,
    connectionOf: id => connections.find(each => each.id === id),
    now: () => NOON,
    quietWindowMs: 1_000,
    onDue: afterMs => void dueAfter.push(afterMs),
    ...options
  })
  const redrawOnce = redrawing({ desired, queries, log: pino({ level: 'silent' }) })
  let deliveries = 0
  let worlds = 0

  function of(id: string | undefined): Connection {
    const found = connections.find(each => id === undefined || each.id === id)
    if (found === undefined) throw new TypeError(`no connection ${id}`)
    return found
  }

  async function take(said: Said[]): Promise<void> {
    const connection = said[0]?.connection ?? of(undefined)
    await desired.apply(laneOf(connection), { said, redraw: [], also: [] })
  }

  async function all(customerKey = of(undefined).customerKey): Promise<Map<string, Seen>> {
    const rows = await store.db
      .selectFrom('resources')
      .selectAll()
      .where('customer_key', '=', customerKey)
      .orderBy('key')
      .execute()
    return new Map(
      rows.map(row => [
        row.key,
        {
          kind: row.kind,
          key: row.key,
          fields: row.fields === null ? null : JSON.parse(row.fields),
          held: row.held,
          warnings: row.warnings === null ? [] : JSON.parse(row.warnings),
          revision: row.revision
        }
      ])
    )
  }

  async function redraw(): Promise<void> {
    while ((await redrawOnce()) === 'busy');
  }

  return {
    desired,
    store,
    rooms,
    connections,
    dueAfter,
    take,
    all,
    redraw,
    see: async key => (await all()).get(key) ?? (await seeElsewhere(key)),
    anew(made = [connectionOf()]) {
      worlds += 1
      const inThisWorld = (each: Connection) => ({
        ...each,
        customerKey: `${each.customerKey} ${worlds}`,
        workspaceId: `${each.workspaceId} ${worlds}`
      })
      connections.splice(0, connections.length, ...made.map(inThisWorld))
      dueAfter.length = 0
    },
    async say(changes, connectionId) {
      deliveries += 1
      await take(saidOf(of(connectionId), `d${String(deliveries).padStart(6, '0')}`, changes))
    },
    async sent() {
      for (const connection of connections) {
        const lane = { ...laneOf(connection), leaseToken: 0, failures: 0, arrivalAt: null }
        const dirty = [...(await outbox.dirtyStays(lane, 1e6)), ...(await outbox.dirtyOthers(lane, 1e6))]
        await store.commit([
          outbox.offer(lane, dirty),
          outbox.settle(lane, dirty),
          ...(await letGo(queries, lane, dirty))
        ])
      }
      await redraw()
    }
  }

  async function seeElsewhere(key: string): Promise<Seen | undefined> {
    for (const { customerKey } of connections) {
      const found = (await all(customerKey)).get(key)
      if (found !== undefined) return found
    }
    return undefined
  }
}

export function laneOf({ workspaceId, customerKey }: Connection) {
  return { workspaceId, customerKey }
}

export function saidOf(connection: Connection | undefined, deliveryId: string, changes: Change[]): Said[] {
  if (connection === undefined) throw new TypeError('said by no connection')
  return changes.map((change, changeIndex) => ({
    change,
    connection,
    deliveryId,
    eventIndex: 0,
    changeIndex
  }))
}
