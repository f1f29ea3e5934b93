import type { Connection } from '../model/connection.ts'
import type { Platform } from '../platforms/platform.ts'
import { listed, usage } from './usage.ts'

/** Commands that are about one platform. */
export type Command = 'send' | 'translate'

/** @throws RelayError RELAY_BAD_REQUEST that names the platforms there are */
export function chosenPlatform(
  command: Command,
  platforms: Record<string, Platform>,
  name: string
): Platform {
  const platform = Object.hasOwn(platforms, name) ? platforms[name] : undefined
  if (platform !== undefined) return platform
  throw usage(`${command}: there is no platform ${name}; there are:${listed(Object.keys(platforms))}`)
}

/**
 * @param id the platform's first connection unless told
 * @throws RelayError RELAY_BAD_REQUEST that names the platform's connections
 */
export function chosenConnection(
  command: Command,
  connections: Connection[],
  { name, title }: Platform,
  id: string | undefined
): Connection {
  const own = connections.filter(each => each.platform === name)
  const connection = id === undefined ? own[0] : own.find(each => each.id === id)
  if (connection !== undefined) return connection
  if (own.length === 0) throw usage(`${command}: the connections file has no connection of ${title}`)
  throw usage(`${command}: ${title} has no connection ${id}; there are:${listed(own.map(each => each.id))}`)
}
