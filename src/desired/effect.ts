import type { ResourceRef } from '../store/resources.ts'
import type { Resource } from './resource.ts'
import type { Source } from './said.ts'

/** What a change did to a resource, to be told in the change log once all is drawn. */
export interface Effect {
  said: Source
  ref: ResourceRef
  booking: string | null
  version: number
  /** Undefined where the change names something the relay has never held. */
  row: Resource | undefined
  stale: boolean
  note: string | null
}

export function effectOf(
  said: Source,
  row: Resource,
  version: number,
  stale: boolean,
  note?: string
): Effect {
  return {
    said,
    ref: { kind: row.kind, key: row.key },
    booking: row.booking,
    version,
    row,
    stale,
    note: note ?? null
  }
}

/** Of what was said before the customer was taken off. */
export function effectOfVoid(
  said: Source,
  ref: ResourceRef,
  row: Resource | undefined,
  version: number
): Effect {
  return { said, ref, booking: row?.booking ?? null, version, row, stale: true, note: null }
}
