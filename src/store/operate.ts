import { type Audit, auditOf } from './audit.ts'
import { type Backlogs, backlogOf } from './backlog.ts'
import { type Jobs, jobsOf } from './jobs.ts'
import { type OperateAttempts, operateAttemptsOf } from './operate-attempts.ts'
import { type OperateDeliveries, operateDeliveriesOf } from './operate-deliveries.ts'
import { type OperateLanes, operateLanesOf } from './operate-lanes.ts'
import { type OperatePerformance, operatePerformanceOf } from './operate-performance.ts'
import { type OperateResources, operateResourcesOf } from './operate-resources.ts'
import { type OperateTail, operateTailOf } from './operate-tail.ts'
import { type OperateTrouble, operateTroubleOf } from './operate-trouble.ts'
import { type Pauses, pausesOf } from './pauses.ts'
import { type PushingAgain, pushingAgainOf } from './push-again.ts'
import { type Rejected, rejectedOf } from './rejected.ts'
import { type Replays, replaysOf } from './replays.ts'
import { type Reports, reportsOf } from './reports.ts'
import { type KeptRests, keptRestsOf } from './rests.ts'
import { type SearchWords, searchWordsOf } from './search-words.ts'
import { type Sessions, sessionsOf } from './sessions.ts'
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
  pauses: Pauses
  rests: Pick<KeptRests, 'all'>
  pushingAgain: PushingAgain
  jobs: Jobs
  replays: Replays
  reports: Reports
  tallies: Tallies
  backlog: Backlogs
  performance: OperatePerformance
  searchWords: SearchWords
  audit: Audit
  sessions: Sessions
  tail: OperateTail
}

export function operateStoreOf(store: Store): OperateStore {
  return {
    deliveries: operateDeliveriesOf(store),
    resources: operateResourcesOf(store),
    lanes: operateLanesOf(store),
    trouble: operateTroubleOf(store),
    attempts: operateAttemptsOf(store),
    rejected: rejectedOf(store),
    pauses: pausesOf(store),
    rests: keptRestsOf(store),
    pushingAgain: pushingAgainOf(store),
    jobs: jobsOf(store),
    replays: replaysOf(store),
    reports: reportsOf(store),
    tallies: talliesOf(store),
    backlog: backlogOf(store),
    performance: operatePerformanceOf(store),
    searchWords: searchWordsOf(store),
    audit: auditOf(store),
    sessions: sessionsOf(store),
    tail: operateTailOf(store)
  }
}
