import { type Audit, auditOf } from './audit.ts'
import { type OperateAttempts, operateAttemptsOf } from './operate-attempts.ts'
import { type OperateDeliveries, operateDeliveriesOf } from './operate-deliveries.ts'
import { type OperateLanes, operateLanesOf } from './operate-lanes.ts'
import { type OperateResources, operateResourcesOf } from './operate-resources.ts'
import { type OperateTrouble, operateTroubleOf } from './operate-trouble.ts'
import { type Rejected, rejectedOf } from './rejected.ts'
import { type Reports, reportsOf } from './reports.ts'
import { type SearchWords, searchWordsOf } from './search-words.ts'
import type { Store } from './store.ts'
import { type Tallies, talliesOf } from './tallies.ts'

/** Every query of operators. */
export interface OperateStore {
  deliveries: OperateDeliveries
  resources: OperateResources
  lanes: OperateLanes
  trouble: OperateTrouble
  attempts: OperateAttempts
  rejected: Rejected
  reports: Reports
  tallies: Tallies
  searchWords: SearchWords
  audit: Audit
}

export function operateStoreOf(store: Store): OperateStore {
  return {
    deliveries: operateDeliveriesOf(store),
    resources: operateResourcesOf(store),
    lanes: operateLanesOf(store),
    trouble: operateTroubleOf(store),
    attempts: operateAttemptsOf(store),
    rejected: rejectedOf(store),
    reports: reportsOf(store),
    tallies: talliesOf(store),
    searchWords: searchWordsOf(store),
    audit: auditOf(store)
  }
}
