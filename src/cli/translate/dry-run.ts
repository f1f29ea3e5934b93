import type { Config } from '../../config.ts'
import { SANDBOX } from '../../connections/schema.ts'
import type { Said } from '../../desired/said.ts'
import type { PlaceFields } from '../../model/change.ts'
import type { Connection } from '../../model/connection.ts'
import type { Incoming } from '../../model/delivery.ts'
import { idSource } from '../../model/ids.ts'
import type { Platform } from '../../platforms/platform.ts'
import { storeRooms } from '../../store/rooms.ts'
import { openStore } from '../../store/store.ts'
import { placeLearnt, placesToRead } from '../../translate/places.ts'
import { platformApis } from '../../translate/platform-api.ts'
import { type Circumstances, releaseOf } from './advice.ts'
import { callsOf, type Followed, type HeldResource } from './calls.ts'
import { type Asking, type EventTold, eventsTold, troubleOf } from './events.ts'

export interface DryRunOptions {
  platform: Platform
  connection: Connection
  /** As the platform would send it. */
  incoming: Incoming
  /** Asks the platform's API, with the connection's credentials. */
  hydrate: boolean
  config: Config
  err: { write(text: string): unknown }
  now(): number
}

export interface DryRun {
  /** The platform's own id of the delivery. */
  deliveryId: string | undefined
  /** The body names another account than the connection's. */
  foreign: boolean
  events: EventTold[]
  /** What the platform said of the places that stays name. */
  places: PlaceRead[]
  calls: Followed['calls']
  /** With what lets each go. */
  held: (HeldResource & { release: string })[]
  warnings: Followed['warnings']
}

/** With neither `fields` nor `trouble` the platform has no such place. */
export interface PlaceRead {
  id: string
  fields?: PlaceFields
  trouble?: string
}

/** The way of one request through the relay, as far as Seam's door: nothing is stored, and nothing is sent. */
export async function dryRunOf(options: DryRunOptions): Promise<DryRun> {
  const { platform, connection, incoming, config, err, now } = options
  const { receivedAt, headers, query, body } = incoming
  const store = await openStore('file::memory:')
  const { tokens } = storeRooms(store)
  const signal = new AbortController().signal
  const apis = platformApis({ tokens, timeoutMs: config.hydrationTimeoutMs, now, signal })
  try {
    const asking = askingOf(connection, options.hydrate, settings => apis.of(connection.id, settings, signal))
    const id = idSource(() => receivedAt)()
    const delivery = {
      id,
      connectionId: connection.id,
      platform: platform.name,
      receivedAt,
      headers,
      query,
      body
    }
    const events = await eventsTold(platform, connection, delivery, asking)
    const said = events.flatMap(({ changes }, eventIndex): Said[] =>
      changes.map((change, changeIndex) => ({ change, connection, deliveryId: id, eventIndex, changeIndex }))
    )
    const places = await placesRead(platform, connection, said, asking)
    said.push(...learnt(places, connection, id, events.length, now()))
    const followed = await callsOf(store, said, { connection, config, err, now: now() })
    return {
      deliveryId: platform.deliveryId?.(incoming),
      foreign: platform.isOwn?.(incoming, connection) === false,
      events,
      places,
      calls: followed.calls,
      held: followed.held.map(each => ({
        ...each,
        release: releaseOf(each.reason, circumstancesOf(each, said, options, asking))
      })),
      warnings: followed.warnings
    }
  } finally {
    await apis.close()
    await store.close()
  }
}

/** Everything was understood, and all of it would reach Seam. */
export function isWhole({ foreign, events, places, held }: DryRun): boolean {
  const clear = ({ outcome, trouble }: EventTold) =>
    outcome.drift === undefined &&
    trouble === undefined &&
    (outcome.outcome === 'translated' || outcome.outcome === 'ignored')
  const read = ({ trouble }: PlaceRead) => trouble === undefined
  return !foreign && events.every(clear) && places.every(read) && held.length === 0
}

type ApiOf = (settings: Record<string, string>) => Extract<Asking, { api: unknown }>['api']

function askingOf({ api: settings }: Connection, hydrate: boolean, apiOf: ApiOf): Asking {
  if (settings === undefined) return { unasked: 'there are no api credentials to read the rest with' }
  if (!hydrate) return { unasked: 'the rest was not read; --hydrate reads it from the platform now' }
  if (settings.endpoint === SANDBOX)
    return {
      unasked: 'the api of the connection is the sandbox’s, which answers only inside a running relay'
    }
  return { api: apiOf(settings) }
}

async function placesRead(
  platform: Platform,
  connection: Connection,
  said: Said[],
  asking: Asking
): Promise<PlaceRead[]> {
  if ('unasked' in asking) return []
  return Promise.all(
    placesToRead(platform, connection, said).map(async ({ placeId: id }): Promise<PlaceRead> => {
      try {
        const fields = await platform.readPlace?.(id, asking.api, connection)
        return { id, ...(fields && { fields }) }
      } catch (error) {
        return { id, trouble: troubleOf(error) }
      }
    })
  )
}

/** @param eventIndex behind all that the delivery said */
function learnt(
  places: PlaceRead[],
  connection: Connection,
  deliveryId: string,
  eventIndex: number,
  version: number
): Said[] {
  return places.flatMap(({ id, fields }, changeIndex) =>
    placeLearnt(id, version, fields).map(change => ({
      change,
      connection,
      deliveryId,
      eventIndex,
      changeIndex
    }))
  )
}

function circumstancesOf(
  { sourceId }: HeldResource,
  said: Said[],
  { platform, connection }: DryRunOptions,
  asking: Asking
): Circumstances {
  const stays = said.flatMap(({ change }) => (change.change === 'stays' ? change.stays : []))
  const place = stays.findLast(stay => stay.id === sourceId)?.places?.[0]
  return { title: platform.title, place, api: apiState(platform, connection, asking) }
}

function apiState(platform: Platform, { api }: Connection, asking: Asking): Circumstances['api'] {
  if (platform.readPlace === undefined && platform.hydration === undefined) return 'none'
  if (api === undefined) return 'not configured'
  return 'unasked' in asking ? 'not asked' : 'asked'
}
