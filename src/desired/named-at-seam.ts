import { guestKinds, kinds, placeKinds } from '../model/kind.ts'
import type { ResourceRef } from '../store/resources.ts'
import type { SeamFields } from './seam-fields.ts'

/** The guest that a stay names at Seam. */
export function guestIn(stay: SeamFields | null): ResourceRef | undefined {
  const kind = stay === null ? undefined : guestKinds.find(each => Object.hasOwn(stay, kinds[each].keyField))
  return kind && { kind, key: String(stay?.[kinds[kind].keyField]) }
}

/** The places that a stay names at Seam; more than it does where two lists are named by one member. */
export function placesIn(stay: SeamFields | null): ResourceRef[] {
  return placeKinds.flatMap(kind => {
    const keys = stay?.[String(kinds[kind].refField)]
    return Array.isArray(keys) ? keys.map(key => ({ kind, key: String(key) })) : []
  })
}
