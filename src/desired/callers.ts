import { CALLERS } from '../model/call.ts'
import type { Connection } from '../model/connection.ts'
import { type Kind, kinds } from '../model/kind.ts'
import type { Resource } from './resource.ts'

/** Undefined where the connections file names no such connection, or no longer. */
export type ConnectionOf = (row: Pick<Resource, 'connectionId' | 'kind'>) => Connection | undefined

/**
 * What is drawn with no connection's settings: resources that callers pushed in Seam's own words. Each kind is of its own
 * list, keys are whole, and nothing is made of what was not told.
 */
export function withCallers(connectionOf: (id: string) => Connection | undefined): ConnectionOf {
  return row => (row.connectionId === CALLERS ? callersOwn(row.kind) : connectionOf(row.connectionId))
}

export function isCallers({ id }: Connection): boolean {
  return id === CALLERS
}

const made = new Map<Kind, Connection>()

function callersOwn(kind: Kind): Connection {
  const known = made.get(kind)
  if (known !== undefined) return known
  const { list } = kinds[kind]
  const connection = {
    id: CALLERS,
    platform: CALLERS,
    customerKey: '',
    workspaceId: '',
    allowFrom: [],
    secrets: {},
    api: undefined,
    timeZone: undefined,
    checkInTime: undefined,
    checkOutTime: undefined,
    country: undefined,
    tentative: 'push' as const,
    preferredCode: 'platform' as const,
    preferredCodeField: undefined,
    lists: { place: list, guest: list, stay: list } as Connection['lists'],
    places: {}
  }
  made.set(kind, connection)
  return connection
}
