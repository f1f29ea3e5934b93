import { keyBeingDeleted } from '../desired/lane-keys.ts'
import { keysOfPush } from '../desired/merge-calls.ts'
import type { SaidByCaller } from '../desired/said.ts'
import { RelayError } from '../errors.ts'
import { type Call, type CallChange, callOf, type EraseChange, type PushChange } from '../model/call.ts'
import { mayReach } from '../model/caller.ts'
import { type Delivery, parseJson } from '../model/delivery.ts'
import type { KeyOwner } from '../model/key-owner.ts'
import { kindNames, kinds } from '../model/kind.ts'
import { type Stamp, stampOf } from '../model/stamp.ts'
import { type Resources, strayLane } from '../store/resources.ts'

/** A caller's call, read again. */
export interface CallRead {
  call: Call
  /** As it was checked at the door. */
  body: Record<string, unknown>
  /** Milliseconds since 1970. */
  version: number
  deliveryId: string
}

/** An erasure, and whose resource it is. */
export interface ErasureOf {
  customerKey: string
  erasure: EraseChange
}

export function readCall(delivery: Delivery): CallRead {
  const call = callOf(delivery.headers)
  const body = parseJson(delivery.body) as CallRead['body']
  return { call, body, version: call.version ?? delivery.receivedAt, deliveryId: delivery.id }
}

export function pushesIn({ body, version }: CallRead): PushChange[] {
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

export function erasuresIn({ call, body, version }: CallRead): EraseChange[] {
  const winsTies = call.version !== undefined
  const everywhere = call.customers === undefined
  return kindNames.flatMap(kind => {
    const list = kinds[kind].deleteList
    const keys = list === undefined ? [] : [...new Set(textsIn(body[list]))]
    const change = { change: 'erase' as const, kind, version, winsTies, evenIfUnknown: false, everywhere }
    return keys.map(key => ({ ...change, key }))
  })
}

/** When customers were taken off; see {@link EraseChange.winsTies}. */
export function offboardStampOf({ call, version, deliveryId }: CallRead): Stamp {
  return stampOf(version, deliveryId, call.version !== undefined)
}

/** Customers that the call takes off, of those that its caller may reach. */
export function customersIn({ call, body }: CallRead): string[] {
  return textsIn(body.customer_keys).filter(customerKey => mayReach(call, customerKey))
}

/**
 * Keys that nobody has are kept as deleted, so that an older push of one is too late. A caller with customers of its own
 * reaches nothing beyond them: for others nobody asks Seam.
 */
export function strayErasures({ workspaceId, customers }: Call, unknown: EraseChange[]): ErasureOf[] {
  const lanes = customers ?? [strayLane(workspaceId).customerKey]
  const erasures = unknown.map(each => ({ ...each, evenIfUnknown: customers === undefined }))
  return lanes.flatMap(customerKey => erasures.map(erasure => ({ customerKey, erasure })))
}

export function saidOf(changes: CallChange[], deliveryId: string): SaidByCaller[] {
  return changes.map((change, changeIndex) => ({
    change,
    deliveryId,
    eventIndex: 0,
    changeIndex
  }))
}

/** Whose keys are, by the store and by the connections file. */
export function keyHolders({ resources, keyOwner }: { resources: Resources; keyOwner: KeyOwner }) {
  return {
    /**
     * Keys are unique in the workspace: whatever belongs to another customer is neither written nor named.
     * @throws RelayError RELAY_KEY_TAKEN; RELAY_KEY_BEING_DELETED (retryable) where they come free by themselves
     */
    async check(workspaceId: string, customerKey: string, changes: PushChange[]): Promise<void> {
      const keys = [...new Set(changes.flatMap(keysOfPush))]
      const holders = (await resources.owners(workspaceId, keys)).filter(owner => !owner.isGone)
      const foreign = [...Map.groupBy(holders, owner => owner.key).values()]
        .filter(owners => owners.every(owner => owner.customerKey !== customerKey))
        .flat()
      const isKept = keys.some(key => (keyOwner(workspaceId, key) ?? customerKey) !== customerKey)
      if (isKept || foreign.some(owner => !owner.isBeingDeleted)) throw new RelayError('RELAY_KEY_TAKEN')
      if (foreign.length > 0) throw keyBeingDeleted()
    },

    /** Erasures of keys that somebody has. */
    async of(workspaceId: string, erasures: EraseChange[]): Promise<ErasureOf[]> {
      const rows = await resources.owners(workspaceId, [...new Set(erasures.map(({ key }) => key))])
      return erasures.flatMap(erasure => {
        const { kind, key } = erasure
        const expected = keyOwner(workspaceId, key)
        const known = rows.filter(row => row.key === key && row.kind === kind).map(row => row.customerKey)
        const customers = known.length > 0 || expected === undefined ? known : [expected]
        return customers.map(customerKey => ({ customerKey, erasure: { ...erasure, evenIfUnknown: true } }))
      })
    }
  }
}

function textsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : []
}
