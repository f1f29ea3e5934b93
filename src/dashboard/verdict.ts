import type { BacklogReport } from '../operate/schemas/overview.ts'
import { count, some, spell } from './ages.ts'
import { pageOf } from './links.ts'

/** What is said on top of everything: one sentence, and below it whatever else is not as it should be, the worst first. */

export interface Statement {
  tone: 'ok' | 'warn' | 'bad'
  says: string
  /** Where more is to be seen. */
  page?: string
}

export interface Verdict extends Statement {
  further: Statement[]
}

export interface Known {
  now: number
  backlog: BacklogReport
  workspaces: {
    id: string
    state: string
    reason: string | null
    due: number
    due_for_seconds: number
  }[]
  connections: {
    id: string
    unusually_silent: boolean
    silent_for_seconds: number | null
    platform_title: string
    platform_rest: { refused: boolean; places_only: boolean } | null
    paused?: unknown
  }[]
  pauses: { of: string; connection: string | null; workspace: string | null; customer_key: string | null }[]
  /** Deliveries that came within the last hour. */
  receivedLastHour: number
}

export function verdictOf(known: Known): Verdict {
  const found = [
    ...stoppedWorkspaces(known),
    ...stuckWork(known),
    ...refusedCredentials(known),
    ...arrivals(known),
    ...pauses(known),
    ...deadLetters(known),
    ...silence(known)
  ]
  const worstFirst = [
    ...found.filter(each => each.tone === 'bad'),
    ...found.filter(each => each.tone !== 'bad')
  ]
  const [worst, ...further] = worstFirst
  return worst === undefined ? { ...allIsWell(known), further: [] } : { ...worst, further }
}

function stoppedWorkspaces({ workspaces }: Known): Statement[] {
  return workspaces
    .filter(each => each.state !== 'works')
    .map(({ id, state, reason, due, due_for_seconds }) => {
      const isStopped = state === 'stopped'
      const who =
        due === 0 ? 'Nothing waits yet' : `${some(due, 'customer')} ${due === 1 ? 'has' : 'have'} waited`
      const since = due === 0 ? '' : ` for ${spell(due_for_seconds)}`
      const why = isStopped ? `nothing is sent to workspace ${id}` : `workspace ${id} has to wait`
      const said = reason === null ? '' : ` (${reason.replace(/\.$/, '')})`
      return {
        tone: isStopped ? 'bad' : 'warn',
        says: `${who}${since}: ${why}${said}.`,
        page: pageOf.overview('#stuck')
      } as const
    })
}

function stuckWork({ backlog, now, workspaces }: Known): Statement[] {
  const stages = [
    ['translate', 'delivery', 'deliveries', 'to be read', pageOf.list('deliveries', { state: 'received' })],
    ['sync', 'customer', 'customers', 'to be sent to Seam', pageOf.list('customers', { state: 'due' })],
    ['places', 'place', 'places', 'to be read from a platform', pageOf.overview('#stuck')]
  ] as const
  return stages.flatMap(([stage, one, many, what, page]) => {
    const { due, due_since: since, stuck } = backlog[stage]
    // A workspace that is stopped has been told of.
    const isTold = stage === 'sync' && workspaces.some(each => each.state === 'stopped')
    if (!stuck || since === null || isTold) return []
    const waited = spell((now - Date.parse(since)) / 1000)
    return {
      tone: toneOfStuck(stage),
      says: `${some(due, one, many)} ${due === 1 ? 'has' : 'have'} waited for ${waited} ${what}.`,
      page
    } as const
  })
}

/** Without a place's zone and hours a stay may be held back, and is told of by itself then. */
export function toneOfStuck(stage: 'translate' | 'sync' | 'places'): 'warn' | 'bad' {
  return stage === 'places' ? 'warn' : 'bad'
}

function refusedCredentials({ connections }: Known): Statement[] {
  return connections.flatMap(({ id, platform_title: title, platform_rest: rest }) => {
    if (rest?.refused !== true) return []
    const waits = rest.places_only ? 'its places are not read' : 'what it sends waits unread'
    return {
      tone: rest.places_only ? 'warn' : 'bad',
      says: `${title} refuses the credentials of ${id}: ${waits}.`,
      page: pageOf.connection(id)
    } as const
  })
}

function arrivals({ backlog: { arrivals: near } }: Known): Statement[] {
  const all = near.refused + near.held
  if (all === 0) return []
  const why =
    near.held === 0
      ? `Seam refused ${all === 1 ? 'it' : 'them'}`
      : near.refused === 0
        ? `${all === 1 ? 'it is' : 'they are'} held`
        : `Seam refused ${count(near.refused)}, and ${count(near.held)} ${near.held === 1 ? 'is' : 'are'} held`
  return [
    {
      tone: 'bad',
      says: `${some(all, 'stay')} within 24 hours of now ${all === 1 ? 'is' : 'are'} not at Seam: ${why}.`,
      page: pageOf.list('resources', { state: near.refused > 0 ? 'refused' : 'held' })
    }
  ]
}

function pauses(known: Known): Statement[] {
  const names = known.pauses.map(each =>
    each.of === 'connection'
      ? `connection ${each.connection}`
      : each.of === 'customer'
        ? `customer ${each.customer_key}`
        : `workspace ${each.workspace}`
  )
  if (names.length === 0) return []
  const said =
    names.length > 3 ? `${names.slice(0, 2).join(', ')} and ${names.length - 2} more` : names.join(', ')
  return [{ tone: 'warn', says: `Paused by somebody: ${said}.`, page: pageOf.overview('#paused') }]
}

function deadLetters({ backlog: { dead, held } }: Known): Statement[] {
  const page = pageOf.list('dead-letters')
  const statements: Statement[] = []
  if (dead.deliveries > 0 || dead.resources > 0) {
    const parts = [
      ...(dead.deliveries > 0 ? [`${some(dead.deliveries, 'delivery', 'deliveries')} cannot be used`] : []),
      ...(dead.resources > 0 ? [`Seam refused ${some(dead.resources, 'resource')}`] : [])
    ]
    const says = parts.join(', and ')
    statements.push({ tone: 'warn', says: `${says}.`, page })
  }
  if (held.deliveries > 0) {
    const verb = held.deliveries === 1 ? 'waits' : 'wait'
    const who = some(held.deliveries, 'delivery', 'deliveries')
    statements.push({ tone: 'warn', says: `${who} ${verb} for a setting.`, page })
  }
  return statements
}

function silence({ connections }: Known): Statement[] {
  return connections
    .filter(each => each.unusually_silent)
    .map(({ id, silent_for_seconds: silent }) => ({
      tone: 'warn',
      says: `${id} has been silent for ${spell(silent ?? 0)}, longer than ever before.`,
      page: pageOf.connection(id)
    }))
}

function allIsWell({ backlog, receivedLastHour: received }: Known): Statement {
  const underway =
    backlog.translate.due + backlog.translate.scheduled + backlog.sync.due + backlog.sync.scheduled
  if (underway > 0) {
    const came =
      received === 0
        ? 'Nothing new came within the last hour'
        : `${some(received, 'delivery', 'deliveries')} came within the last hour`
    return { tone: 'ok', says: `${came}; what is left of them is on its way to Seam.` }
  }
  if (received === 0) return { tone: 'ok', says: 'Nothing waits, and nothing came within the last hour.' }
  const all = received === 1 ? 'The one delivery' : `All ${count(received)} deliveries`
  return { tone: 'ok', says: `${all} of the last hour ${received === 1 ? 'is' : 'are'} at Seam.` }
}
