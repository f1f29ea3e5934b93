import t from 'tap'
import { backlogContract } from './contract-backlog.ts'
import { callersContract } from './contract-callers.ts'
import { commitsContract } from './contract-commits.ts'
import { contactsContract } from './contract-contacts.ts'
import { deliveriesContract } from './contract-deliveries.ts'
import { driftContract } from './contract-drift.ts'
import { lanesContract } from './contract-lanes.ts'
import { outboxContract } from './contract-outbox.ts'
import { overlapsContract } from './contract-overlaps.ts'
import { pausesContract } from './contract-pauses.ts'
import { placeReadingsContract } from './contract-place-readings.ts'
import { rejectedContract } from './contract-rejected.ts'
import { resourcesContract } from './contract-resources.ts'
import { retentionContract } from './contract-retention.ts'
import { roomsContract } from './contract-rooms.ts'
import { secondLooksContract } from './contract-second-looks.ts'
import type { Engine } from './given.ts'

/** What every engine has to do, and every query on it. */
export function storeContract(engine: Engine): void {
  t.test(engine.name, async t => {
    commitsContract(t, engine)
    deliveriesContract(t, engine)
    lanesContract(t, engine)
    outboxContract(t, engine)
    resourcesContract(t, engine)
    contactsContract(t, engine)
    rejectedContract(t, engine)
    placeReadingsContract(t, engine)
    secondLooksContract(t, engine)
    pausesContract(t, engine)
    driftContract(t, engine)
    callersContract(t, engine)
    retentionContract(t, engine)
    roomsContract(t, engine)
    overlapsContract(t, engine)
    backlogContract(t, engine)
  })
}
