import { kindNames, kinds } from '../model/kind.ts'
import type { Entry, PushData } from '../seam/contract.ts'

interface List {
  list: string
  keyField: string
  isOfStays: boolean
}

const lists = new Map<string, List>(
  kindNames.map(kind => {
    const { list, keyField, role } = kinds[kind]
    return [list, { list, keyField, isOfStays: role === 'stay' }]
  })
)

/** The lists that a right body has, with their entries. */
export function listsIn(body: PushData): (List & { entries: Entry[] })[] {
  const found = []
  for (const name in body) {
    const list = lists.get(name)
    if (list !== undefined) found.push({ ...list, entries: body[name] as Entry[] })
  }
  return found
}
