import type { Logger } from 'pino'
import type { Queries } from '../desired/queries.ts'
import type { ClaimedLane } from '../store/lane-claims.ts'
import type { Offboarding } from '../store/offboard.ts'
import type { DirtyResource, Outbox } from '../store/outbox.ts'
import type { Store } from '../store/store.ts'
import { resultsOf } from '../store/write.ts'

/** What a call was about: these, or a customer who was to be taken off. */
export type Carried = DirtyResource[] | 'customer'

/** What calls carried of which nobody will know what Seam made of them, until the store knows that it goes again. */
export interface InDoubt {
  add(lane: ClaimedLane, carried: Carried): void
  /**
   * Whatever lease there is: a late call may have brought back at Seam what was deleted since, or deleted what was pushed
   * since. Each such call makes its resources go once more, so this ends with the calls that are late.
   */
  sendAgain(): Promise<void>
}

export interface InDoubtOptions {
  store: Store
  queries: Pick<Queries, 'lanes'>
  outbox: Outbox
  offboarding: Offboarding
  now(): number
  log: Logger
}

export function inDoubtOf({ store, queries, outbox, offboarding, now, log }: InDoubtOptions): InDoubt {
  const calls: { lane: ClaimedLane; carried: Carried }[] = []
  return {
    add: (lane, carried) => void calls.push({ lane, carried }),

    async sendAgain() {
      for (let each = calls.shift(); each !== undefined; each = calls.shift()) {
        const { lane, carried } = each
        let resources: number | undefined
        try {
          const committed = await store.commit([
            queries.lanes.revive(lane, now()),
            carried === 'customer' ? offboarding.tellAgain(lane) : outbox.sendAgain(lane, carried),
            offboarding.again(lane, lane.offboardStamp)
          ])
          resources = resultsOf(committed)[1]?.changes
        } catch (error) {
          calls.push(each)
          throw error
        }
        log.warn({ event: 'resources.in_doubt', customerKey: lane.customerKey, resources })
      }
    }
  }
}
