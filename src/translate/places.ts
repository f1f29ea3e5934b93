import type { Logger } from 'pino'
import { type BackoffSchedule, backoffMs } from '../backoff.ts'
import type { Desired } from '../desired/desired.ts'
import { laneOf, placeRef } from '../desired/keys.ts'
import type { Said } from '../desired/said.ts'
import { errorLine, RelayError } from '../errors.ts'
import { type PlaceFields, type UpsertPlace, upsertPlace } from '../model/change.ts'
import type { Connection } from '../model/connection.ts'
import { DAY_MS } from '../model/durations.ts'
import { isRefusal } from '../platforms/api.ts'
import { type Platform, platformOf } from '../platforms/platform.ts'
import type { ClaimedPlace, PlaceId, PlaceReadings } from '../store/place-readings.ts'
import type { Resources } from '../store/resources.ts'
import type { Store } from '../store/store.ts'
import { isAway } from '../store/unavailable.ts'
import { SHARE_OF_LEASE } from './hydration.ts'
import type { PlatformApis } from './platform-api.ts'
import type { Rests } from './rests.ts'

export interface PlacesOptions {
  store: Store
  placeReadings: PlaceReadings
  resources: Resources
  desired: Desired
  apis: PlatformApis
  rests: Rests
  connectionOf(id: string): Connection | undefined
  platforms: Record<string, Platform>
  leaseMs: number
  now(): number
  random(): number
  nextId(): string
  log: Logger
}

export interface Places {
  /** Asks the platform of the place that is due longest. */
  readPlaceOnce(): Promise<'busy' | 'idle'>
}

/** Places that were learnt together are not asked for together every day. */
const SPREAD = 0.1
const FAILED_BACKOFF: BackoffSchedule = { firstMs: 60_000, maxMs: 3_600_000 }

const NOTHING_TOLD = 'the platform says nothing about the place'

/** Whether there is somebody to ask of a connection's places. */
export function canReadPlaces(platform: Platform | undefined, connection: Connection): boolean {
  return platform?.readPlace !== undefined && connection.api !== undefined
}

/** Places that the platform is to be asked of from now on: those that stays name. */
export function placesToRead(platform: Platform, connection: Connection, said: Said[]): PlaceId[] {
  if (!canReadPlaces(platform, connection)) return []
  const ids = said.flatMap(({ change }) =>
    change.change === 'stays' ? change.stays.flatMap(({ places = [] }) => places) : []
  )
  return [...new Set(ids)].map(placeId => ({ connectionId: connection.id, placeId }))
}

/** What an answer says of a place: facts, where there are any. It brings back none that was removed; whoever names it has it. */
export function placeLearnt(id: string, version: number, fields: PlaceFields = {}): UpsertPlace[] {
  const isTold = Object.values(fields).some(value => value !== undefined)
  return isTold ? [{ ...upsertPlace(id, version, fields), factsOnly: true }] : []
}

/**
 * What platforms say of their places: zone and hours, without which date-only stays are held. Read when a stay first
 * names a place and once a day from then on, for as long as one does; more often while nothing is told.
 */
export function placesRoom(options: PlacesOptions): Places {
  const { store, placeReadings, rests, log, now } = options

  async function readPlaceOnce(): Promise<'busy' | 'idle'> {
    try {
      const place = await placeReadings.claim(now(), options.leaseMs)
      if (place === undefined) return 'idle'
      await read(place)
      return 'busy'
    } catch (error) {
      if (!isAway(error)) log.error({ event: 'places.failed', err: error })
      return 'idle'
    }
  }

  async function read(place: ClaimedPlace): Promise<void> {
    const connection = options.connectionOf(place.connectionId)
    const platform = connection && platformOf(options.platforms, connection)
    const settings = connection?.api
    if (connection === undefined || settings === undefined || platform?.readPlace === undefined) {
      await store.commit(placeReadings.forget(place))
      return
    }
    const lane = laneOf(connection)
    const { key } = placeRef(connection, place.placeId)
    const named = await options.resources.naming(lane, 'place', [key])
    if (named.length === 0) {
      await store.commit(placeReadings.forget(place, { ...lane, key }))
      return
    }
    const asked = await rests.askOfPlace(connection.id)
    if ('comeBackAt' in asked) {
      await store.commit([placeReadings.postpone(place, asked.comeBackAt, undefined)])
      return
    }
    // What happens at the platform while it answers is newer than the answer.
    const version = now()
    const api = options.apis.of(
      connection.id,
      settings,
      AbortSignal.timeout(options.leaseMs * SHARE_OF_LEASE)
    )
    let lacking: RelayError | undefined
    const reading = rests.watch(connection.id, asked.leave, async doneWithout => {
      // Stays need the hours that were told now; what is wanted beside them is asked for again.
      const goesWithout = (trouble: RelayError) => {
        doneWithout(trouble)
        if (!isRefusal(trouble)) lacking = trouble
        return true
      }
      return platform.readPlace?.(place.placeId, { ...api, goesWithout }, connection)
    })
    try {
      const fields = await reading
      await learn(connection, place, fields, version, lacking)
    } catch (error) {
      // No fault of the platform's: the lease runs out, and the place is read again.
      if (isAway(error)) throw error
      await failed(place, error)
    }
  }

  async function learn(
    connection: Connection,
    place: ClaimedPlace,
    fields: PlaceFields | undefined,
    version: number,
    lacking: RelayError | undefined
  ): Promise<void> {
    const at = now()
    const learnt = placeLearnt(place.placeId, version, fields)
    const waitMs = backoffOf(place, lacking?.retryAfterMs)
    const why = lacking === undefined ? NOTHING_TOLD : errorLine(lacking.code, lacking.message)
    // Too new for the platform's API, perhaps: stays of today may wait for it.
    const settled =
      learnt.length === 0 || lacking !== undefined
        ? placeReadings.settleForNow(place, at, at + waitMs, why)
        : placeReadings.settle(place, at, at + DAY_MS * (1 + SPREAD * (options.random() - 0.5)))
    const deliveryId = options.nextId()
    const said = learnt.map((change, changeIndex) => ({
      change,
      connection,
      deliveryId,
      eventIndex: 0,
      changeIndex
    }))
    await options.desired.apply(laneOf(connection), { said, redraw: [], also: [settled] })
    const which = { connectionId: connection.id, placeId: place.placeId }
    // One that is gone there is not taken away here: stays still name it, and say themselves when they end.
    if (fields === undefined) log.info({ event: 'place.not_found', ...which })
    else if (lacking === undefined) log.info({ event: 'place.read', ...which })
    else log.warn({ event: 'place.read_in_part', ...which, code: lacking.code, waitMs, err: lacking })
  }

  function backoffOf({ failures }: ClaimedPlace, retryAfterMs?: number): number {
    return backoffMs(FAILED_BACKOFF, failures + 1, options.random(), retryAfterMs)
  }

  async function failed(place: ClaimedPlace, error: unknown): Promise<void> {
    const { connectionId, placeId } = place
    const known =
      error instanceof RelayError
        ? error
        : new RelayError('RELAY_INTERNAL', 'the reading of the place failed; the log has the error', {
            cause: error
          })
    const waitMs = backoffOf(place, known.retryAfterMs)
    await store.commit([placeReadings.postpone(place, now() + waitMs, errorLine(known.code, known.message))])
    log.warn({ event: 'place.not_read', connectionId, placeId, code: known.code, waitMs, err: error })
  }

  return { readPlaceOnce }
}
