import type { Desired } from '../desired/desired.ts'
import { KeyHasOwner } from '../desired/lane-view.ts'
import type { SaidByCaller } from '../desired/merge.ts'
import { keysOfPush } from '../desired/merge-calls.ts'
import { type OffboardOptions, offboard } from '../desired/offboard.ts'
import { RelayError } from '../errors.ts'
import { type Call, type CallChange, callOf, type EraseChange, type PushChange } from '../model/call.ts'
import { parseJson } from '../model/delivery.ts'
import type { KeyOwner } from '../model/key-owner.ts'
import { kindNames, kinds } from '../model/kind.ts'
import { stampOf } from '../model/stamp.ts'
import type { ClaimedDelivery } from '../store/deliveries.ts'
import { type Lane, type Resources, strayLane } from '../store/resources.ts'
import type { Write } from '../store/write.ts'
import type { EventOutcome } from './outcome.ts'

export interface CallsOptions extends OffboardOptions {
  desired: Desired
  resources: Resources
  keyOwner: KeyOwner
}

/** So often somebody may come to have a key between a look and the commit; after that the delivery rests. */
const MOST_ROUNDS = 10

/** A call as it was checked at the door. */
type Body = Record<string, unknown>

export type Calls = ReturnType<typeof callsRoom>

/** What callers pushed and deleted in Seam's own words → the desired state, lane by lane. */
export function callsRoom(options: CallsOptions) {
  const { desired, resources, keyOwner } = options

  /**
   * @param end the delivery's own end, committed with the last of what it brings
   * @throws RelayError RELAY_KEY_TAKEN; RELAY_KEY_BEING_DELETED (retryable)
   */
  async function take(
    delivery: ClaimedDelivery,
    end: (outcomes: EventOutcome[]) => Write[]
  ): Promise<number> {
    const call = callOf(delivery.headers)
    const body = parseJson(delivery.body) as Body
    const outcomes: EventOutcome[] = [{ type: call.operation, outcome: 'translated' }]
    const version = call.version ?? delivery.receivedAt
    const work = { call, body, version, deliveryId: delivery.id, also: end(outcomes) }
    return call.operation === 'push_data' ? push(work) : erase(work)
  }

  interface CallWork {
    call: Call
    body: Body
    version: number
    deliveryId: string
    also: Write[]
  }

  async function push({ call, body, version, deliveryId, also }: CallWork): Promise<number> {
    const customerKey = String(body.customer_key)
    const changes = pushesIn(body, version)
    await checkKeys(call.workspaceId, customerKey, changes)
    const lane = { workspaceId: call.workspaceId, customerKey }
    try {
      await desired.apply(lane, { said: saidOf(changes, deliveryId), redraw: [], also })
    } catch (error) {
      if (error instanceof KeyHasOwner) throw new RelayError('RELAY_KEY_TAKEN')
      throw error
    }
    return changes.length
  }

  /** Keys are unique in the workspace: whatever belongs to another customer is neither written nor named. */
  async function checkKeys(workspaceId: string, customerKey: string, changes: PushChange[]): Promise<void> {
    const keys = [...new Set(changes.flatMap(keysOfPush))]
    const holders = (await resources.owners(workspaceId, keys)).filter(owner => !owner.isGone)
    const owners = Map.groupBy(holders, owner => owner.key)
    for (const key of keys) {
      const known = owners.get(key)
      const stored = known === undefined || known.some(owner => owner.customerKey === customerKey)
      const expected = keyOwner(workspaceId, key) ?? customerKey
      if (!stored || expected !== customerKey) throw new RelayError('RELAY_KEY_TAKEN')
    }
  }

  async function erase({ call, body, version, deliveryId, also }: CallWork): Promise<number> {
    const { workspaceId } = call
    const erasures = erasuresIn(body, version)
    const may = (customerKey: string) => call.customers?.includes(customerKey) ?? true
    let left = erasures
    for (let round = 0; left.length > 0; round += 1) {
      if (round === MOST_ROUNDS)
        throw new RelayError('RELAY_KEY_BEING_DELETED', 'keys of this call keep changing hands', {
          retryable: true
        })
      const found = await ownersOf(workspaceId, left)
      const within = found.filter(({ customerKey }) => may(customerKey))
      await applyTo(workspaceId, within, deliveryId)
      left = left.filter(each => !found.some(({ erasure }) => isSame(erasure, each)))
      if (await eraseUnknown(call, left, deliveryId)) break
    }
    const customers = textsIn(body, 'customer_keys').filter(may)
    const stamp = stampOf(version, deliveryId, true)
    for (const customerKey of customers) await offboard(options, { workspaceId, customerKey }, stamp, [])
    await options.store.commit(also)
    return erasures.length + customers.length
  }

  /**
   * Keys that nobody has are kept as deleted, so that an older push of one is too late. A caller with customers of its own
   * reaches nothing beyond them: for others nobody asks Seam.
   * @returns false where somebody has come to have one of them meanwhile
   */
  async function eraseUnknown(call: Call, unknown: EraseChange[], deliveryId: string): Promise<boolean> {
    const customers = call.customers ?? [strayLane(call.workspaceId).customerKey]
    const erasures = unknown.map(each => ({ ...each, evenIfUnknown: call.customers === undefined }))
    const stray = customers.flatMap(customerKey => erasures.map(erasure => ({ customerKey, erasure })))
    try {
      await applyTo(call.workspaceId, stray, deliveryId)
      return true
    } catch (error) {
      if (error instanceof KeyHasOwner) return false
      throw error
    }
  }

  /** Erasures of keys that somebody has, by the store or by the connections file. */
  async function ownersOf(
    workspaceId: string,
    erasures: EraseChange[]
  ): Promise<{ customerKey: string; erasure: EraseChange }[]> {
    const rows = await resources.owners(workspaceId, [...new Set(erasures.map(({ key }) => key))])
    return erasures.flatMap(erasure => {
      const { kind, key } = erasure
      const expected = keyOwner(workspaceId, key)
      const known = rows.filter(row => row.key === key && row.kind === kind).map(row => row.customerKey)
      const customers = known.length > 0 || expected === undefined ? known : [expected]
      return customers.map(customerKey => ({ customerKey, erasure: { ...erasure, evenIfUnknown: true } }))
    })
  }

  async function applyTo(
    workspaceId: string,
    found: { customerKey: string; erasure: EraseChange }[],
    deliveryId: string
  ): Promise<void> {
    for (const [customerKey, group] of Map.groupBy(found, each => each.customerKey)) {
      const lane: Lane = { workspaceId, customerKey }
      const said = saidOf(
        group.map(({ erasure }) => erasure),
        deliveryId
      )
      await desired.apply(lane, { said, redraw: [], also: [] })
    }
  }

  return { take }
}

function isSame(a: EraseChange, b: EraseChange): boolean {
  return a.kind === b.kind && a.key === b.key
}

function saidOf(changes: CallChange[], deliveryId: string): SaidByCaller[] {
  return changes.map((change, changeIndex) => ({
    change,
    deliveryId,
    eventIndex: 0,
    changeIndex
  }))
}

function pushesIn(body: Body, version: number): PushChange[] {
  return kindNames.flatMap(kind => {
    const entries = (body[kinds[kind].list] ?? []) as Record<string, unknown>[]
    return entries.map(fields => ({
      change: 'push' as const,
      kind,
      key: String(fields[kinds[kind].keyField]),
      fields,
      version
    }))
  })
}

function erasuresIn(body: Body, version: number): EraseChange[] {
  return kindNames.flatMap(kind => {
    const list = kinds[kind].deleteList
    const keys = list === undefined ? [] : [...new Set(textsIn(body, list))]
    return keys.map(key => ({ change: 'erase' as const, kind, key, version, evenIfUnknown: false }))
  })
}

function textsIn(body: Body, list: string): string[] {
  const value = body[list]
  return Array.isArray(value) ? value.map(String) : []
}
