import { readFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { reasonOf } from '../../errors.ts'
import type { Connection } from '../../model/connection.ts'
import type { Platform } from '../../platforms/platform.ts'
import { usage } from '../usage.ts'

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
      const reason = reasonOf(cause)
      const trouble = reason === 'ENOENT' ? `there is no file ${file}` : `${file} cannot be read (${reason})`
      throw usage(`translate: ${trouble}; give the path of a body, or - for standard input`)
    }
  }
  const stream = input()
  if (file === undefined && stream.isTTY === true)
    throw usage('translate: give the path of a body, or pipe one in')
  return buffer(stream)
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
