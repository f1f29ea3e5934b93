import { sql } from 'kysely'

// In the very words of the partial indexes: said otherwise, or with a parameter, it would hide them from SQLite.

/** Seam has not agreed to it as it is now, and has not refused it either. In the words of the index resources_dirty. */
export const isDirty = sql<boolean>`revision > synced_revision and revision > buried_revision`

/** Seam has refused it as it is now. In the words of the index resources_refused. */
export const isRefused = sql<boolean>`buried_reason is not null and revision > synced_revision and buried_revision >= revision`

/** A stay that waits for what is missing. In the words of the indexes resources_held and resources_held_keys. */
export const isHeld = sql<boolean>`held is not null`

/** Without an arrival, or over when it was drawn, comes last. In the words of the index resources_dirty. */
export const arrivalOrNever = sql<number>`coalesce(starts_at, 9007199254740991)`
