import { hash } from 'node:crypto'
import { madeAt } from '../model/ids.ts'
import type { JobChosen } from '../store/jobs.ts'
import { causeOf } from '../store/replays.ts'
import type { Act } from './act.ts'
import type { Ask } from './ask.ts'
import { badRequest } from './bad-request.ts'
import { eventsOf } from './deliveries.ts'
import { sentOf } from './history.ts'
import type { Sent } from './mask.ts'
import type { OperateRoom } from './operate.ts'
import { beginJob } from './replays.ts'
import {
  type DeadLetters,
  listDeadLetters,
  type NewRevival,
  reviveDeadLetters
} from './schemas/dead-letters.ts'
import type { Reveals } from './schemas/parts.ts'
import { instant, masked, type Shown } from './shown.ts'

/** A group as it is kept: what its members share, and what is told of them. */
interface Group extends Omit<DeadLetters, 'cause' | 'code' | 'group'> {
  /** As it is kept; nobody is masked. Of what is dead or refused so much as tells it from others. */
  cause: string
  /** The whole words of the latest, where the cause is only their beginning. */
  words?: string
  /** What Seam was sent of the latest, where the words are its own. */
  sent?: Sent[]
  /** Where the cause does not begin with it. */
  code: string | null
}

/** GET /api/v1/dead-letters, POST /api/v1/dead-letters/revive */
export function deadLetters(ask: Ask, room: OperateRoom, act: Act): void {
  ask<unknown, Reveals>('/api/v1/dead-letters', listDeadLetters, async ({ shown }) => {
    const groups = [
      ...(await groupsOf('dead', room)),
      ...(await groupsOf('held', room)),
      ...(await groupsOf('refused', room))
    ]
    const data = groups.map(each => groupShown(each, shown))
    return { data: data.sort((a, b) => (a.last_at < b.last_at ? 1 : -1)) }
  })

  act<unknown, NewRevival>('POST', '/api/v1/dead-letters/revive', reviveDeadLetters, async action => {
    const { body } = action
    const chosen = body.of === 'refused' ? await refusedBy(body, room) : await deliveriesBy(body, room)
    return beginJob('revive', body, chosen, action, room)
  })
}

async function groupsOf(of: DeadLetters['of'], { trouble }: OperateRoom): Promise<Group[]> {
  if (of === 'held') return heldGroups(await trouble.held())
  if (of === 'dead') {
    return (await trouble.dead()).map(each => ({
      of,
      connection: each.connectionId,
      kind: null,
      cause: each.cause,
      words: each.lastError,
      code: null,
      count: each.count,
      first_at: instant(madeAt(each.firstId)),
      last_at: instant(madeAt(each.lastId)),
      last_delivery: each.lastId
    }))
  }
  return (await trouble.refused()).map(each => ({
    of,
    connection: null,
    kind: each.kind,
    cause: each.cause,
    words: each.reason,
    sent: [sentOf(each)],
    code: null,
    count: each.count,
    first_at: instant(each.firstAt),
    last_at: instant(each.lastAt),
    last_delivery: null
  }))
}

/** @param held newest first */
function heldGroups(held: { id: string; connection_id: string; outcome: string | null }[]): Group[] {
  type Reason = (typeof reasons)[number]
  const reasons = held.map(row => ({
    ...row,
    cause: causeOf({ ...row, state: 'held', last_error: null }),
    code: eventsOf(row.outcome).find(each => each.outcome === 'held')?.code ?? null
  }))
  const groups = Map.groupBy(reasons, each => JSON.stringify([each.connection_id, each.cause]))
  return [...groups.values()].map(same => {
    const [last, first] = [same[0], same.at(-1)] as [Reason, Reason]
    return {
      of: 'held' as const,
      connection: last.connection_id,
      kind: null,
      cause: last.cause,
      code: last.code,
      count: same.length,
      first_at: instant(madeAt(first.id)),
      last_at: instant(madeAt(last.id)),
      last_delivery: last.id
    }
  })
}

function groupShown(group: Group, shown: Shown): DeadLetters {
  const { words: whole, sent, ...told } = group
  const { code, words } = wordsIn(whole ?? group.cause)
  return { ...told, cause: wordsShown(words, sent, shown), code: group.code ?? code, group: nameOf(group) }
}

function wordsShown(words: string, sent: Sent[] | undefined, shown: Shown): string {
  return sent === undefined ? shown.text(words) : shown.seamWords(words, sent)
}

/** `RELAY_EVENT_INVALID: …` tells its code first. */
function wordsIn(cause: string): { code: string | null; words: string } {
  const [, code, words] = /^(RELAY_[A-Z_]+): (.*)$/s.exec(cause) ?? []
  return { code: code ?? null, words: words ?? cause }
}

/** Of what anybody may see: from a hash of more, a number within the cause could be found by trying. */
function nameOf({ of, connection, kind, cause, sent }: Group): string {
  const seen = JSON.stringify([of, connection, kind, wordsShown(cause, sent, masked)])
  return hash('sha256', seen, 'base64url').slice(0, 12)
}

/** @throws RelayError RELAY_BAD_REQUEST where there is no such group */
async function groupsNamed({ of, group }: NewRevival, room: OperateRoom): Promise<Group[] | undefined> {
  if (group === undefined) return undefined
  const named = (await groupsOf(of, room)).filter(each => nameOf(each) === group)
  if (named.length > 0) return named
  throw badRequest('group: there is none of that name any more; read GET /api/v1/dead-letters again.')
}

async function deliveriesBy(body: NewRevival, room: OperateRoom): Promise<JobChosen> {
  const { of, connection, ids } = body
  refuse(body, ['kind', 'resource'])
  const groups = await groupsNamed(body, room)
  return {
    of: 'deliveries',
    state: of as 'dead' | 'held',
    connectionId: connection ?? groups?.[0]?.connection ?? undefined,
    ids,
    causes: groups?.map(each => ({ connectionId: `${each.connection}`, cause: each.cause }))
  }
}

async function refusedBy(body: NewRevival, room: OperateRoom): Promise<JobChosen> {
  const { kind, resource } = body
  refuse(body, ['connection', 'ids'])
  const groups = await groupsNamed(body, room)
  return {
    of: 'refused',
    kind,
    causes: groups?.map(each => ({ kind: `${each.kind}`, cause: each.cause })),
    resource: resource && [resource.workspace, resource.customer_key, resource.kind, resource.key]
  }
}

function refuse(body: NewRevival, members: (keyof NewRevival)[]): void {
  const strange = members.find(member => body[member] !== undefined)
  if (strange === undefined) return
  const what = body.of === 'refused' ? 'resources that were refused' : 'deliveries'
  throw badRequest(`${strange}: does not go with ${what}.`)
}
