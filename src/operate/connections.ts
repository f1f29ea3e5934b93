import type { TObject } from '@sinclair/typebox'
import type { FastifyRequest } from 'fastify'
import type { Connection } from '../model/connection.ts'
import { DAY_MS } from '../model/durations.ts'
import { madeAt } from '../model/ids.ts'
import { type Platform, platformOf } from '../platforms/platform.ts'
import { webhookAddresses } from '../platforms/webhook-addresses.ts'
import { pauseOfConnection } from '../store/pauses.ts'
import { type Rest, restOfPlaces } from '../store/rests.ts'
import type { Act } from './act.ts'
import type { Ask } from './ask.ts'
import { badRequest } from './bad-request.ts'
import { afterId, nextOf } from './lists.ts'
import type { OperateRoom } from './operate.ts'
import { pausedOf } from './pauses.ts'
import {
  type AgreedSetting,
  type ConnectionDetail,
  type ConnectionReport,
  listConnections,
  type NewSample,
  type PlatformRest,
  readConnection,
  sampleOperation
} from './schemas/connections.ts'
import type { Paged } from './schemas/parts.ts'
import { instant, instantOrNull, masked } from './shown.ts'
import { expectedSilenceMs, LEARNT_FROM_MS } from './silence.ts'
import { uncounted } from './uncounted.ts'

const REJECTED = 'rejected '

/** GET /api/v1/connections[/:id], POST …/sample */
export function connections(ask: Ask, room: OperateRoom, act: Act): void {
  const sorted = [...room.connections].sort((a, b) => (a.id < b.id ? -1 : 1))

  ask<unknown, Paged>('/api/v1/connections', listConnections, async ({ query, request }) => {
    const after = afterId(query)
    const left = sorted.filter(each => after === undefined || each.id > after)
    const part = left.slice(0, query.limit)
    const last = part.at(-1)
    return {
      data: await reportsOf(part, room, originOf(request, room)),
      next_cursor: nextOf(query, left.length > part.length && last ? [last.id] : undefined)
    }
  })

  const url = '/api/v1/connections/:id'
  ask<Named, unknown>(url, readConnection, async ({ params, request }) => {
    const found = accountOf(params.id, room)
    if (found === undefined) return undefined
    const [report] = await reportsOf([found.connection], room, originOf(request, room))
    return report && detailOf(report, found, room)
  })

  act<Named, NewSample>('POST', `${url}/sample`, sampleOperation, async ({ params, body, audited }) => {
    const found = accountOf(params.id, room)
    if (found === undefined) return undefined
    const { connection, platform } = found
    const event = chosenSample(platform, body.event)
    if (!room.isSandbox && body.real !== true) {
      throw badRequest(
        'real: this relay sends to Seam itself, which would hear of the sample’s invented guest; send true where that is meant.'
      )
    }
    // By the front door it comes like any other request, in a commit of its own.
    await room.audit.keep(audited('sample', `connection ${connection.id}`, { event }))
    const { status, deliveryId = null } = await room.sendSample(connection, event)
    return { delivery_id: deliveryId, status, event }
  })
}

interface Named {
  id: string
}

interface Account {
  connection: Connection
  platform: Platform
}

function accountOf(id: string, { connections, platforms }: OperateRoom): Account | undefined {
  const connection = connections.find(each => each.id === id)
  return connection && { connection, platform: platformOf(platforms, connection) as Platform }
}

/** @throws RelayError RELAY_BAD_REQUEST */
function chosenSample({ title, samples }: Platform, wanted: string | undefined): string {
  const events = Object.keys(samples.events)
  const [first] = events
  if (first === undefined)
    throw badRequest(`event: ${title} has no samples; give its connection webhooks.samples.`)
  if (wanted === undefined) return first
  if (!events.includes(wanted)) throw badRequest(`event: must be one of ${events.join(', ')}.`)
  return wanted
}

function detailOf(
  report: ConnectionReport,
  { connection, platform }: Account,
  { isSandbox }: OperateRoom
): ConnectionDetail {
  const { secrets, api } = platform
  return {
    ...report,
    guide: `docs/platforms/${platform.name}.md`,
    secrets: settingsOf(secrets, name => connection.secrets[name]?.length ?? 0),
    api: api === undefined ? [] : settingsOf(api, name => (connection.api?.[name] === undefined ? 0 : 1)),
    allow_from: connection.allowFrom,
    events: Object.keys(platform.events),
    samples: Object.keys(platform.samples.events),
    samples_stay_here: isSandbox
  }
}

/** What may stand in the connections file, and how many values of it do; never the values. */
function settingsOf(schema: TObject, givenOf: (name: string) => number): AgreedSetting[] {
  return Object.entries(schema.properties).map(([name, { description = null }]) => ({
    name,
    description,
    required: schema.required?.includes(name) === true,
    given: givenOf(name)
  }))
}

function originOf({ protocol, host }: FastifyRequest, { publicUrl }: OperateRoom): string {
  return publicUrl?.replace(/\/+$/, '') ?? `${protocol}://${host}`
}

async function reportsOf(part: Connection[], room: OperateRoom, origin: string): Promise<ConnectionReport[]> {
  const now = room.now()
  const pauses = await room.pauses.all()
  const rests = await room.rests.all()
  const ids = part.map(each => each.id)
  const latest = await room.tallies.latest(ids)
  const hours = await room.tallies.hoursOf(ids, now - LEARNT_FROM_MS)
  const counted = await room.tallies.ofConnections(now - DAY_MS)
  const { fresh } = await uncounted(room, ids)
  const dayOf = Map.groupBy([...counted, ...fresh], each => each.connectionId)
  const waiting = await room.backlog.waiting()
  const open = Map.groupBy(await room.trouble.open(ids), row => row.connection_id)
  const rejected = Map.groupBy(await room.rejected.counts(), each => each.connectionId)
  return part.map(connection => {
    const { id } = connection
    const platform = platformOf(room.platforms, connection) as Platform
    const lastId = latest.get(id)
    const lastAt = lastId === undefined ? undefined : madeAt(lastId)
    const silentMs = lastAt === undefined ? undefined : Math.max(0, now - lastAt)
    const expectedMs = expectedSilenceMs(hours.get(id) ?? [])
    const ofDay = dayOf.get(id) ?? []
    const countOf = (state: string) => open.get(id)?.find(row => row.state === state)?.count ?? 0
    return {
      id,
      platform: connection.platform,
      platform_title: platform.title,
      workspace: connection.workspaceId,
      customer_key: connection.customerKey,
      addresses: webhookAddresses(connection, platform).map(path => `${origin}${path}`),
      verified_by: platform.verification.description,
      reads_platform: connection.api !== undefined,
      last_received_at: instantOrNull(lastAt),
      accepted_24h: ofDay.filter(each => each.what === 'received').reduce((sum, each) => sum + each.count, 0),
      rejected_24h: ofDay
        .filter(each => each.what.startsWith(REJECTED))
        .map(each => ({ cause: each.what.slice(REJECTED.length), count: each.count })),
      last_rejected_at: instantOrNull(
        rejected.get(id)?.reduce((last, each) => Math.max(last, each.lastAt), 0)
      ),
      waiting: waiting.get(id) ?? 0,
      held: countOf('held'),
      dead: countOf('dead'),
      expected_silence_seconds: expectedMs === undefined ? null : expectedMs / 1000,
      silent_for_seconds: silentMs === undefined ? null : Math.floor(silentMs / 1000),
      unusually_silent: silentMs !== undefined && expectedMs !== undefined && silentMs > expectedMs,
      platform_rest: platformRestOf(rests, id, now),
      paused: pausedOf(pauseOfConnection(pauses, id), masked)
    }
  })
}

/** What only was busy a while ago may answer by now: nobody has asked since. */
function platformRestOf(rests: Map<string, Rest>, id: string, now: number): PlatformRest | null {
  const lasts = (rest: Rest | undefined) => rest !== undefined && (rest.unauthorized || rest.until > now)
  const [own, ofPlaces] = [rests.get(id), rests.get(restOfPlaces(id))]
  const rest = lasts(own) ? own : lasts(ofPlaces) ? ofPlaces : undefined
  if (rest === undefined) return null
  const { unauthorized, failures, until } = rest
  return { refused: unauthorized, places_only: rest !== own, failures, until: instant(until) }
}
