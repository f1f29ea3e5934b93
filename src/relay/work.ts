import { desiredState } from '../desired/desired.ts'
import { redrawing } from '../desired/redraw.ts'
import type { Steps } from '../loops.ts'
import { DAY_MS } from '../model/durations.ts'
import { tallyRoom } from '../operate/tally.ts'
import { pruneRoom } from '../prune/prune.ts'
import { replayRoom } from '../replay/replay.ts'
import { syncRoom } from '../sync/sync.ts'
import { callsRoom } from '../translate/calls.ts'
import { crowdOf } from '../translate/crowd.ts'
import { factsReader } from '../translate/hydration.ts'
import { placesRoom } from '../translate/places.ts'
import { platformApis } from '../translate/platform-api.ts'
import { restsOf } from '../translate/rests.ts'
import { secondLooksRoom } from '../translate/second-looks.ts'
import { translateRoom } from '../translate/translate.ts'
import type { Ground } from './ground.ts'

/** Platforms' places that are read at the same time: few, since a platform's rate is better spent on bookings. */
const PLACES_AT_ONCE = 2

/** The rooms that work by themselves. */
export interface WorkingRooms {
  /** Starts the loops. */
  run(): void
  /** One step of each room, for those who set the pace themselves. */
  steps: Steps
  /** Resolves when the steps under way have ended. */
  stop(): Promise<void>
  /** Lets the platforms' APIs go. */
  close(): Promise<void>
}

export function workOf(ground: Ground): WorkingRooms {
  const { config, queries, metrics, operateStore, log, loops } = ground
  const { onStored, onRedraw, onSettled, onDue } = ground.signals
  const { resources } = queries
  const { signal } = ground.abort

  const desired = desiredState({
    ...ground,
    quietWindowMs: config.quietWindowMs,
    onDue,
    onRedraw,
    onChanges: metrics.changed
  })
  const apis = platformApis({ ...ground, timeoutMs: config.hydrationTimeoutMs, signal })
  const rests = restsOf({ ...ground, kept: ground.rests, onAsked: metrics.platformAsked })
  const crowd = crowdOf()
  const reader = factsReader({ ...ground, resources, apis, rests, crowd })
  const onPlaces = () => loops.wake('readPlaceOnce')
  const translate = translateRoom({
    ...ground,
    calls: callsRoom({ ...ground, resources, desired, onDue, onRedraw }),
    desired,
    reader,
    crowd,
    onPlaces,
    onHandled: onSettled,
    meter: metrics.translate
  })
  const { lookAgainOnce } = secondLooksRoom({ ...ground, desired, reader, onPlaces })
  const { readPlaceOnce } = placesRoom({ ...ground, resources, desired, apis, rests })
  const redrawOnce = redrawing({ desired, queries, log })
  const sync = syncRoom({
    ...ground,
    limits: { resources: config.batchResources, bytes: config.batchBytes },
    atOnce: config.syncConcurrency,
    workspaces: ground.workspaces.length,
    signal,
    onRedraw,
    meter: metrics.sync
  })
  const { pruneOnce } = pruneRoom({
    ...ground,
    keep: {
      bodiesMs: config.keepBodiesDays * DAY_MS,
      historyMs: config.keepHistoryDays * DAY_MS,
      tombstonesMs: config.keepTombstonesDays * DAY_MS
    }
  })
  const { replayOnce } = replayRoom({
    ...ground,
    keepMs: config.keepHistoryDays * DAY_MS,
    onStored,
    onDue
  })
  const { tallyOnce } = tallyRoom({ ...ground, tallies: operateStore.tallies })

  /** Whoever waits for Seam's answer looks again after each step that has done something. */
  async function syncOnce(): Promise<'busy' | 'idle'> {
    const outcome = await sync.syncOnce()
    if (outcome === 'busy') onSettled()
    return outcome
  }

  const steps: Steps = {
    async translateOnce() {
      const outcome = await translate.translateOnce()
      await translate.settled()
      return outcome
    },
    lookAgainOnce,
    readPlaceOnce,
    redrawOnce,
    syncOnce,
    pruneOnce,
    tallyOnce,
    replayOnce
  }

  return {
    run() {
      const atOnce = { readPlaceOnce: PLACES_AT_ONCE, syncOnce: sync.slots }
      loops.run({ ...steps, translateOnce: translate.translateOnce }, atOnce)
    },
    steps,
    async stop() {
      await loops.stop()
      await translate.settled()
    },
    close: apis.close
  }
}
