import type { Test } from 'tap'
import type { NewDelivery } from '../../src/store/delivery-intake.ts'
import type { KeptRequest } from '../../src/store/rejected.ts'
import type { DesiredRow, Lane } from '../../src/store/resources.ts'
import { storeRooms } from '../../src/store/rooms.ts'
import type { Store } from '../../src/store/store.ts'
import type { Write } from '../../src/store/write.ts'

/** An engine under test. */
export interface Engine {
  name: string
  /** A store of its own; it closes with the test. */
  open(t: Test): Promise<Store>
  /** One store for all tests, emptied: opening takes longer than most tests. */
  emptied(): Promise<Store>
  /**
   * Two commits on that store, as much at once as the engine has it: where commits run beside each other, all of the first one
   * has run when the second one begins, and ends only once that waits for it or has ended itself.
   * @returns whether each was committed
   */
  atOnce(first: Write[], second: Write[]): Promise<[boolean, boolean]>
}

export const lane: Lane = { workspaceId: 'default', customerKey: 'lakeside-homes' }
export const otherLane: Lane = { workspaceId: 'default', customerKey: 'hillside-homes' }

export async function emptyRooms(engine: Engine) {
  const store = await engine.emptied()
  return { store, ...storeRooms(store) }
}

export function aDelivery(id: string, told: Partial<NewDelivery> = {}): NewDelivery {
  return {
    id,
    connectionId: 'lakeside',
    platform: 'acme',
    receivedAt: 1_000,
    headers: { 'content-type': 'application/json' },
    query: { event: ['booked'] },
    body: Buffer.from('{"id":1}'),
    dedupeKey: undefined,
    ...told
  }
}

export function aRejected(id: string, told: Partial<KeptRequest> = {}): KeptRequest {
  return {
    id,
    connectionId: 'lakeside',
    platform: 'acme',
    receivedAt: 1_000,
    cause: 'signature_wrong',
    headers: { 'x-acme-signature': 'f00d' },
    query: {},
    remoteAddress: '192.0.2.7',
    body: Buffer.from('{"id":1}'),
    ...told
  }
}

/** A stay that Seam has not heard of. */
export function aResource(key: string, told: Partial<DesiredRow> = {}): DesiredRow {
  return {
    workspace_id: lane.workspaceId,
    customer_key: lane.customerKey,
    kind: 'reservation',
    key,
    connection_id: 'lakeside',
    source_id: key,
    booking: null,
    facts: '{}',
    upsert_stamp: '1',
    removed_stamp: '',
    fields: JSON.stringify({ reservation_key: key }),
    held: null,
    warnings: null,
    version: 1,
    revision: 1,
    starts_at: null,
    guest_used: null,
    names: null,
    updated_at: 1_000,
    ...told
  }
}
