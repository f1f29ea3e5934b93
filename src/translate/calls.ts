import type { Desired } from '../desired/desired.ts'
import { KeyHasOwner } from '../desired/lane-keys.ts'
import { type OffboardOptions, offboard } from '../desired/offboard.ts'
import { RelayError } from '../errors.ts'
import type { EraseChange } from '../model/call.ts'
import { mayReach } from '../model/caller.ts'
import type { KeyOwner } from '../model/key-owner.ts'
import type { ClaimedDelivery } from '../store/delivery-claims.ts'
import type { Resources } from '../store/resources.ts'
import type { Write } from '../store/write.ts'
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
import type { EventOutcome } from './outcome.ts'

export interface CallsOptions extends OffboardOptions {
  desired: Desired
  resources: Resources
  keyOwner: KeyOwner
}

/** So often somebody may come to have a key between a look and the commit; after that the delivery rests. */
const MOST_ROUNDS = 10

export type CallerCalls = ReturnType<typeof callsRoom>

/** What callers pushed and deleted in Seam's own words → the desired state, lane by lane. */
export function callsRoom(options: CallsOptions) {
  const { desired } = options
  const holders = keyHolders(options)

  /**
   * @param end the delivery's own end, committed with the last of what it brings
   * @throws RelayError RELAY_KEY_TAKEN; RELAY_KEY_BEING_DELETED (retryable)
   */
  async function take(
    delivery: ClaimedDelivery,
    end: (outcomes: EventOutcome[]) => Write[]
  ): Promise<number> {
    const read = readCall(delivery)
    const { operation } = read.call
    const also = end([{ type: operation, outcome: 'translated' }])
    return operation === 'push_data' ? push(read, also) : erase(read, also)
  }

  async function push(read: CallRead, also: Write[]): Promise<number> {
    const { workspaceId } = read.call
    const customerKey = String(read.body.customer_key)
    const changes = pushesIn(read)
    await holders.check(workspaceId, customerKey, changes)
    const lane = { workspaceId, customerKey }
    try {
      await desired.apply(lane, { said: saidOf(changes, read.deliveryId), redraw: [], also })
    } catch (error) {
      if (error instanceof KeyHasOwner) throw new RelayError('RELAY_KEY_TAKEN')
      throw error
    }
    return changes.length
  }

  async function erase(read: CallRead, also: Write[]): Promise<number> {
    const { call, deliveryId } = read
    const { workspaceId } = call
    const erasures = erasuresIn(read)
    const erased = new Set<string>()
    let left = erasures
    for (let round = 0; left.length > 0; round += 1) {
      if (round === MOST_ROUNDS)
        throw new RelayError('RELAY_KEY_BEING_DELETED', 'keys of this call keep changing hands', {
          retryable: true
        })
      const found = await holders.of(workspaceId, left)
      const within = found.filter(({ customerKey }) => mayReach(call, customerKey))
      const fresh = within.filter(each => !erased.has(idOf(each)))
      await applyTo(workspaceId, fresh, deliveryId)
      for (const each of fresh) erased.add(idOf(each))
      // Of what is beyond its reach a caller hears what it would hear if nobody had it.
      const unknown = left.filter(each => !isAmong(within, each))
      const isOver = await eraseUnknown(read, unknown)
      // Another customer may have come to have one before its deletion could be seen: that is looked at once more.
      left = left.filter(each => isAmong(fresh, each) || (!isOver && unknown.includes(each)))
    }
    const customers = customersIn(read)
    const stamp = offboardStampOf(read)
    for (const customerKey of customers) await offboard(options, { workspaceId, customerKey }, stamp, [])
    await options.store.commit(also)
    return erasures.length + customers.length
  }

  /** @returns false where somebody has come to have one of them meanwhile */
  async function eraseUnknown({ call, deliveryId }: CallRead, unknown: EraseChange[]): Promise<boolean> {
    try {
      await applyTo(call.workspaceId, strayErasures(call, unknown), deliveryId)
      return true
    } catch (error) {
      if (error instanceof KeyHasOwner) return false
      throw error
    }
  }

  async function applyTo(workspaceId: string, found: ErasureOf[], deliveryId: string): Promise<void> {
    for (const [customerKey, group] of Map.groupBy(found, each => each.customerKey)) {
      const said = saidOf(
        group.map(({ erasure }) => erasure),
        deliveryId
      )
      await desired.apply({ workspaceId, customerKey }, { said, redraw: [], also: [] })
    }
  }

  return { take }
}

function idOf({ customerKey, erasure }: ErasureOf): string {
  return JSON.stringify([customerKey, erasure.kind, erasure.key])
}

function isAmong(found: ErasureOf[], { kind, key }: EraseChange): boolean {
  return found.some(({ erasure }) => erasure.kind === kind && erasure.key === key)
}
