import type { Logger } from 'pino'
import { previewOf } from '../desired/preview.ts'
import type { Queries } from '../desired/queries.ts'
import type { Said, SaidByCaller } from '../desired/said.ts'
import { RelayError } from '../errors.ts'
import { CALLERS, type EraseChange } from '../model/call.ts'
import { mayReach } from '../model/caller.ts'
import type { Connection } from '../model/connection.ts'
import type { KeyOwner } from '../model/key-owner.ts'
import type { Candidate, PlannedChange, ReplayOutlook, ReplayPlanner } from '../model/replay-plan.ts'
import { later, NEVER } from '../model/stamp.ts'
import { type Platform, platformOf } from '../platforms/platform.ts'
import type { Lane } from '../store/resources.ts'
import {
  type CallRead,
  customersIn,
  type ErasureOf,
  erasuresIn,
  keyHolders,
  offboardStampOf,
  pushesIn,
  readCall,
  saidOf,
  strayErasures
} from './call-changes.ts'
import { eventsToRead, factsKept } from './hydration.ts'
import { meaningOf } from './meaning.ts'
import { readEvents } from './outcome.ts'

export interface PreviewOptions {
  queries: Queries
  connectionOf(id: string): Connection | undefined
  platforms: Record<string, Platform>
  keyOwner: KeyOwner
  now(): number
  log: Pick<Logger, 'error'>
}

interface LaneMatter {
  lane: Lane
  said: (Said | SaidByCaller)[]
}

/** For so long at most nobody else has a turn. */
const BREATHE_AFTER_MS = 10

const TAKES_OFF = 'it takes a customer off'
const MOVES = 'its customer changes faster than it can be looked at'
const BEING_DELETED = 'a key of its customer is just being deleted at Seam'
const FAILED = 'its customer’s resources could not be worked out'

/**
 * The way of stored deliveries as far as the commit, with the code that they go it by: nothing is written, and no platform is
 * asked. One at a time, since each holds very much in memory.
 */
export function replayPreview(options: PreviewOptions): ReplayPlanner {
  let last: Promise<unknown> = Promise.resolve()
  return {
    outlookOf(candidates) {
      const outlook = last.then(() => new Preview(options).of(candidates))
      last = outlook.catch(() => undefined)
      return outlook
    }
  }
}

class Preview {
  readonly #options: PreviewOptions
  readonly #holders: ReturnType<typeof keyHolders>
  readonly #lanes = new Map<string, LaneMatter>()
  readonly #erasing: CallRead[] = []
  /** By workspace, kind and key: customers that come to have it. */
  readonly #pushed = new Map<string, Set<string>>()
  /** By reason: ids of deliveries. */
  readonly #notExamined = new Map<string, Set<string>>()
  #unread = 0
  #breathed = performance.now()

  constructor(options: PreviewOptions) {
    this.#options = options
    this.#holders = keyHolders({ ...options, resources: options.queries.resources })
  }

  async of(candidates: AsyncIterable<Candidate[]>): Promise<ReplayOutlook> {
    const at = this.#options.now()
    let examined = 0
    for await (const some of candidates) {
      for (const candidate of some) {
        examined += 1
        await this.#read(candidate)
        await this.#breathe()
      }
    }
    // Behind all pushes, as those say whose keys are.
    for (const call of this.#erasing) await this.#readErasures(call)
    const changes: PlannedChange[] = []
    let unchanged = 0
    let more = false
    for (const matter of this.#lanes.values()) {
      const preview = await this.#previewOf(matter, at)
      changes.push(...(preview?.changes ?? []))
      unchanged += preview?.unchanged ?? 0
      more ||= preview?.more ?? false
    }
    return {
      at,
      examined,
      unread: this.#unread,
      notExamined: [...this.#notExamined].map(([reason, ids]) => ({ reason, count: ids.size })),
      unchanged,
      changes,
      more
    }
  }

  async #previewOf({ lane, said }: LaneMatter, at: number) {
    const ids = said.map(each => each.deliveryId)
    try {
      const preview = await previewOf(this.#options, lane, said, at, () => this.#breathe())
      if (preview === undefined) this.#leaveOut(MOVES, ids)
      return preview
    } catch (error) {
      if (error instanceof RelayError && error.code === 'RELAY_STORE_UNAVAILABLE') throw error
      const isDeleted = isBeingDeleted(error)
      if (!isDeleted) {
        const { customerKey } = lane
        this.#options.log.error({ event: 'replay.not_planned', customerKey, err: error })
      }
      this.#leaveOut(isDeleted ? BEING_DELETED : FAILED, ids)
      return undefined
    }
  }

  async #read(candidate: Candidate): Promise<void> {
    if (candidate.connectionId === CALLERS) return this.#readCall(candidate)
    const connection = this.#options.connectionOf(candidate.connectionId)
    const platform = connection && platformOf(this.#options.platforms, connection)
    // It would be held, and say nothing.
    if (connection === undefined || platform === undefined) return
    const events = await readEvents(platform, candidate).catch(() => [])
    if (candidate.facts === undefined && eventsToRead(platform, events, connection).length > 0) {
      this.#unread += 1
      return
    }
    const facts = factsKept(candidate.facts ?? [])
    const { said } = meaningOf(platform, { events, facts }, candidate, connection)
    if (said.length > 0) this.#say(connection, said)
  }

  async #readCall(candidate: Candidate): Promise<void> {
    const read = readCall(candidate)
    if (read.call.operation === 'delete_data') return void this.#erasing.push(read)
    const { workspaceId } = read.call
    const customerKey = String(read.body.customer_key)
    const changes = pushesIn(read)
    try {
      await this.#holders.check(workspaceId, customerKey, changes)
    } catch (error) {
      // It would be dead, and say nothing.
      if (error instanceof RelayError && error.code === 'RELAY_KEY_TAKEN') return
      if (isBeingDeleted(error)) return this.#leaveOut(BEING_DELETED, [read.deliveryId])
      throw error
    }
    this.#say({ workspaceId, customerKey }, saidOf(changes, read.deliveryId))
    for (const { kind, key } of changes) {
      const id = JSON.stringify([workspaceId, kind, key])
      this.#pushed.set(id, (this.#pushed.get(id) ?? new Set()).add(customerKey))
    }
  }

  async #readErasures(read: CallRead): Promise<void> {
    const { call, deliveryId } = read
    const { workspaceId } = call
    const stamp = offboardStampOf(read)
    for (const customerKey of customersIn(read)) {
      const state = await this.#options.queries.lanes.state({ workspaceId, customerKey })
      const known = state?.offboardStamp ?? NEVER
      if (later(known, stamp) !== known) return this.#leaveOut(TAKES_OFF, [deliveryId])
    }
    const erasures = erasuresIn(read)
    const found = [
      ...(await this.#holders.of(workspaceId, erasures)),
      ...erasures.flatMap(erasure => this.#pushedHere(workspaceId, erasure))
    ]
    const has = (erasure: EraseChange) =>
      found.some(each => each.erasure.kind === erasure.kind && each.erasure.key === erasure.key)
    const all = [
      ...found.filter(({ customerKey }) => mayReach(call, customerKey)),
      ...strayErasures(
        call,
        erasures.filter(each => !has(each))
      )
    ]
    for (const [customerKey, group] of Map.groupBy(all, each => each.customerKey)) {
      const distinct = new Map(group.map(({ erasure }) => [`${erasure.kind} ${erasure.key}`, erasure]))
      this.#say({ workspaceId, customerKey }, saidOf([...distinct.values()], deliveryId))
    }
  }

  /** Customers that would have it by one of these deliveries. */
  #pushedHere(workspaceId: string, erasure: EraseChange): ErasureOf[] {
    const customers = this.#pushed.get(JSON.stringify([workspaceId, erasure.kind, erasure.key])) ?? []
    return [...customers].map(customerKey => ({ customerKey, erasure: { ...erasure, evenIfUnknown: true } }))
  }

  #say({ workspaceId, customerKey }: Lane, said: (Said | SaidByCaller)[]): void {
    const id = JSON.stringify([workspaceId, customerKey])
    const matter = this.#lanes.get(id) ?? { lane: { workspaceId, customerKey }, said: [] }
    for (const each of said) matter.said.push(each)
    this.#lanes.set(id, matter)
  }

  #leaveOut(reason: string, ids: string[]): void {
    const known = this.#notExamined.get(reason) ?? new Set()
    for (const id of ids) known.add(id)
    this.#notExamined.set(reason, known)
  }

  async #breathe(): Promise<void> {
    if (performance.now() - this.#breathed < BREATHE_AFTER_MS) return
    await new Promise(resolve => setImmediate(resolve))
    this.#breathed = performance.now()
  }
}

function isBeingDeleted(error: unknown): boolean {
  return error instanceof RelayError && error.code === 'RELAY_KEY_BEING_DELETED'
}
