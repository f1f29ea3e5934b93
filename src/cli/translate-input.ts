import { readFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { reasonOf } from '../config/environment.ts'
import { RelayError } from '../errors.ts'
import type { Connection } from '../model/connection.ts'
import type { Platform } from '../platforms/platform.ts'

/** Standard input, or what stands for it. */
export type Input = AsyncIterable<Uint8Array> & { isTTY?: boolean }

/**
 * The exact bytes of a body.
 * @param file a path; `-` is standard input, and so is nothing where something is piped in
 * @throws RelayError RELAY_BAD_REQUEST where there is nothing to read
 */
export async function bodyFrom(file: string | undefined, input: () => Input): Promise<Uint8Array> {
  if (file !== undefined && file !== '-') {
    try {
      return await readFile(file)
    } catch (cause) {
      throw usage(`${file} cannot be read (${reasonOf(cause)})`)
    }
  }
  const stream = input()
  if (file === undefined && stream.isTTY === true)
    throw usage('name the file that holds a body, or pipe one in')
  return buffer(stream)
}

export function chosenPlatform(platforms: Record<string, Platform>, name: string): Platform {
  const platform = Object.hasOwn(platforms, name) ? platforms[name] : undefined
  if (platform !== undefined) return platform
  throw usage(`there is no platform ${name}; there are:${listed(Object.keys(platforms))}`)
}

export function chosenConnection(connections: Connection[], platform: Platform, id: string): Connection {
  const own = connections.filter(each => each.platform === platform.name)
  const connection = own.find(each => each.id === id)
  if (connection !== undefined) return connection
  if (own.length === 0) throw usage(`the connections file has no connection of ${platform.title}`)
  throw usage(`${platform.title} has no connection ${id}; there are:${listed(own.map(each => each.id))}`)
}

/** A connection of which nothing is known; words in angle brackets stand for what it would say. */
export function unsetConnection({ name, preferredCode }: Platform): Connection {
  return {
    id: '<connection>',
    platform: name,
    customerKey: '<customer_key>',
    workspaceId: 'default',
    allowFrom: [],
    secrets: {},
    api: undefined,
    timeZone: undefined,
    checkInTime: undefined,
    checkOutTime: undefined,
    country: undefined,
    tentative: 'hold',
    preferredCode,
    preferredCodeField: undefined,
    lists: { place: 'spaces', guest: 'guests', stay: 'reservations' },
    places: {}
  }
}

export function usage(problem: string): RelayError {
  return new RelayError('RELAY_BAD_REQUEST', `translate: ${problem}`)
}

function listed(names: string[]): string {
  return names.map(name => `\n  ${name}`).join('')
}
