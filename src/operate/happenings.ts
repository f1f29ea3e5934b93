import type { Connection } from '../model/connection.ts'
import { madeAt } from '../model/ids.ts'
import { type DeliveryMark, MOST_FOUND } from '../store/operate-tail.ts'
import { listedOf } from './deliveries.ts'
import { callsShown } from './history.ts'
import type { OperateRoom } from './operate.ts'
import { listedRejection } from './rejected.ts'
import { masked } from './shown.ts'

export type Sort = 'delivery' | 'attempt' | 'rejected'

/** Something that an operator may want to see at once. */
export interface Happening {
  sort: Sort
  /** ms since 1970. */
  at: number
  /** Of whom it tells: a call of a customer may be of several. */
  connections: string[]
  /** As the lists show it, people masked. */
  shown: object
}

export interface Happenings {
  list: Happening[]
  /** Of these there was more than one look finds. */
  cut: Sort[]
}

/**
 * What another process has committed may be older than what was seen already: clocks differ, and so does the time that
 * commits take. Each look goes back so far beyond the one before.
 */
export const OVERLAP_MS = 5_000

/** So many are remembered as shown; far more than the looks of the overlap find. */
const MOST_REMEMBERED = 5_000
/** Deliveries under way that are looked at again. */
const MOST_WATCHED = 500

export interface Watch {
  /** Everything since, and not yet shown by this watch. @param at ms since 1970 */
  look(at: number): Promise<Happenings>
}

/** Looks again and again, and sees each thing once. */
export function watch(room: OperateRoom): Watch {
  const lanes = connectionsByLane(room.connections)
  /** By id; of deliveries with the state that was shown. */
  const known = new Map<string, string>()
  let underWay = new Set<string>()

  function isNew(id: string, mark: string): boolean {
    if (known.get(id) === mark) return false
    known.delete(id)
    known.set(id, mark)
    for (const oldest of known.keys()) {
      if (known.size <= MOST_REMEMBERED) break
      known.delete(oldest)
    }
    return true
  }

  async function deliveries(at: number): Promise<Happening[]> {
    const found = await room.tail.deliveries(at)
    // Held ones have no end, and are found because they were seen to come.
    const watched = await room.tail.marksOf([...underWay])
    const marks = new Map([...found, ...watched].map(each => [each.id, each]))
    underWay = new Set([...marks.values()].filter(isUnderWay).map(each => each.id))
    for (const oldest of [...underWay].sort().slice(0, -MOST_WATCHED)) underWay.delete(oldest)
    const news = [...marks.values()].filter(each => isNew(each.id, markOf(each)))
    if (news.length === 0) return []
    const rows = await room.deliveries.some(news.map(each => each.id))
    // Some may have changed once more by then.
    for (const row of rows) isNew(row.id, markOf(row))
    return rows.map(row => ({
      sort: 'delivery' as const,
      at: row.done_at ?? row.received_at,
      connections: [row.connection_id],
      shown: listedOf(row, masked)
    }))
  }

  async function attempts(at: number): Promise<Happening[]> {
    const { rows } = await room.attempts.list({ since: at }, undefined, MOST_FOUND)
    const news = rows.filter(row => isNew(row.id, ''))
    const callOf = await callsShown(news, room, masked)
    return news.map(row => ({
      sort: 'attempt' as const,
      at: madeAt(row.id),
      connections: lanes.get(laneOf(row.workspace_id, row.customer_key)) ?? [],
      shown: callOf(row)
    }))
  }

  async function rejected(at: number): Promise<Happening[]> {
    const { rows } = await room.attempts.rejected({}, undefined, MOST_FOUND)
    return rows
      .filter(row => row.received_at >= at && isNew(row.id, ''))
      .map(row => ({
        sort: 'rejected' as const,
        at: row.received_at,
        connections: [row.connection_id],
        shown: listedRejection(row)
      }))
  }

  return {
    async look(at) {
      const found = [await deliveries(at), await attempts(at), await rejected(at)]
      return {
        list: found.flat().sort((a, b) => a.at - b.at),
        cut: found.flatMap(each => each[MOST_FOUND - 1]?.sort ?? [])
      }
    }
  }
}

function markOf({ state, done_at }: DeliveryMark): string {
  return `${state} ${done_at}`
}

function isUnderWay({ state }: DeliveryMark): boolean {
  return state === 'received'
}

function connectionsByLane(connections: Connection[]): Map<string, string[]> {
  const lanes = Map.groupBy(connections, each => laneOf(each.workspaceId, each.customerKey))
  return new Map([...lanes].map(([lane, each]) => [lane, each.map(connection => connection.id)]))
}

function laneOf(workspaceId: string, customerKey: string): string {
  return JSON.stringify([workspaceId, customerKey])
}
