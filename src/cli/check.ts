import { type Environment, type ReadFile, readText } from '../config/environment.ts'
import { fieldName, type SettingName, settingNames, settingOf } from '../config/settings.ts'
import type { Config } from '../config.ts'
import type { FindFiles } from '../connections/sample-files.ts'
import { type LoadedConnections, loadConnections } from '../connections.ts'
import type { Connection } from '../model/connection.ts'
import { type Platform, platformOf } from '../platforms/platform.ts'
import { webhookAddresses } from '../platforms/webhook-addresses.ts'
import { type SampleLine, sampleLines } from './check-samples.ts'
import { linesOf, ownConfig } from './own-config.ts'

/** Exit code for wrong settings. Source: sysexits.h, EX_CONFIG. */
export const EXIT_CONFIG = 78

export interface CheckOptions {
  env: Environment
  /** Standard output, or anything that takes text. */
  out: { write(text: string): unknown }
  platforms: Record<string, Platform>
  /** What the store has to say, where there is one. Asked only where nothing is wrong so far. @throws RelayError */
  storeLines?: () => Promise<string[]>
  readFile?: ReadFile
  findFiles?: FindFiles
}

/**
 * `seam-relay check`: what the settings and connections come to, without starting anything. Shows no secret.
 * @returns the exit code: 0, or {@link EXIT_CONFIG} after naming everything that is wrong
 * @throws RelayError what the store throws: RELAY_CONFIG_INVALID, RELAY_STORE_UNAVAILABLE
 */
export async function check(options: CheckOptions): Promise<number> {
  const { env, out, platforms, storeLines = async () => [], readFile = readText } = options
  const print = (lines: string[]) => out.write(lines.map(line => `${line}\n`).join(''))
  let connections: LoadedConnections
  let samples: SampleLine[]
  try {
    const config = ownConfig(options)
    print(['Settings', ...settingLines(config, env), ''])
    connections = loadConnections({ ...options, config, readFile })
    samples = await sampleLines(connections, platforms)
  } catch (error) {
    print(['Wrong settings', ...linesOf(error).map(line => `  ${line}`)])
    return EXIT_CONFIG
  }
  print([...connectionLines(connections, platforms, samples), ...remarks(connections)])
  const mistakes = samples.filter(line => line.isMistake).length
  if (mistakes > 0) {
    print([`Samples that cannot be used: ${mistakes}.`])
    return EXIT_CONFIG
  }
  // Before it is said that nothing is wrong: the store may not answer, or lack what this release needs.
  const ofStore = await storeLines()
  print([...(connections.sandbox ? [] : ['Nothing is wrong.']), ...ofStore])
  return 0
}

function settingLines(config: Config, env: Environment): string[] {
  const width = Math.max(...settingNames.map(name => name.length))
  return settingNames.map(name => `  ${name.padEnd(width)}  ${shown(name, config, env)}`)
}

/** Of a secret it is told only whether it is there, and of the store where it is: its address may hold a password. */
function shown(name: SettingName, config: Config, env: Environment): string {
  const { secret = false, unit = '' } = settingOf(name)
  if (name === 'DATABASE_URL') return withoutPassword(config.databaseUrl)
  const field = fieldName(name)
  if (secret || !(field in config)) return env[name] || env[`${name}_FILE`] ? 'set' : 'unset'
  return `${config[field as keyof Config] ?? 'unset'} ${unit}`.trimEnd()
}

/** Parameters may be secret as well. A password with an `@` of its own ends at the last one. */
function withoutPassword(url: string): string {
  return url.startsWith('file:') ? url : url.replace(/\/\/.*@/s, '//').replace(/\?.*$/s, '')
}

function connectionLines(
  { connections, workspaces, sandbox }: LoadedConnections,
  platforms: Record<string, Platform>,
  samples: SampleLine[]
): string[] {
  const endpoints = new Map(workspaces.map(({ id, endpoint }) => [id, endpoint]))
  return connections.flatMap(connection => {
    const platform = platformOf(platforms, connection) as Platform
    const { id, customerKey, workspaceId, lists } = connection
    return [
      `Connection ${id} (${platform.title})`,
      ...facts('customer', [customerKey]),
      ...facts('workspace', [sandbox ? 'the sandbox' : `${workspaceId}, at ${endpoints.get(workspaceId)}`]),
      ...facts('lists', [`${lists.place}, ${lists.guest}, ${lists.stay}`]),
      ...facts('address', webhookAddresses(connection, platform)),
      ...facts('verified by', [platform.verification.description]),
      ...facts('allowed from', connection.allowFrom),
      ...facts('reads from', connection.api?.endpoint === undefined ? [] : [connection.api.endpoint]),
      ...facts('missing', missing(connection, platform)),
      ...facts(
        'samples',
        samples.flatMap(line => (line.connectionId === id ? line.text : []))
      ),
      ''
    ]
  })
}

function facts(name: string, values: string[]): string[] {
  return values.map((value, index) => `  ${(index === 0 ? name : '').padEnd(14)}${value}`)
}

function missing(connection: Connection, platform: Platform): string[] {
  const { api, timeZone, checkInTime, checkOutTime, country } = connection
  const lines: string[] = []
  if (platform.hydration !== undefined && platform.api !== undefined && api === undefined) {
    lines.push('api: events that carry only ids are held until it is given')
  }
  if (timeZone === undefined) {
    lines.push('time_zone: stays given as local dates are held unless the place has a known zone')
  }
  if (checkInTime === undefined || checkOutTime === undefined) {
    lines.push(
      'check_in_time, check_out_time: stays given as dates only are held unless the place has known hours'
    )
  }
  if (country === undefined) lines.push('country: phone numbers without a country prefix are left out')
  return lines
}

function remarks({ sandbox, warnings }: LoadedConnections): string[] {
  return [
    ...warnings.map(warning => `Warning: ${warning}`),
    ...(sandbox
      ? ['No Seam credential is set: everything goes to the relay’s own sandbox, and no door learns of it.']
      : [])
  ]
}
