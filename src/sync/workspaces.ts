import type { Logger } from 'pino'
import { type BackoffSchedule, backoffMs } from '../backoff.ts'
import type { SeamError } from '../seam/seam-error.ts'
import type { ClaimedLane } from '../store/lane-claims.ts'
import type { Outbox } from '../store/outbox.ts'
import { noWait } from '../store/workspace-waits.ts'

export interface WorkspacesOptions {
  outbox: Outbox
  now(): number
  random(): number
  log: Logger
}

/** Seam's moods towards a whole workspace: it asked to wait, or takes neither key nor address. */
export interface Workspaces {
  /** @throws WorkspaceHeld where a call made for another customer meanwhile, by whatever process, learnt that nobody is to call */
  checkOpen(lane: ClaimedLane): Promise<void>
  /** Seam answered, if only to refuse one body: whatever held the workspace is over. */
  works(lane: ClaimedLane): Promise<void>
  /**
   * What a failure speaks of. Where the workspace has worked for others since a call of this customer seemed to be at a wrong
   * address, that is the customer's own trouble: something of it is answered so.
   */
  judged(lane: ClaimedLane, error: SeamError): Promise<SeamError>
  /** After 429, 401 and the like: nobody calls for a while. @returns until when the customer itself does not */
  hold(lane: ClaimedLane, error: SeamError): Promise<number>
  /** A lane that was to find out whether the workspace works again has not; the next one does so at `at`. */
  passOn(lane: ClaimedLane, at: number): Promise<void>
}

/** Nothing went wrong here; somebody else's call was answered with a wait. */
export class WorkspaceHeld extends Error {
  readonly until: number

  constructor(until: number) {
    super()
    this.until = until
  }
}

const WAIT_BACKOFF: BackoffSchedule = { firstMs: 1_000, maxMs: 60_000 }
/** Somebody has to mend the key or the address; docs/operations.md promises a try within five minutes. */
const STOPPED_BACKOFF: BackoffSchedule = { firstMs: 5_000, maxMs: 300_000 }

/** Enough for another customer's call to be made first. */
const AFTER_OTHERS_MS = 1_000

/** Not about the key, which is the same for all. */
function isAboutAddress({ code }: SeamError): boolean {
  return code === 'RELAY_SEAM_ENDPOINT'
}

export function workspacesOf({ outbox, now, random, log }: WorkspacesOptions): Workspaces {
  /** What this process has learnt, which the store may not know yet. */
  const heldUntil = new Map<string, number>()

  /** One after the other: calls that are refused at the same moment must not overwrite each other's waits. */
  let holding: Promise<unknown> = Promise.resolve()

  async function hold(lane: ClaimedLane, error: SeamError): Promise<number> {
    const id = lane.workspaceId
    const at = now()
    const { probeUntil } = lane
    const probe = probeUntil !== undefined
    const before = await outbox.workspace(id)
    // Calls that were under way when the first one was refused are no further failures, but may ask for a longer wait.
    const counts = probe || before.waitUntil <= at
    const failures = before.failures + (counts ? 1 : 0)
    const stopped = error.outcome === 'stop'
    const waitMs = counts
      ? backoffMs(stopped ? STOPPED_BACKOFF : WAIT_BACKOFF, failures, random(), error.retryAfterMs)
      : (error.retryAfterMs ?? 0)
    // The others' wait for a probe is over with it; a longer one somebody was told meanwhile.
    const waitBefore = probe && before.waitUntil <= probeUntil ? 0 : before.waitUntil
    const waitUntil = Math.max(waitBefore, at + waitMs)
    const found = { waitUntil, failures, stopped, reason: error.message }
    heldUntil.set(id, probe ? waitUntil : Math.max(heldUntil.get(id) ?? 0, at + waitMs))
    await (waitBefore === 0 && probe
      ? outbox.settleWorkspace(id, found, probeUntil)
      : outbox.delayWorkspace(id, found))
    lane.probeUntil = undefined
    const said = { workspaceId: id, code: error.code, status: error.status, waitMs: waitUntil - at }
    if (stopped) log.error({ event: 'workspace.stopped', ...said })
    else log.warn({ event: 'workspace.waits', ...said })
    // Somebody else finds out the next time: it may be this customer alone. Otherwise it need not wait longer than all.
    return probe && isAboutAddress(error) ? waitUntil + AFTER_OTHERS_MS : at
  }

  return {
    async checkOpen({ workspaceId, probeUntil }) {
      if (probeUntil !== undefined) return
      const known = heldUntil.get(workspaceId) ?? 0
      const until = known > now() ? known : (await outbox.workspace(workspaceId)).waitUntil
      if (until > now()) throw new WorkspaceHeld(until)
    },

    async judged(lane, error) {
      if (!isAboutAddress(error) || lane.probeUntil !== undefined || lane.failures === 0) return error
      const { failures } = await outbox.workspace(lane.workspaceId)
      return failures > 0 ? error : error.asTrouble()
    },

    async works(lane) {
      // An answer to a call that was under way when Seam asked to wait ends no wait; only the probe's does, and none that another
      // call was told of since.
      const { probeUntil } = lane
      if (probeUntil === undefined) return
      lane.probeUntil = undefined
      await outbox.settleWorkspace(lane.workspaceId, noWait, probeUntil)
      log.info({ event: 'workspace.works_again', workspaceId: lane.workspaceId })
    },

    hold(lane, error) {
      const held = holding.then(() => hold(lane, error))
      holding = held.catch(() => undefined)
      return held
    },

    async passOn(lane, at) {
      const { probeUntil } = lane
      if (probeUntil === undefined) return
      lane.probeUntil = undefined
      await outbox.probeWorkspace(lane.workspaceId, at, probeUntil)
    }
  }
}
