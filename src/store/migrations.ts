/** Column types that the engines spell differently. */
export interface ColumnTypes {
  /** Compared byte by byte. */
  text: string
  integer: string
  blob: string
  /** A number that the engine gives to each new row. */
  serial: string
}

export interface Migration {
  name: string
  statements(types: ColumnTypes): string[]
  /**
   * The statements are `create index` under names that are new, on tables that may be large: where the engine can, others
   * go on writing meanwhile.
   */
  online?: true
  /**
   * Releases that do not know this migration cannot work with what it leaves: it takes away what they use. What only adds
   * has none, so that an older release goes on beside a newer one; to take away is for the release after it.
   */
  contracts?: true
}

/** Append-only: a released migration never changes. */
export const migrations: Migration[] = [
  {
    name: '0001-journey',
    statements: ({ text, integer, blob, serial }) => [
      `create table deliveries (
        id ${text} primary key, connection_id ${text} not null, platform ${text} not null, dedupe_key ${text},
        received_at ${integer} not null, headers ${text} not null, query ${text} not null, body ${blob} not null,
        state ${text} not null, due_at ${integer} not null, lease_token ${integer} not null default 0,
        attempts ${integer} not null default 0, facts ${text}, outcome ${text}, last_error ${text}, done_at ${integer})`,
      `create unique index deliveries_dedupe on deliveries (connection_id, dedupe_key) where dedupe_key is not null`,
      `create index deliveries_due on deliveries (due_at) where state = 'received'`,
      `create index deliveries_open on deliveries (connection_id, id) where state in ('held', 'dead')`,
      `create table rejected (
        id ${text} primary key, connection_id ${text} not null, platform ${text} not null, received_at ${integer} not null,
        cause ${text} not null, headers ${text} not null, query ${text} not null, remote_address ${text},
        credential_salt ${text}, credential_hash ${text}, body ${blob} not null, bytes ${integer} not null)`,
      `create index rejected_newest on rejected (connection_id, id)`,
      `create table rejected_counts (
        connection_id ${text} not null, cause ${text} not null, count ${integer} not null, last_at ${integer} not null,
        primary key (connection_id, cause))`,
      `create table lanes (
        workspace_id ${text} not null, customer_key ${text} not null, revision ${integer} not null, due_at ${integer},
        not_before ${integer} not null default 0, arrival_at ${integer}, lease_until ${integer},
        lease_token ${integer} not null default 0, failures ${integer} not null default 0, last_error ${text},
        primary key (workspace_id, customer_key))`,
      `create index lanes_due on lanes (coalesce(arrival_at, 9007199254740991), due_at) where due_at is not null`,
      `create index lanes_leased on lanes (lease_until) where lease_until is not null`,
      `create table workspaces (
        id ${text} primary key, wait_until ${integer} not null, failures ${integer} not null, stopped ${integer} not null,
        reason ${text})`,
      `create table bookings (
        workspace_id ${text} not null, customer_key ${text} not null, connection_id ${text} not null, booking ${text} not null,
        stamp ${text} not null, empty_because ${text}, primary key (workspace_id, customer_key, booking))`,
      `create table resources (
        workspace_id ${text} not null, customer_key ${text} not null, kind ${text} not null, key ${text} not null,
        connection_id ${text} not null, source_id ${text} not null, booking ${text}, facts ${text} not null,
        upsert_stamp ${text} not null, removed_stamp ${text} not null, fields ${text}, held ${text}, warnings ${text},
        version ${integer} not null, revision ${integer} not null, synced_revision ${integer} not null default 0,
        buried_revision ${integer} not null default 0, buried_reason ${text}, offered ${integer} not null default 0,
        starts_at ${integer}, guest_used ${text}, names ${text}, updated_at ${integer} not null,
        primary key (workspace_id, customer_key, kind, key))`,
      `create index resources_booking on resources (workspace_id, customer_key, booking) where booking is not null`,
      `create index resources_guest_used on resources (workspace_id, customer_key, guest_used)
        where guest_used is not null`,
      `create index resources_dirty on resources (workspace_id, customer_key, (fields is not null), starts_at)
        where revision > synced_revision and revision > buried_revision`,
      `create index resources_buried on resources (workspace_id, customer_key) where buried_reason is not null`,
      `create index resources_connection on resources (connection_id)`,
      `create table stay_names (
        workspace_id ${text} not null, customer_key ${text} not null, stay_kind ${text} not null, stay_key ${text} not null,
        ref ${text} not null, ref_key ${text} not null,
        primary key (workspace_id, customer_key, stay_kind, stay_key, ref, ref_key))`,
      `create index stay_names_ref on stay_names (workspace_id, customer_key, ref, ref_key, stay_kind, stay_key)`,
      `create table contacts (
        workspace_id ${text} not null, type ${text} not null, value ${text} not null, customer_key ${text} not null,
        kind ${text} not null, key ${text} not null, state ${text} not null,
        primary key (workspace_id, type, value, customer_key, kind, key))`,
      `create unique index contacts_owner on contacts (workspace_id, type, value) where state = 'owner'`,
      `create index contacts_of on contacts (workspace_id, customer_key, kind, key)`,
      `create table rerenders (
        workspace_id ${text} not null, customer_key ${text} not null, kind ${text} not null, key ${text} not null,
        primary key (workspace_id, customer_key, kind, key))`,
      `create table change_log (
        id ${serial}, delivery_id ${text} not null, event_index ${integer} not null, at ${integer} not null,
        workspace_id ${text} not null, customer_key ${text} not null, kind ${text} not null, key ${text} not null, booking ${text},
        version ${integer} not null, outcome ${text} not null, revision ${integer}, note ${text})`,
      `create index change_log_delivery on change_log (delivery_id)`,
      `create index change_log_resource on change_log (workspace_id, kind, key)`,
      `create table attempts (
        id ${text} primary key, workspace_id ${text} not null, customer_key ${text} not null, operation ${text} not null,
        started_at ${integer} not null, duration_ms ${integer} not null, status ${integer}, request_id ${text}, error ${text})`,
      `create index attempts_lane on attempts (workspace_id, customer_key, id)`,
      `create table attempt_resources (
        attempt_id ${text} not null, workspace_id ${text} not null, kind ${text} not null, key ${text} not null,
        revision ${integer} not null, primary key (attempt_id, kind, key))`,
      `create index attempt_resources_of on attempt_resources (workspace_id, kind, key)`,
      `create table tokens (
        connection_id ${text} not null, name ${text} not null, token ${text} not null, expires_at ${integer} not null,
        primary key (connection_id, name))`,
      `create table connections (id ${text} primary key, settings_hash ${text} not null)`
    ]
  },
  {
    name: '0002-places-and-drift',
    statements: ({ text, integer }) => [
      `create table place_readings (
        connection_id ${text} not null, place_id ${text} not null, due_at ${integer} not null,
        lease_token ${integer} not null default 0, failures ${integer} not null default 0, read_at ${integer},
        last_error ${text}, primary key (connection_id, place_id))`,
      `create index place_readings_due on place_readings (due_at)`,
      `create table drift (
        connection_id ${text} not null, platform ${text} not null, kind ${text} not null, detail ${text} not null,
        count ${integer} not null, first_at ${integer} not null, last_at ${integer} not null,
        last_delivery_id ${text} not null, primary key (connection_id, kind, detail))`
    ]
  },
  {
    name: '0003-former-keys',
    statements: () => [
      `create index resources_source on resources (workspace_id, customer_key, connection_id, source_id)
        where booking is null`
    ]
  },
  {
    name: '0004-refusals',
    statements: ({ text, integer }) => [
      `alter table resources add column buried_at ${integer}`,
      `alter table resources add column named_at_seam ${text}`,
      `drop index resources_dirty`,
      `create index resources_dirty
        on resources (workspace_id, customer_key, (fields is not null), coalesce(starts_at, 9007199254740991))
        where revision > synced_revision and revision > buried_revision`
    ]
  },
  {
    name: '0005-callers',
    statements: ({ text, integer }) => [
      `create table api_keys (
        id ${text} primary key, name ${text} not null, hash ${text} not null, workspace_id ${text}, customers ${text},
        scopes ${text} not null, strict ${integer} not null, created_at ${integer} not null, expires_at ${integer},
        revoked_at ${integer}, last_used_at ${integer})`,
      `create unique index api_keys_hash on api_keys (hash)`,
      `create table answers (
        delivery_id ${text} primary key, status ${integer} not null, body ${text} not null, at ${integer} not null)`,
      `create index resources_key on resources (workspace_id, key)`,
      `alter table lanes add column offboard_stamp ${text}`,
      `alter table lanes add column offboard_due ${integer} not null default 0`,
      `alter table attempts add column seam_error ${text}`
    ]
  },
  {
    name: '0006-replicas',
    statements: ({ text, integer }) => [
      `alter table migrations add column contracts ${integer}`,
      `alter table deliveries add column turn ${integer} not null default 0`,
      `alter table lanes add column claimed_arrival_at ${integer}`,
      `alter table rerenders add column asked ${integer} not null default 1`,
      `drop index deliveries_due`,
      `create table rests (
        connection_id ${text} primary key, until ${integer} not null, failures ${integer} not null,
        unauthorized ${integer} not null, probing_until ${integer} not null)`
    ]
  },
  {
    name: '0006-replicas-indexes',
    online: true,
    statements: () => [
      `create index deliveries_turn on deliveries (turn, connection_id) where state = 'received'`,
      `create index lanes_waiting on lanes (due_at) where due_at is not null`
    ]
  },
  {
    name: '0007-retention',
    statements: ({ text, integer }) => [
      `alter table deliveries add column emptied ${integer} not null default 0`,
      `create table forgotten (what ${text} primary key, until ${integer} not null)`
    ]
  },
  {
    name: '0007-retention-indexes',
    online: true,
    statements: () => [
      // None of them has an entry for what is under way, so that neither taking in a delivery nor a push costs more: a
      // delivery gets one when it ends, a resource when it goes, a booking when it is cancelled.
      `create index deliveries_done on deliveries (state, emptied, done_at) where done_at is not null`,
      `create index resources_gone on resources (updated_at, key) where fields is null and offered = 0`,
      `create index bookings_empty on bookings (stamp) where empty_because is not null`
    ]
  },
  {
    name: '0008-metrics',
    statements: ({ integer }) => [
      `alter table lanes add column heard_at ${integer}`,
      `alter table lanes add column claimed_heard_at ${integer}`
    ]
  },
  {
    name: '0008-metrics-indexes',
    online: true,
    statements: () => [
      // Only of stays that wait for what is missing: an ordinary one has no entry.
      `create index resources_held on resources (starts_at) where held is not null`
    ]
  },
  {
    name: '0008-operate',
    statements: ({ text, integer }) => [
      `create table tallies (
        span ${integer} not null, at ${integer} not null, connection_id ${text} not null, what ${text} not null,
        count ${integer} not null, primary key (span, at, connection_id, what))`,
      `create table tallied (what ${text} primary key, until ${integer} not null)`,
      `create table search_words (
        workspace_id ${text} not null, customer_key ${text} not null, kind ${text} not null, key ${text} not null,
        word ${text} not null, primary key (workspace_id, customer_key, kind, key, word))`,
      `create index search_words_word on search_words (workspace_id, word, customer_key, kind, key)`,
      `create table audit (
        id ${text} primary key, at ${integer} not null, actor ${text} not null, actor_name ${text} not null,
        action ${text} not null, target ${text} not null, detail ${text} not null)`
    ]
  },
  {
    name: '0008-operate-indexes',
    online: true,
    statements: () => [
      `create index deliveries_connection on deliveries (connection_id, id)`,
      // Of what is in trouble, which is little: what goes well has no entry in any of these.
      `create index deliveries_stopped on deliveries (state, id) where state in ('held', 'dead')`,
      `create index deliveries_trouble on deliveries (state, connection_id, substr(last_error, 1, 120), id)
        where state in ('held', 'dead')`,
      `create index resources_held_keys on resources (workspace_id, customer_key, kind, key) where held is not null`,
      `create index resources_refused on resources (substr(buried_reason, 1, 120), kind, buried_at)
        where buried_reason is not null and revision > synced_revision and buried_revision >= revision`,
      `create index lanes_failing on lanes (workspace_id, customer_key) where failures > 0`,
      `create index lanes_leaving on lanes (workspace_id, customer_key) where offboard_due = 1`
    ]
  },
  {
    name: '0009-actions',
    statements: ({ text, integer }) => [
      `create table pauses (
        subject ${text} not null, connection_id ${text} not null, workspace_id ${text} not null,
        customer_key ${text} not null, id ${text} not null, reason ${text}, since ${integer} not null,
        actor ${text} not null, actor_name ${text} not null,
        primary key (subject, connection_id, workspace_id, customer_key))`,
      `create unique index pauses_id on pauses (id)`
    ]
  },
  {
    name: '0009-jobs',
    statements: ({ text, integer }) => [
      `create table jobs (
        id ${text} primary key, kind ${text} not null, state ${text} not null, filter ${text} not null,
        chosen ${text} not null, actor_name ${text} not null, created_at ${integer} not null, began_at ${integer},
        ended_at ${integer}, total ${integer}, counted ${integer} not null, done ${integer} not null, cursor ${text},
        in_hand ${text} not null, step ${integer} not null, error ${text})`,
      `create index jobs_running on jobs (id) where state = 'running'`
    ]
  },
  {
    name: '0009-sessions',
    statements: ({ text, integer }) => [
      `create table sessions (
        hash ${text} primary key, actor ${text} not null, proof ${text}, created_at ${integer} not null,
        expires_at ${integer} not null)`
    ]
  },
  {
    name: '0009-traces',
    statements: ({ text }) => [`alter table deliveries add column trace ${text}`]
  },
  {
    name: '0010-token-age',
    statements: ({ integer }) => [`alter table tokens add column fetched_at ${integer} not null default 0`]
  },
  {
    name: '0011-settings-heard',
    statements: ({ integer }) => [`alter table connections add column heard_at ${integer}`]
  },
  {
    name: '0012-token-renewed',
    statements: ({ integer }) => [`alter table tokens add column renewed ${integer} not null default 0`]
  },
  {
    name: '0013-second-looks',
    statements: ({ text, integer }) => [
      `create table second_looks (
        connection_id ${text} not null, subject ${text} not null, delivery_id ${text} not null, due_at ${integer} not null,
        lease_token ${integer} not null default 0, failures ${integer} not null default 0,
        primary key (connection_id, subject))`,
      `create index second_looks_due on second_looks (due_at)`
    ]
  }
]
