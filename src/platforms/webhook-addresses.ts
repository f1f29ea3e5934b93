import type { Connection } from '../model/connection.ts'
import type { Platform } from './platform.ts'

/** What to enter at the platform, behind the relay's own origin. The token itself is never shown. */
export function webhookAddresses(connection: Connection, platform: Platform): string[] {
  const { token, query = {} } = platform.verification.sign(new Uint8Array(), connection.secrets, {
    now: 0,
    id: 'check'
  })
  const path = `/webhooks/${platform.name}/${connection.id}${token === undefined ? '' : '/<token>'}`
  const secrets = Object.keys(query).map(name => `${name}=<token>`)
  const perEvent = eventNames(connection, platform).map(name => [
    ...secrets,
    `event=${encodeURIComponent(name)}`
  ])
  return (perEvent.length > 0 ? perEvent : [secrets]).map(parameters =>
    parameters.length === 0 ? path : `${path}?${parameters.join('&')}`
  )
}

/** Platforms that do not name the event in the body get one address for each; their samples show it. */
function eventNames(connection: Connection, platform: Platform): string[] {
  const names = Object.values(platform.samples.events).map(
    sample => sample({ connection, now: 0, serial: 1 }).query?.event
  )
  return [...new Set(names)].filter(name => name !== undefined)
}
