import type { Connection } from './connection.ts'

/** Whose a key is by the connections file, whether anything was ever pushed under it or not. */
export type KeyOwner = (workspaceId: string, key: string) => string | undefined

/** A key belongs to the connection whose prefix it has, or whose place was given it as its whole key. */
export function keyOwnerOf(connections: Iterable<Connection>): KeyOwner {
  const byId = new Map<string, Connection>()
  const given = new Map<string, Map<string, string>>()
  for (const connection of connections) {
    byId.set(connection.id, connection)
    for (const { key } of Object.values(connection.places)) {
      if (key === undefined) continue
      const ofWorkspace = given.get(connection.workspaceId) ?? new Map<string, string>()
      given.set(connection.workspaceId, ofWorkspace.set(key, connection.customerKey))
    }
  }
  return (workspaceId, key) => {
    const end = key.indexOf(':')
    const connection = end > 0 ? byId.get(key.slice(0, end)) : undefined
    if (connection?.workspaceId === workspaceId) return connection.customerKey
    return given.get(workspaceId)?.get(key)
  }
}
