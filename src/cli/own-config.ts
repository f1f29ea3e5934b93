import { settingOf } from '../config/settings.ts'
import { type Config, DEFAULT_WORKSPACE, loadConfig } from '../config.ts'
import { type ConnectionsOptions, loadConnections } from '../connections.ts'
import { RelayError } from '../errors.ts'

type OwnConfigOptions = Omit<ConnectionsOptions, 'config'>

/**
 * The settings. Where some are wrong, so that nobody mends them one after the other, the connections file is looked at too.
 * @throws RelayError RELAY_CONFIG_INVALID; its message has one line for everything that is wrong with either
 */
export function ownConfig(options: OwnConfigOptions): Config {
  try {
    return loadConfig(options.env, options.readFile)
  } catch (error) {
    const problems = [...linesOf(error), ...fileProblems(options)]
    throw new RelayError('RELAY_CONFIG_INVALID', problems.join('\n'))
  }
}

/** What is wrong with the connections file: it takes few of the settings to tell. */
function fileProblems(options: OwnConfigOptions): string[] {
  const { env } = options
  const connectionsFile = env.RELAY_CONNECTIONS_FILE || `${settingOf('RELAY_CONNECTIONS_FILE').default}`
  const hasCredential = Object.keys(env).some(
    name => /^SEAM_(API_KEY|PERSONAL_ACCESS_TOKEN)(_FILE)?$/.test(name) && env[name]
  )
  const workspace = hasCredential ? { id: DEFAULT_WORKSPACE, endpoint: '', apiKey: '' } : undefined
  try {
    loadConnections({ ...options, config: { connectionsFile, seamEndpoint: '', workspace } })
    return []
  } catch (error) {
    return linesOf(error)
  }
}

/** @throws what is no wrong setting */
export function linesOf(error: unknown): string[] {
  if (!(error instanceof RelayError)) throw error
  return error.message.split('\n')
}
