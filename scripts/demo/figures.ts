import { kindOfList } from '../../src/model/kind.ts'
import type { CallRecord } from '../../src/sandbox/call-log.ts'
import type { Store } from '../../src/store/store.ts'
import type { Account } from './account.ts'
import { hasFailed } from './sandbox.ts'

/** What one account's story came to, in numbers. */
export interface Figures {
  sent: number
  doubled: number
  stored: number
  /** Stored, and neither translated nor known to be of no use. */
  unfinished: number
  /** Changes of stays that were stale on arrival, or replaced by a newer one before any call was made of them. */
  superseded: number
  pushes: number
  deletes: number
  failed: number
  /** Failed calls of which every key went through later. */
  repeated: number
}

/** @param calls every call that reached Seam, of whichever customer */
export async function figuresOf(account: Account, store: Store, calls: CallRecord[]): Promise<Figures> {
  const own = calls.filter(call => concerns(call, account))
  const failed = own.filter(hasFailed)
  const states = await deliveryStates(account, store)
  return {
    sent: account.sent.webhooks,
    doubled: account.sent.doubled,
    stored: states.length,
    unfinished: states.filter(state => state !== 'translated' && state !== 'ignored').length,
    superseded: await supersededOf(account, store),
    pushes: own.filter(call => call.operation === 'push_data').length,
    deletes: own.filter(call => call.operation === 'delete_data').length,
    failed: failed.length,
    repeated: failed.filter(call => wentThrough(call, own)).length
  }
}

/** A deletion does not name the customer; its keys begin with the connection. */
function concerns(call: CallRecord, { connection }: Account): boolean {
  return keysOf(call).some(key => key === connection.customerKey || key.startsWith(`${connection.id}:`))
}

function wentThrough(failed: CallRecord, calls: CallRecord[]): boolean {
  const settled = new Set(calls.filter(call => call.call > failed.call && !hasFailed(call)).flatMap(keysOf))
  return keysOf(failed).every(key => settled.has(key))
}

function keysOf({ keys }: CallRecord): string[] {
  return Object.values(keys).flat()
}

async function deliveryStates({ connection }: Account, { db }: Store): Promise<string[]> {
  const rows = await db
    .selectFrom('deliveries')
    .select('state')
    .where('connection_id', '=', connection.id)
    .execute()
  return rows.map(({ state }) => state)
}

async function supersededOf({ connection }: Account, { db }: Store): Promise<number> {
  const rows = await db
    .selectFrom('change_log as said')
    .select('said.id')
    .where('said.customer_key', '=', connection.customerKey)
    .where('said.kind', '=', kindOfList(connection.lists.stay))
    .where(eb => {
      const newer = eb
        .selectFrom('resources as now')
        .select('now.key')
        .whereRef('now.kind', '=', 'said.kind')
        .whereRef('now.key', '=', 'said.key')
        .whereRef('now.revision', '>', 'said.revision')
      const called = eb
        .selectFrom('attempt_resources as sent')
        .select('sent.key')
        .whereRef('sent.kind', '=', 'said.kind')
        .whereRef('sent.key', '=', 'said.key')
        .whereRef('sent.revision', '=', 'said.revision')
      return eb.or([eb('said.outcome', '=', 'stale'), eb.and([eb.exists(newer), eb.not(eb.exists(called))])])
    })
    .execute()
  return rows.length
}
