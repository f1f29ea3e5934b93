import type { Logger } from 'pino'
import { RelayError } from '../errors.ts'
import type { Deliveries } from '../store/deliveries.ts'
import type { InHand, Job, Jobs, Progress } from '../store/jobs.ts'
import type { Refused, RefusedChosen, RefusedId } from '../store/refused.ts'
import type { DeliveriesChosen, Replays } from '../store/replays.ts'
import type { Store } from '../store/store.ts'
import { inTurn } from '../store/tombstones.ts'
import { isAway } from '../store/unavailable.ts'
import type { Write } from '../store/write.ts'

export interface ReplayOptions {
  store: Store
  jobs: Jobs
  deliveries: Deliveries
  replays: Replays
  refused: Refused
  /** How long jobs that are over are kept, ms. */
  keepMs: number
  now(): number
  log: Logger
  /** Deliveries are due. */
  onStored(): void
  /** Something is to be sent, so many ms from now. */
  onDue(afterMs: number): void
}

export interface Replaying {
  /** One step of each job. */
  replayOnce(): Promise<'busy' | 'idle'>
}

/**
 * What one job has in the queues, at most: so a cancelled one is over soon, and what is told of its progress is so. The next
 * ones follow when half of them have come to their end.
 */
const HANDFUL = 400
/** Parts that one step counts. */
const PARTS_AT_ONCE = 5
/** What is too old may be so for an hour longer. */
const FORGET_EVERY_MS = 3_600_000
/** Behind the last one of all. */
const END = ''

/** What a step does beside moving the job on. */
interface Step {
  progress: Progress
  writes: Write[]
  /** Whoever works on what was put into the queue. */
  wake?: () => void
}

/**
 * Long work of operators: deliveries and refused resources, put back a handful at a time. Where each step rests upon how
 * the job was read, and writes how far it has come together with what it does, any process may make the next one.
 */
export function replayRoom(options: ReplayOptions): Replaying {
  const { store, jobs, deliveries, replays, refused, now, log } = options
  let forgetAt = 0

  async function replayOnce(): Promise<'busy' | 'idle'> {
    try {
      const running = await jobs.running()
      let busy = false
      for (const job of running) if (await moveOn(job)) busy = true
      if (running.length === 0) await forgetOld()
      return busy ? 'busy' : 'idle'
    } catch (error) {
      if (!isAway(error)) log.error({ event: 'replay.failed', err: error })
      return 'idle'
    }
  }

  async function forgetOld(): Promise<void> {
    if (now() < forgetAt) return
    await jobs.forget(now() - options.keepMs)
    forgetAt = now() + FORGET_EVERY_MS
  }

  /** @returns whether it has come any further */
  async function moveOn(job: Job): Promise<boolean> {
    try {
      if (job.total === null) return await count(job)
      const { chosen } = job
      const step =
        chosen.of === 'deliveries'
          ? await runDeliveries(job, chosen, job.inHand as string[])
          : await sendRefused(job, chosen, job.inHand as RefusedId[])
      return step !== undefined && (await make(job, step))
    } catch (error) {
      if (error instanceof RelayError && error.retryable) throw error
      log.error({ event: 'job.failed', jobId: job.id, kind: job.kind, err: error })
      const reason = 'RELAY_INTERNAL: a step of the job failed; the log has the error'
      await store.commit([jobs.end(job, 'failed', now(), {}, reason)])
      return true
    }
  }

  /** How much there is to be done is counted first: of very many, a part at a time. */
  async function count(job: Job): Promise<boolean> {
    const { chosen } = job
    if (chosen.of === 'refused') {
      const total = await refused.count(chosen, job.created_at)
      return make(job, { progress: { total, began_at: now() }, writes: [] })
    }
    let { counted } = job
    let before: string | undefined = job.cursor ?? job.id
    for (let part = 0; part < PARTS_AT_ONCE && before !== undefined; part += 1) {
      const { ids, next } = await replays.part(chosen, before)
      counted += ids.length
      before = next
    }
    const progress =
      before === undefined
        ? { total: counted, counted, cursor: null, began_at: now() }
        : { counted, cursor: before }
    return make(job, { progress, writes: [] })
  }

  async function runDeliveries(
    job: Job,
    chosen: DeliveriesChosen,
    inHand: string[]
  ): Promise<Step | undefined> {
    const left = await replays.underWay(inHand)
    const cursor = job.cursor ?? job.id
    const room = roomBeside(left)
    if (cursor === END || room === 0) return stepOf(job, left)
    const { ids, next = END } = await replays.part(chosen, cursor, room)
    const writes = [inTurn(store), deliveries.runAgain(ids, now(), chosen.ids === undefined)]
    return {
      progress: { ...progressOf(job, [...left, ...ids], left), cursor: next },
      writes: ids.length === 0 ? [] : writes,
      wake: options.onStored
    }
  }

  async function sendRefused(
    job: Job,
    chosen: RefusedChosen,
    inHand: RefusedId[]
  ): Promise<Step | undefined> {
    const left = await refused.unanswered(inHand)
    const room = roomBeside(left)
    if (job.cursor === END || room === 0) return stepOf(job, left)
    const { rows, next = END } = await refused.part(chosen, job.created_at, job.cursor, room)
    const ids = rows.map(
      ({ workspaceId, customerKey, kind, key }): RefusedId => [workspaceId, customerKey, kind, key]
    )
    return {
      progress: { ...progressOf(job, [...left, ...ids], left), cursor: next },
      writes: refused.lift(rows, now()),
      wake: () => options.onDue(0)
    }
  }

  /** Nothing more is to be put into the queues just now. */
  function stepOf(job: Job, left: InHand[]): Step | undefined {
    if (left.length === job.inHand.length && left.length > 0) return undefined
    return { progress: progressOf(job, left, left), writes: [] }
  }

  function progressOf(job: Job, inHand: InHand[], left: InHand[]): Progress {
    return { inHand, done: job.done + job.inHand.length - left.length }
  }

  /** @returns false where somebody else has made the step, or has cancelled the job */
  async function make(job: Job, { progress, writes, wake }: Step): Promise<boolean> {
    const { cursor = job.cursor, inHand } = progress
    const isOver = job.total !== null && cursor === END && inHand?.length === 0
    const moved = isOver ? jobs.end(job, 'done', now(), progress) : jobs.advance(job, progress)
    const { committed } = await store.commit([moved, ...writes])
    if (!committed) return false
    wake?.()
    const { id: jobId, kind } = job
    if (isOver) log.info({ event: 'job.done', jobId, kind, done: progress.done })
    return true
  }

  return { replayOnce }
}

function roomBeside(inHand: InHand[]): number {
  return inHand.length > HANDFUL / 2 ? 0 : HANDFUL - inHand.length
}
