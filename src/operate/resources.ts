import { type Kind, kindNames, kinds } from '../model/kind.ts'
import { deliveryOf, type Stamp, versionOf } from '../model/stamp.ts'
import { LIFE_BEGINS, type LifeCall, type LifeChange } from '../store/operate-resource-life.ts'
import {
  idOf,
  type ResourceId,
  type ListedResource as Row,
  type StateAtSeam,
  stateOf
} from '../store/operate-resources.ts'
import type { ResourceRow } from '../store/resources.ts'
import type { Ask } from './ask.ts'
import { positionIn } from './cursor.ts'
import { eventsOf } from './deliveries.ts'
import { callsShown, changeOf, sentOf, subjectOf, versionTime } from './history.ts'
import { filterOf, nextOf } from './lists.ts'
import type { OperateRoom } from './operate.ts'
import type { MadeCall } from './schemas/history.ts'
import type { Paged, Reveals } from './schemas/parts.ts'
import {
  type LifeSent,
  type LifeTold,
  type ListedResource,
  listResources,
  readLife,
  readResource,
  type WholeResource
} from './schemas/resources.ts'
import { instant, instantOrNull, type Shown, shownOrNull } from './shown.ts'

interface ListQuery extends Paged, Reveals {
  workspace?: string
  customer?: string
  kind?: Kind
  state?: StateAtSeam
  prefix?: string
}

interface ResourceParams {
  workspace: string
  customer: string
  kind: string
  key: string
}

/** Of what belongs to it, so many are named. */
const MOST_NAMED = 50

/** GET /api/v1/resources, …/:workspace/:customer/:kind/:key and its life */
export function resources(ask: Ask, room: OperateRoom): void {
  ask<unknown, ListQuery>('/api/v1/resources', listResources, async ({ query, shown }) => {
    const { workspace, customer: customerKey, kind, state, prefix, limit } = query
    const { rows, next } = await room.resources.list(
      workspace === undefined ? room.workspaces : [workspace],
      { customerKey, kind, state, prefix },
      afterResource(query),
      limit
    )
    return {
      data: rows.map(row => listedOf(row, shown)),
      next_cursor: nextOf(query, next && [next.workspaceId, next.customerKey, next.kind, next.key])
    }
  })

  const one = '/api/v1/resources/:workspace/:customer/:kind/:key'
  ask<ResourceParams, Reveals>(one, readResource, async ({ params, shown }) => {
    const id = idIn(params)
    const row = id && (await room.resources.one(id))
    return row && wholeOf(row, room, shown)
  })

  ask<ResourceParams, Paged & Reveals>(`${one}/life`, readLife, async ({ params, query, shown }) => {
    const id = idIn(params)
    return id && lifeOf(id, query, room, shown)
  })
}

function afterResource(query: ListQuery): ResourceId | undefined {
  const position = positionIn(query.cursor, filterOf(query), ['string', 'string', 'string', 'string'])
  if (position === undefined) return undefined
  const [workspaceId, customerKey, kind, key] = position.map(String)
  return { workspaceId: `${workspaceId}`, customerKey: `${customerKey}`, kind: kind as Kind, key: `${key}` }
}

/** Undefined where there is no such kind. */
function idIn({ workspace, customer, kind, key }: ResourceParams): ResourceId | undefined {
  const known = kindNames.find(each => each === kind)
  return known && { workspaceId: workspace, customerKey: customer, kind: known, key }
}

export function listedOf(row: Row, shown: Shown): ListedResource {
  const state = stateOf(row)
  return {
    ...nameOf(idOf(row), shown),
    connection: row.connection_id,
    booking: row.booking === null ? null : shown.key(row.booking),
    state,
    reason: state === 'refused' ? refusalOf(row, shown) : shownOrNull(shown, row.held),
    refused_at: state === 'refused' ? instantOrNull(row.buried_at) : null,
    warnings: row.warnings === null ? [] : JSON.parse(row.warnings),
    starts_at: instantOrNull(row.starts_at),
    updated_at: instant(row.updated_at),
    revision: row.revision,
    synced_revision: row.synced_revision
  }
}

/** Seam refused it as it is now. */
function refusalOf({ kind, buried_reason, refused_fields }: Row, shown: Shown): string {
  return shown.seamWords(`${buried_reason}`, [sentOf({ kind, fields: refused_fields })])
}

function nameOf({ workspaceId, customerKey, kind, key }: ResourceId, shown: Shown) {
  return { workspace: workspaceId, customer_key: shown.key(customerKey), kind, key: shown.key(key) }
}

async function wholeOf(row: ResourceRow, room: OperateRoom, shown: Shown): Promise<WholeResource> {
  const id = idOf(row)
  const { role } = kinds[row.kind]
  const named: { key: string }[] = row.names === null ? [] : JSON.parse(row.names)
  const keys = [...named.map(each => each.key), ...(row.guest_used === null ? [] : [row.guest_used])]
  const namesFound =
    keys.length === 0 ? [] : await room.resources.withKeys(row.workspace_id, [...new Set(keys)], MOST_NAMED)
  const namedBy =
    role === 'stay' ? [] : await room.resources.staysNaming(id, role, [row.key, row.source_id], MOST_NAMED)
  const siblings =
    row.booking === null ? [] : await room.resources.staysOfBooking(id, row.booking, MOST_NAMED + 1)
  const isOther = (each: Row) => each.customer_key === row.customer_key && each.key !== row.key
  return {
    ...listedOf(asListed(row), shown),
    fields: row.fields === null ? null : shown.json(JSON.parse(row.fields), subjectOf(row.kind)),
    told: await toldIn(row, room),
    names: namesFound
      .filter(each => each.customer_key === row.customer_key && kinds[each.kind].role !== 'stay')
      .map(each => nameOf(idOf(each), shown)),
    named_by: namedBy.map(each => nameOf(idOf(each), shown)),
    siblings: siblings.filter(isOther).map(each => nameOf(idOf(each), shown))
  }
}

/** A row that was read whole. */
export function asListed(row: ResourceRow): Row {
  return { ...row, wanted: row.fields === null ? 0 : 1, refused_fields: row.fields }
}

/** Which delivery told which field. Names of metadata are a caller's own, and may be anything. */
async function toldIn({ facts }: ResourceRow, { deliveries }: OperateRoom): Promise<WholeResource['told']> {
  const all: Record<string, { stamp: Stamp }> = JSON.parse(facts)
  const told = Object.entries(all)
    .filter(([field]) => /^[a-zA-Z]+$/.test(field))
    .map(([field, { stamp }]) => ({
      field,
      version: versionTime(versionOf(stamp)),
      delivery: deliveryOf(stamp)
    }))
  const kept = await deliveries.some([...new Set(told.map(each => each.delivery))])
  const known = new Set(kept.map(row => row.id))
  return told.map(each => ({ ...each, known: known.has(each.delivery) }))
}

async function lifeOf(id: ResourceId, query: Paged & Reveals, room: OperateRoom, shown: Shown) {
  const asked = { ...filterOf(query), ...id }
  const position = positionIn(query.cursor, asked, ['number', 'string'])
  const after =
    position === undefined ? LIFE_BEGINS : { change: Number(position[0]), call: String(position[1]) }
  const { changes, calls } = await room.resources.life(id, after, query.limit + 1)
  const all = merged(changes, calls)
  if (all.length === 0 && position === undefined && (await room.resources.one(id)) === undefined) {
    return undefined
  }
  const part = all.slice(0, query.limit)
  const callOf = await callsShown(
    part.filter(each => each.type === 'call'),
    room,
    shown
  )
  const deliveries = await room.deliveries.some([
    ...new Set(part.flatMap(each => (each.type === 'change' ? each.delivery_id : [])))
  ])
  const known = new Map(deliveries.map(row => [row.id, row]))
  const next: [number, string] = [
    part.reduce((last, each) => (each.type === 'change' ? each.id : last), after.change),
    part.reduce((last, each) => (each.type === 'call' ? each.id : last), after.call)
  ]
  return {
    data: part.map(each =>
      each.type === 'call' ? carriedBy(each, callOf(each)) : toldOf(each, known, shown)
    ),
    next_cursor: all.length > query.limit ? nextOf({ ...query, ...id }, next) : null
  }
}

/** Each keeps its own order, so that a page can go on behind the last one of each. */
function merged(changes: LifeChange[], calls: LifeCall[]): (LifeChange | LifeCall)[] {
  const all: (LifeChange | LifeCall)[] = []
  const left = [...calls]
  for (const change of changes) {
    while (left[0] !== undefined && isBefore(left[0], change)) all.push(...left.splice(0, 1))
    all.push(change)
  }
  return [...all, ...left]
}

/** Within one millisecond a call cannot have carried what was not there yet. */
function isBefore(call: LifeCall, change: LifeChange): boolean {
  if (call.started_at !== change.at) return call.started_at < change.at
  return change.revision !== null && call.revision < change.revision
}

function carriedBy({ revision }: LifeCall, call: MadeCall): LifeSent {
  return { type: 'sent', ...call, revision }
}

type KnownDelivery = Awaited<ReturnType<OperateRoom['deliveries']['some']>>[number]

function toldOf(change: LifeChange, known: Map<string, KnownDelivery>, shown: Shown): LifeTold {
  const {
    workspace: _workspace,
    customer_key: _customer,
    kind: _kind,
    key: _key,
    ...told
  } = changeOf(change, shown)
  const row = known.get(change.delivery_id)
  const event = row && eventsOf(row.outcome)[change.event_index]
  return {
    type: 'told',
    ...told,
    delivery: {
      id: change.delivery_id,
      known: row !== undefined,
      connection: row?.connection_id ?? null,
      platform: row?.platform ?? null,
      received_at: instantOrNull(row?.received_at),
      state: row?.state ?? null,
      event: event === undefined ? null : shown.text(event.type)
    }
  }
}
