import type { Connection } from '../../model/connection.ts'
import type { PlatformApi } from '../../platforms/api.ts'
import type { Hydration, Platform, PlatformEvent } from '../../platforms/platform.ts'

/** Ends a reading at its first request. */
class NotAsked extends Error {}

/**
 * What is read from the platform's API because of an event: the first requests, without their query, and with
 * `<setting>` in the place of a credential. Nothing is asked; empty where the adapter cannot tell without an answer.
 */
export async function readsOf(
  hydration: Hydration,
  event: PlatformEvent,
  { api }: Platform,
  connection: Connection
): Promise<string[]> {
  const asked = new Set<string>()
  const given = connection.api === undefined ? (api?.required ?? []) : Object.keys(connection.api)
  const names = given.filter(name => name !== 'endpoint')
  const recorder: PlatformApi = {
    settings: Object.fromEntries(names.map(name => [name, `<${name}>`])),
    readingTime: Date.now,
    async request({ method, origin, path }) {
      asked.add(`${method} ${origin}${path.replaceAll('%3C', '<').replaceAll('%3E', '>')}`)
      throw new NotAsked()
    }
  }
  try {
    await hydration.read([event], recorder)
  } catch {
    // Whatever it is, it comes of the missing answer.
  }
  return [...asked]
}
