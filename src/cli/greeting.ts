import { settingOf } from '../config/settings.ts'
import type { Connections } from '../connections.ts'
import { type Platform, platformOf } from '../platforms/platform.ts'

/**
 * What somebody who has just started the relay needs to know.
 * @param origin where it listens @param trialToken what signs in where no setting says so; see there
 */
export function greeting(
  origin: string,
  { sandbox, connections, warnings }: Connections,
  platforms: Record<string, Platform>,
  trialToken?: string
): string[] {
  const count = connections.length === 1 ? '1 connection' : `${connections.length} connections`
  const lines = [
    '',
    `  Seam Relay listens on ${origin}`,
    `  ${count}, webhooks at ${origin}/webhooks/<platform>/<connection>`,
    `  Dashboard: ${origin}/dashboard${trialToken === undefined ? '' : `, to sign in: ${trialToken}`}`
  ]
  if (sandbox) {
    lines.push(
      '  SANDBOX: no SEAM_API_KEY is set, so nothing reaches Seam; a stand-in answers instead.',
      `  What it holds: ${origin}/sandbox/state`
    )
    const [first] = connections
    const { name, samples } = (first && platformOf(platforms, first)) ?? {}
    const [event] = Object.keys(samples?.events ?? {})
    // A connection that describes its platform need not have samples.
    if (event !== undefined) {
      lines.push(
        '',
        '  Next, in another terminal:',
        `    npx seam-relay send ${name} ${event}${urlOption(origin)}`
      )
    }
  }
  return [...lines, ...warnings.map(warning => `  Warning: ${warning}`), '']
}

/** Another terminal knows the settings' defaults and no more. */
function urlOption(origin: string): string {
  return new URL(origin).port === `${settingOf('PORT').default}` ? '' : ` --url ${origin}`
}
