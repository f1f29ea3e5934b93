import { loadConfig } from '../../config.ts'
import { loadConnections } from '../../connections.ts'
import { type Platform, platformOf } from '../../platforms/platform.ts'
import { chosenConnection, chosenPlatform } from '../chosen.ts'
import { usage } from '../usage.ts'
import { dryRunOf, isWhole } from './dry-run.ts'
import { bodyFrom, type Input, unsetConnection } from './input.ts'
import { type About, dryRunJson, dryRunLines } from './lines.ts'

export interface TranslateCommand {
  platform: string
  /** Holds the body; `-`, or nothing, is standard input. */
  file?: string | undefined
  /** Whose settings apply; none unless told. */
  connection?: string | undefined
  /** Asks the platform's API, as the relay would. */
  hydrate?: boolean | undefined
  json?: boolean | undefined
  /** Milliseconds since 1970; now unless told. */
  receivedAt?: number | undefined
  /** Names in lower case. */
  header?: Record<string, string> | undefined
  query?: Record<string, string> | undefined
  env: NodeJS.ProcessEnv
  say(line: string): void
  err: { write(text: string): unknown }
  input(): Input
  platforms: Record<string, Platform>
}

/**
 * What a body means: its events, what each becomes, the calls to Seam that would follow, and what is missing. Nothing is
 * stored and nothing is sent; the platform is asked only with `hydrate`.
 * @returns the exit code: 0 where all of it was understood and would reach Seam
 */
export async function translate(command: TranslateCommand): Promise<number> {
  const { env, platforms, say, err, hydrate = false } = command
  const known = chosenPlatform('translate', platforms, command.platform)
  const named = command.connection !== undefined
  if (hydrate && !named)
    throw usage('translate: --hydrate asks with the credentials of a connection; name it with --connection')
  if (known.description !== undefined && !named)
    throw usage(`translate: ${known.title} is what a connection describes; name it with --connection`)
  const config = loadConfig(env)
  const connection =
    command.connection === undefined
      ? unsetConnection(known)
      : chosenConnection(
          'translate',
          loadConnections({ config, env, platforms }).connections,
          known,
          command.connection
        )
  const platform = platformOf(platforms, connection) as Platform
  const body = await bodyFrom(command.file, command.input)
  const receivedAt = command.receivedAt ?? Date.now()
  const query = Object.fromEntries(
    Object.entries(command.query ?? {}).map(([name, value]) => [name, [value]])
  )
  const incoming = { connectionId: connection.id, receivedAt, headers: command.header ?? {}, query, body }

  const run = await dryRunOf({ platform, connection, incoming, hydrate, config, err, now: Date.now })
  const about: About = { platform, connection, named, receivedAt: new Date(receivedAt).toISOString() }
  say(
    command.json === true
      ? JSON.stringify(dryRunJson(about, run), null, 2)
      : dryRunLines(about, run).join('\n')
  )
  return isWhole(run) ? 0 : 1
}
