import type { Generated } from 'kysely'
import type { Operation } from '../model/call.ts'
import type { DeliveryState, Drift } from '../model/delivery.ts'
import type { Kind, NamedRole } from '../model/kind.ts'
import type { Stamp } from '../model/stamp.ts'

/**
 * The schema of the house on one page. Times are integer milliseconds since 1970, UTC; JSON is text; flags are 0 or 1.
 * Two names are older than the house's words: `rerenders` are redraws, and what is `buried` was refused by Seam.
 */
export interface Tables {
  deliveries: DeliveriesTable
  rejected: RejectedTable
  rejected_counts: RejectedCountsTable
  lanes: LanesTable
  workspaces: WorkspacesTable
  bookings: BookingsTable
  resources: ResourcesTable
  stay_names: StayNamesTable
  contacts: ContactsTable
  rerenders: RerendersTable
  change_log: ChangeLogTable
  attempts: AttemptsTable
  attempt_resources: AttemptResourcesTable
  tokens: TokensTable
  place_readings: PlaceReadingsTable
  second_looks: SecondLooksTable
  drift: DriftTable
  rests: RestsTable
  connections: ConnectionsTable
  api_keys: ApiKeysTable
  answers: AnswersTable
  forgotten: ForgottenTable
  tallies: TalliesTable
  tallied: TalliedTable
  search_words: SearchWordsTable
  audit: AuditTable
  sessions: SessionsTable
  pauses: PausesTable
  jobs: JobsTable
}

/** One stored request each: the inbox. */
export interface DeliveriesTable {
  /** Grows with the time of receipt. */
  id: string
  connection_id: string
  platform: string
  /** The platform's own id of the delivery; unique within the connection. Null where the platform gives none. */
  dedupe_key: string | null
  received_at: number
  headers: string
  query: string
  body: Uint8Array
  state: DeliveryState
  /** When to work on it next; a claim moves it behind the lease. Only read while `state` is received. */
  due_at: number
  /** Its place among those that are due: a connection that sends many at once queues behind the others. */
  turn: Generated<number>
  /** Counts claims: a worker that lost its lease no longer matches. */
  lease_token: Generated<number>
  attempts: Generated<number>
  /** What hydration answered, by event; null until it was read. */
  facts: string | null
  /** Per event: type, outcome, reason. */
  outcome: string | null
  last_error: string | null
  done_at: number | null
  /** 1 from when body, headers, query and facts were let go: it cannot run again. */
  emptied: Generated<number>
  /** The span under which it goes on, as a W3C traceparent; null where it was not traced. */
  trace: Generated<string | null>
}

/** The newest requests that were not taken in, bounded per connection in count and bytes. */
export interface RejectedTable {
  id: string
  connection_id: string
  platform: string
  received_at: number
  cause: string
  headers: string
  query: string
  remote_address: string | null
  credential_salt: string | null
  credential_hash: string | null
  body: Uint8Array
  bytes: number
}

export interface RejectedCountsTable {
  connection_id: string
  cause: string
  count: number
  last_at: number
}

/** One row per customer: the unit of order. Whoever writes a customer's rows moves `revision`. */
export interface LanesTable {
  workspace_id: string
  customer_key: string
  revision: number
  /** When there is something to send; null: nothing. */
  due_at: number | null
  /** Back-off after a failure; new changes do not shorten it. */
  not_before: Generated<number>
  /** Start of the nearest stay among what is to be sent; orders the queue. */
  arrival_at: number | null
  /** As it was when the lane was claimed. */
  claimed_arrival_at: number | null
  /** When the oldest delivery came whose changes are to be sent; null where none has brought any. */
  heard_at: number | null
  /** As it was when the lane was claimed. */
  claimed_heard_at: number | null
  lease_until: number | null
  lease_token: Generated<number>
  failures: Generated<number>
  last_error: string | null
  /** The customer was taken off by then: whatever was said before is void. */
  offboard_stamp: Generated<Stamp | null>
  /** 1 while Seam has not been told so. */
  offboard_due: Generated<number>
}

export interface WorkspacesTable {
  id: string
  /** Nothing is sent before: Seam asked to wait, or refused the key. */
  wait_until: number
  /** Refusals one after the other; while there are any, one customer at a time finds out whether it works again. */
  failures: number
  /** 1 where the key or the address is wrong, rather than Seam busy: mended settings may have changed that. */
  stopped: 0 | 1
  reason: string | null
}

export interface BookingsTable {
  workspace_id: string
  customer_key: string
  connection_id: string
  /** `<connection>:<booking id>`. */
  booking: string
  /** The latest set of stays that was said. */
  stamp: Stamp
  /** Why the latest set is empty. */
  empty_because: string | null
}

/** The desired state of one Seam resource. */
export interface ResourcesTable {
  workspace_id: string
  customer_key: string
  kind: Kind
  /** The key at Seam. */
  key: string
  connection_id: string
  /** The platform's own id. */
  source_id: string
  booking: string | null
  /** What was said, field by field, each with its stamp. */
  facts: string
  upsert_stamp: Stamp
  removed_stamp: Stamp
  /** What Seam shall hold; null: nothing (gone, held, or needed by nobody). */
  fields: string | null
  /** Why a live stay is not at Seam. */
  held: string | null
  warnings: string | null
  /** The platform's clock of the newest statement, ms. */
  version: number
  /** Counts our writes: the lane's revision when `fields` last changed. */
  revision: number
  /** The revision that Seam has agreed to. */
  synced_revision: Generated<number>
  /** The revision that Seam refused for good. */
  buried_revision: Generated<number>
  buried_reason: string | null
  buried_at: number | null
  /** 1 from the moment before it is first sent until its deletion is settled: Seam may hold it. */
  offered: Generated<number>
  /** On stays: keys of the places and people that Seam's version of it may name. */
  named_at_seam: string | null
  /** Of a stay that had ended when it was drawn: null. */
  starts_at: number | null
  /** On stays: the key of the guest that the stay names at Seam. */
  guest_used: string | null
  /** On stays: the places and guests it depends on, as in stay_names. */
  names: string | null
  updated_at: number
}

/** Which places and guests a live stay names, in the platform's terms: who must be drawn again when one of them changes. */
export interface StayNamesTable {
  workspace_id: string
  customer_key: string
  stay_kind: Kind
  stay_key: string
  /** The role of what is named. */
  ref: NamedRole
  ref_key: string
}

/** E-mails and phones have one owner per workspace; the others wait. */
export interface ContactsTable {
  workspace_id: string
  type: 'email' | 'phone'
  value: string
  customer_key: string
  kind: Kind
  key: string
  state: 'owner' | 'waiting'
}

/** Rows to be drawn again because something outside their lane changed. */
export interface RerendersTable {
  workspace_id: string
  customer_key: string
  kind: Kind
  key: string
  /** Counts how often it was asked for. */
  asked: Generated<number>
}

/** What each delivery did to each booking and resource. */
export interface ChangeLogTable {
  id: Generated<number>
  delivery_id: string
  event_index: number
  at: number
  workspace_id: string
  customer_key: string
  kind: Kind
  key: string
  booking: string | null
  version: number
  outcome: ChangeOutcome
  /** The resource's revision after it, where it changed. */
  revision: number | null
  note: string | null
}

/**
 * `changed`: Seam will hear of it. `unchanged`: nothing new. `stale`: a newer statement was there before.
 * `held`: known, and waiting for what is missing.
 */
export type ChangeOutcome = 'changed' | 'unchanged' | 'stale' | 'held'

/** One call to Seam. */
export interface AttemptsTable {
  id: string
  workspace_id: string
  customer_key: string
  operation: Operation
  started_at: number
  duration_ms: number
  status: number | null
  request_id: string | null
  error: string | null
  /** SeamWords, as JSON. */
  seam_error: Generated<string | null>
}

export interface AttemptResourcesTable {
  attempt_id: string
  workspace_id: string
  kind: Kind
  key: string
  revision: number
}

export interface TokensTable {
  connection_id: string
  /** With ` lease` behind it where the row is no token, and says until when somebody is fetching one. */
  name: string
  token: string
  expires_at: number
  /** 0 where a release that did not keep it fetched the token. */
  fetched_at: Generated<number>
  /** 1 where it was fetched because the one before it was refused. */
  renewed: Generated<number>
}

/** Places of which the platform is asked from time to time: those that stays name, where the platform can be asked. */
export interface PlaceReadingsTable {
  connection_id: string
  place_id: string
  /** When to read next; a claim moves it behind the lease. */
  due_at: number
  lease_token: Generated<number>
  /** Readings that failed, one after the other. */
  failures: Generated<number>
  read_at: number | null
  last_error: string | null
}

/** Bookings that are read once more, since what was read for their last event told nothing new. */
export interface SecondLooksTable {
  connection_id: string
  /** The booking's id at the platform, or the delivery's. */
  subject: string
  delivery_id: string
  /** When to read; a claim moves it behind the lease. */
  due_at: number
  lease_token: Generated<number>
  failures: Generated<number>
}

/** Platforms' APIs that are not to be asked for a while, by connection. */
export interface RestsTable {
  /** With ` places` behind it where it is places alone that are not to be asked of. */
  connection_id: string
  until: number
  /** Failures one after the other. */
  failures: number
  /** 1 where our credentials were refused. */
  unauthorized: 0 | 1
  /** Until then somebody is finding out whether it works again. */
  probing_until: number
}

/** What a platform said that its adapter does not know, counted; the detail is the platform's word, never a person's. */
export interface DriftTable {
  connection_id: string
  platform: string
  kind: Drift
  detail: string
  count: number
  first_at: number
  last_at: number
  last_delivery_id: string
}

/** What the relay last drew a connection's resources with. */
export interface ConnectionsTable {
  id: string
  /** Empty where the newest settings do not have it. */
  settings_hash: string
  /** When a relay with these settings last said that it works; null where the last one was of a release that does not say so. */
  heard_at: number | null
}

/** Keys of internal services; the key itself is shown once and never kept. */
export interface ApiKeysTable {
  id: string
  name: string
  /** SHA-256 of the key, hexadecimal: keys are random and long, so there is nothing to guess. */
  hash: string
  /** Null: the only workspace there is, or the environment's. */
  workspace_id: string | null
  /** JSON list of customer keys; null: every customer. */
  customers: string | null
  /** JSON list. */
  scopes: string
  /** 0: as lenient as Seam itself. */
  strict: 0 | 1
  created_at: number
  expires_at: number | null
  revoked_at: number | null
  last_used_at: number | null
}

/** What a call with an idempotency key was answered, where that is not the plain `ok`. */
export interface AnswersTable {
  delivery_id: string
  status: number
  body: string
  at: number
}

/** How far back the relay remembers. */
export interface ForgottenTable {
  /** `deletions`: that something is gone. */
  what: string
  /** Whoever speaks of a time before may speak of what is forgotten. */
  until: number
}

/** How often something happened, by the minute and by the hour. */
export interface TalliesTable {
  /** Length of the span, minutes: 1 or 60. */
  span: number
  /** When the span begins. */
  at: number
  /** Empty in spans of a minute: those are of all connections together. */
  connection_id: string
  /** `received`, `translated`, `ignored`, `dead`; `rejected <cause>`; `call <status>`, with 0 where Seam gave no answer. */
  what: string
  count: number
}

/** Up to when things were counted. */
export interface TalliedTable {
  what: string
  until: number
}

/** By which words people and places are found: those of their names, e-mail addresses, ends of phone numbers. */
export interface SearchWordsTable {
  workspace_id: string
  customer_key: string
  kind: Kind
  key: string
  word: string
}

/** What operators did, and what of people they looked at unmasked. */
export interface AuditTable {
  /** Grows with time. */
  id: string
  at: number
  /** Id of the key, or of the token of the environment. */
  actor: string
  actor_name: string
  /** Such as `reveal`. */
  action: string
  /** What it was done to. Nobody's data. */
  target: string
  /** JSON; nobody's data. */
  detail: string
}

/** Who is signed in to the dashboard. What the browser holds is not here, and does not come out of it. */
export interface SessionsTable {
  /** SHA-256 of what the browser holds, hexadecimal. */
  hash: string
  /** Id of the key, or of the token of the environment. */
  actor: string
  /** Of the token of the environment: a hash of it together with what the browser holds. Another token ends the session. */
  proof: string | null
  created_at: number
  expires_at: number
}

/** What rests on purpose, until somebody resumes it. What is not of its subject is an empty text. */
export interface PausesTable {
  subject: 'connection' | 'customer' | 'workspace'
  connection_id: string
  workspace_id: string
  customer_key: string
  /** Grows with time. */
  id: string
  reason: string | null
  since: number
  /** Id of the key of whoever paused it, or of the token of the environment. */
  actor: string
  actor_name: string
}

/** Long work that operators asked for. */
export interface JobsTable {
  /** Grows with time. What came after it is not the job's. */
  id: string
  kind: 'replay' | 'revive'
  state: 'running' | 'done' | 'cancelled' | 'failed'
  /** JSON: as the operator named what it takes. */
  filter: string
  /** JSON: the same, worked out. */
  chosen: string
  actor_name: string
  created_at: number
  /** When it was counted, and the first of it was begun. */
  began_at: number | null
  ended_at: number | null
  /** How much there is to be done; null until it is counted. */
  total: number | null
  /** As far as it is counted. */
  counted: number
  done: number
  /** How far it was counted, and then how far it has been put into the queues; empty: to its end. */
  cursor: string | null
  /** JSON: what is in the queues and has not come to its end. */
  in_hand: string
  /** Counts the steps that were made: one that somebody else has made is not made again. */
  step: number
  error: string | null
}
