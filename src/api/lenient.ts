import type { PushData } from '../seam/contract.ts'
import { listsIn } from './lists.ts'

/** Of entries with the same key in one list, the last one stays: Seam does not say which one it takes. */
export function withLastOfEach(body: PushData): PushData {
  const collapsed = { ...body }
  for (const { list, keyField, entries } of listsIn(body)) {
    collapsed[list] = [...new Map(entries.map(entry => [entry[keyField], entry])).values()]
  }
  return collapsed
}
