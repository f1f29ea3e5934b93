import type { ClaimedLane, DueOrder } from '../store/lane-claims.ts'
import type { Lanes } from '../store/lanes.ts'

export interface SlotsOptions {
  lanes: Pick<Lanes, 'claim'>
  /** Customers of one workspace that are sent at the same time. */
  atOnce: number
  /** How many workspaces there are. */
  workspaces: number
  /** Those that leave calls without an answer. */
  silent: ReadonlySet<string>
  leaseMs: number
  /** Whether other processes work on the store too. */
  isShared: boolean
  now(): number
}

/** A customer in hand. */
export interface Slot {
  lane: ClaimedLane
  free(): void
}

export interface Slots {
  /** As many as can be taken at a time. */
  readonly count: number
  /** The most urgent customer for whom there is a slot; undefined where none is due. */
  claim(): Promise<Slot | undefined>
}

/** One for a customer whose calls are not answered, and one for the others of its workspace. */
const OWN = 2
/** Each slot is a loop that looks for work, so they do not grow with the workspaces for ever. */
const MOST_WITH_OWN = 4
/** The others have looked for work more than once meanwhile. */
const KEEP_BACK_MS = 1_500
/** One claim in so many goes by who waits longest. */
const WAITING_EVERY = 4

/**
 * Who has how many of the customers that this process sends at a time. Each workspace has slots of its own, the rest are
 * common: so one that is slow, or does not answer, may take all that are common and yet keeps no other one waiting. The
 * common ones go to whoever is the most urgent, but for workspaces that do not answer: there they would be held until each
 * call runs into its time-out. Where there is a single workspace it has them all.
 */
export function slotsOf({ lanes, atOnce, workspaces, silent, leaseMs, isShared, now }: SlotsOptions): Slots {
  const own = Math.min(OWN, atOnce)
  const common = atOnce - own
  const mostOwn = own * Math.min(workspaces, MOST_WITH_OWN)
  /** By which workspace, one by one. */
  const ownTaken: string[] = []
  let commonTaken = 0
  let claims = 0
  /** One after the other: two that look at the same moment would find the same workspace's slot free. */
  let claimingOwn: Promise<unknown> = Promise.resolve()

  /** Mostly the nearest arrivals; now and then who waits longest, whom those would keep waiting for ever. */
  function nextOrder(): DueOrder {
    claims += 1
    return claims % WAITING_EVERY === 0 ? 'waiting' : 'arrival'
  }

  /**
   * Whom Seam does not answer leaves the first choice to the other processes on the store: what is the matter may be its own
   * way there. Otherwise it would take the customer whose call it has failed again and again, each time for longer.
   */
  function nextLane(order: DueOrder, except: string[]): Promise<ClaimedLane | undefined> {
    const at = now()
    const isCutOff = isShared && [...silent].some(id => !except.includes(id))
    return lanes.claim(at, leaseMs, order, isCutOff ? at - KEEP_BACK_MS : at, except)
  }

  async function claimCommon(order: DueOrder, except: string[]): Promise<Slot | undefined> {
    let lane: ClaimedLane | undefined
    const free = () => {
      commonTaken -= 1
    }
    // Before it is claimed: others look meanwhile.
    commonTaken += 1
    try {
      lane = await nextLane(order, except)
    } finally {
      if (lane === undefined) free()
    }
    return lane && { lane, free }
  }

  async function claimOwn(order: DueOrder): Promise<Slot | undefined> {
    if (ownTaken.length >= mostOwn) return undefined
    const full = ownTaken.filter(id => ownTaken.filter(each => each === id).length >= own)
    const lane = await nextLane(order, [...new Set(full)])
    if (lane === undefined) return undefined
    ownTaken.push(lane.workspaceId)
    return { lane, free: () => void ownTaken.splice(ownTaken.indexOf(lane.workspaceId), 1) }
  }

  return {
    count: common + mostOwn,

    async claim() {
      const order = nextOrder()
      const withoutCommon = workspaces > 1 ? [...silent] : []
      if (commonTaken < common) {
        const slot = await claimCommon(order, withoutCommon)
        if (slot !== undefined || withoutCommon.length === 0) return slot
      }
      // Behind one that the store fails all fail at once: each would wait for the store as long again.
      const claimed = claimingOwn.then(() => claimOwn(order))
      claimingOwn = claimed
      try {
        return await claimed
      } finally {
        if (claimingOwn === claimed) claimingOwn = Promise.resolve()
      }
    }
  }
}
