import { kinds, type NamedRole } from '../model/kind.ts'
import { NEVER, type Stamp, versionOf } from '../model/stamp.ts'
import type { DesiredRow, Lane, ResourceRef, ResourceRow } from '../store/resources.ts'
import { type Facts, newest, textOf } from './facts.ts'
import { guestIn } from './named-at-seam.ts'
import type { SeamFields } from './seam-fields.ts'

/** A resource in memory, while its lane is worked on. */
export interface Resource extends ResourceRef {
  connectionId: string
  sourceId: string
  booking: string | null
  facts: Facts
  upsertStamp: Stamp
  removedStamp: Stamp
  fields: SeamFields | null
  held: string | null
  warnings: string[]
  revision: number
  offered: boolean
  startsAt: number | null
  /** On stays: what they depend on, resolved and as named. */
  names: Name[]
  /** What it looked like before somebody touched it; undefined until then. */
  before: Before | undefined
}

/** A place or guest that a stay depends on. */
export interface Name {
  role: NamedRole
  key: string
  /** Of a place whose row is another one's, because both have this key: its id at the stay's connection, and whose it is. */
  shared?: { as: string; owner: Origin }
}

/** Whose a resource is, and how they call it. */
export type Origin = Pick<Resource, 'connectionId' | 'sourceId'>

/** What is known of a resource before anything is told of it. */
export type Made = Origin & Pick<Resource, 'booking'>

export interface Before {
  /** Undefined where it was not known. */
  whole: string | undefined
  fields: string
  names: string
}

/** A resource that may have changed. */
export interface Touched extends Resource {
  before: Before
}

/** To be compared with what it was before. */
export function wholeOf(row: Resource): string {
  return JSON.stringify({ ...row, before: undefined })
}

/** One of which nothing is told yet. @param removedStamp what was said of it up to then is void */
export function emptyResource(ref: ResourceRef, made: Made, removedStamp: Stamp): Resource {
  return {
    ...made,
    kind: ref.kind,
    key: ref.key,
    facts: {},
    upsertStamp: NEVER,
    removedStamp,
    fields: null,
    held: null,
    warnings: [],
    revision: 0,
    offered: false,
    startsAt: null,
    names: [],
    before: { whole: undefined, fields: JSON.stringify(null), names: JSON.stringify([]) }
  }
}

export function isAlive(row: Resource): boolean {
  return row.removedStamp === NEVER || row.upsertStamp > row.removedStamp
}

/** In the platform's id. A place that was told of again since it was removed is itself again. */
export function mergedIntoOf(row: Resource): string | undefined {
  const { mergedInto } = row.facts
  if (mergedInto === undefined) return undefined
  const isPlace = kinds[row.kind].role === 'place'
  const isBack = isPlace && isAlive(row) && mergedInto.stamp <= row.removedStamp
  return isBack ? undefined : textOf(row.facts, 'mergedInto')
}

/** Whether the customer has it: it is told and not deleted, or Seam may hold it. */
export function isHad(row: Resource | undefined): boolean {
  return row !== undefined && (row.fields !== null || row.offered || row.upsertStamp > row.removedStamp)
}

export function idOf(ref: ResourceRef): string {
  return `${ref.kind} ${ref.key}`
}

export function resourceOf(row: ResourceRow): Resource {
  return {
    kind: row.kind,
    key: row.key,
    connectionId: row.connection_id,
    sourceId: row.source_id,
    booking: row.booking,
    facts: JSON.parse(row.facts),
    upsertStamp: row.upsert_stamp,
    removedStamp: row.removed_stamp,
    fields: row.fields === null ? null : JSON.parse(row.fields),
    held: row.held,
    warnings: row.warnings === null ? [] : JSON.parse(row.warnings),
    revision: row.revision,
    offered: row.offered === 1,
    startsAt: row.starts_at,
    names: row.names === null ? [] : namesOf(row.names),
    before: undefined
  }
}

export function storedOf(lane: Lane, row: Resource, now: number): DesiredRow {
  return {
    workspace_id: lane.workspaceId,
    customer_key: lane.customerKey,
    kind: row.kind,
    key: row.key,
    connection_id: row.connectionId,
    source_id: row.sourceId,
    booking: row.booking,
    facts: JSON.stringify(row.facts),
    upsert_stamp: row.upsertStamp,
    removed_stamp: row.removedStamp,
    fields: row.fields === null ? null : JSON.stringify(row.fields),
    held: row.held,
    warnings: row.warnings.length === 0 ? null : JSON.stringify(row.warnings),
    version: Math.max(versionOf(row.upsertStamp), versionOf(row.removedStamp), versionOf(newest(row.facts))),
    revision: row.revision,
    starts_at: row.startsAt,
    guest_used: kinds[row.kind].role === 'stay' ? (guestIn(row.fields)?.key ?? null) : null,
    names: row.names.length === 0 ? null : storedNames(row.names),
    updated_at: now
  }
}

/** The store calls the role of what a stay names `ref`, in this column as in `stay_names`. */
function storedNames(names: Name[]): string {
  return JSON.stringify(names.map(({ role, ...rest }) => ({ ref: role, ...rest })))
}

function namesOf(stored: string): Name[] {
  const names: (Omit<Name, 'role'> & { ref: NamedRole })[] = JSON.parse(stored)
  return names.map(({ ref, ...rest }) => ({ role: ref, ...rest }))
}
