import type { ConnectionReport } from '../../operate/schemas/connections.ts'
import type { BacklogReport } from '../../operate/schemas/overview.ts'
import { countOf, spanOf } from '../terminal/moments.ts'
import { pausedText } from './pauses.ts'
import type { Status } from './status.ts'

/** Something an operator is to know. `bad`: stuck or stopped, and somebody has to do something. */
export interface Finding {
  weight: 'bad' | 'warn'
  text: string
}

/** The same as the alert in deploy/prometheus waits for. */
const UNSENT_AFTER_S = 900
const FAILED_WITHIN_S = 86_400
/** A platform that does not answer a few times is nothing to look into. */
const OFTEN = 6

/** What a stopped workspace asks of whoever looks; the dashboard, which takes no code from here, says the same. */
const HOW_TO_MEND = 'Correct its key or its endpoint in the settings and restart the relay.'

/** What is wrong first. */
export function findingsIn(found: Status): Finding[] {
  const { turns_away, backlog, workspaces, connections, pauses, jobs } = found
  const findings: Finding[] = [
    ...(turns_away === null ? [] : [bad(turnsAwayText(turns_away))]),
    ...stuck(backlog, 'translate', ['delivery', 'deliveries'], 'Translating is behind'),
    ...stuck(backlog, 'sync', ['customer', 'customers'], 'Sending to Seam is behind'),
    ...workspaces.flatMap(({ id, state, reason, until }): Finding[] => {
      if (state === 'works') return []
      if (state === 'stopped')
        return [
          bad(
            `Nothing is sent to workspace ${id}: ${(reason ?? 'Seam refuses it').replace(/\.$/, '')}. ${HOW_TO_MEND}`
          )
        ]
      const long = until === null ? '' : ` for ${ahead(until, backlog.at)}`
      return [warn(`Workspace ${id} waits${long}: ${reason ?? 'Seam asked for it'}.`)]
    }),
    ...arrivals(backlog),
    ...unsent(backlog),
    ...trouble(backlog),
    ...connections.flatMap(connectionFindings),
    ...pauses.map(each =>
      warn(`${pausedText(each)} is paused${each.reason === null ? '' : `: ${each.reason}`}.`)
    ),
    ...jobs
      .filter(each => each.state === 'failed' && isRecent(each.ended_at, backlog.at))
      .map(each => warn(`Job ${each.id} has failed${each.error === null ? '.' : `: ${each.error}`}`))
  ]
  return findings.sort((a, b) => Number(b.weight === 'bad') - Number(a.weight === 'bad'))
}

function turnsAwayText(code: string): string {
  if (code === 'RELAY_DRAINING') return 'The relay is about to stop.'
  const what = 'Webhooks and calls are answered 503'
  if (code !== 'RELAY_STORE_UNAVAILABLE') return `${what}: /readyz says ${code}.`
  return `${what}, as the store takes nothing: look at its disk, or at the database.`
}

function stuck(
  backlog: BacklogReport,
  stage: 'translate' | 'sync',
  [one, many]: [string, string],
  what: string
): Finding[] {
  const { due, due_since, stuck } = backlog[stage]
  if (!stuck || due_since === null) return []
  const oldest = spanOf(secondsSince(due_since, backlog.at))
  return [bad(`${what}: ${countOf(due, one, many)} due, the oldest for ${oldest}.`)]
}

function arrivals({ arrivals: { refused, held } }: BacklogReport): Finding[] {
  const heldText = 'held back, as something is missing; /dashboard/resources?state=held lists them.'
  const soon = (count: number) => `${countOf(count, 'stay')} beginning within 24 h`
  return [
    ...(refused > 0 ? [bad(`${soon(refused)}: refused by Seam; "seam-relay dead" says why.`)] : []),
    ...(held > 0 ? [warn(`${soon(held)}: ${heldText}`)] : [])
  ]
}

function unsent({ unsent_since, at }: BacklogReport): Finding[] {
  const seconds = unsent_since === null ? 0 : secondsSince(unsent_since, at)
  return seconds > UNSENT_AFTER_S ? [warn(`Changes have waited for Seam for ${spanOf(seconds)}.`)] : []
}

function trouble({ dead, held }: BacklogReport): Finding[] {
  const parts = [
    ...(dead.deliveries > 0 ? [countOf(dead.deliveries, 'dead delivery', 'dead deliveries')] : []),
    ...(dead.resources > 0
      ? [countOf(dead.resources, 'resource that Seam refused', 'resources that Seam refused')]
      : []),
    ...(held.deliveries > 0 ? [countOf(held.deliveries, 'held delivery', 'held deliveries')] : [])
  ]
  return parts.length === 0 ? [] : [warn(`${parts.join(', ')}; "seam-relay dead" shows the causes.`)]
}

function connectionFindings(each: ConnectionReport): Finding[] {
  const { id, unusually_silent, silent_for_seconds, expected_silence_seconds, rejected_24h } = each
  const rejected = rejected_24h.reduce((sum, { count }) => sum + count, 0)
  const causes = rejected_24h.map(({ cause }) => cause).join(', ')
  return [
    ...(unusually_silent
      ? [
          warn(
            `${id} has been silent for ${spanOf(Number(silent_for_seconds))}, normally ${spanOf(Number(expected_silence_seconds))} at most.`
          )
        ]
      : []),
    ...restFindings(each),
    ...(rejected > 0
      ? [warn(`${id}: ${countOf(rejected, 'request')} rejected within 24 h (${causes}).`)]
      : [])
  ]
}

function restFindings({ id, platform_title: title, platform_rest: rest }: ConnectionReport): Finding[] {
  // A relay elsewhere may be of a release that does not tell.
  if (rest == null) return []
  const waits = rest.places_only ? 'its places are not read' : 'what it sends waits unread'
  if (rest.refused) {
    const text = `${id}: ${title} refuses the credentials of its api, and ${waits}. Correct them in the settings and restart the relay.`
    return [rest.places_only ? warn(text) : bad(text)]
  }
  if (rest.failures < OFTEN) return []
  return [warn(`${id}: ${title} has not answered ${rest.failures} times in a row, and ${waits}.`)]
}

/** Nobody mends what failed long ago. */
function isRecent(endedAt: string | null, now: string): boolean {
  return endedAt !== null && secondsSince(endedAt, now) < FAILED_WITHIN_S
}

/** Of seconds, both ISO 8601. */
function secondsSince(then: string, now: string): number {
  return Math.max(0, (Date.parse(now) - Date.parse(then)) / 1000)
}

function ahead(until: string, at: string): string {
  return spanOf(secondsSince(at, until))
}

function bad(text: string): Finding {
  return { weight: 'bad', text }
}

function warn(text: string): Finding {
  return { weight: 'warn', text }
}
