import type { Operation } from '../model/call.ts'
import { kindNames, kinds } from '../model/kind.ts'

/** A key that a body gives to a resource of its own, or names for deletion; not one that a stay refers to. */
export interface NamedKey {
  list: string
  key: string
  path: string[]
}

const keyFieldOf = new Map<string, string>(kindNames.map(kind => [kinds[kind].list, kinds[kind].keyField]))

/** Every key in a body, whatever else is wrong with it. */
export function keysIn(operation: Operation, body: unknown): NamedKey[] {
  if (typeof body !== 'object' || body === null) return []
  const members = Object.entries(body)
  const lists = members.flatMap(([list, value]) =>
    (Array.isArray(value) ? value : []).map((entry: unknown, position) => ({ list, entry, position }))
  )
  const found =
    operation === 'delete_data'
      ? lists.map(({ list, entry, position }) => ({ list, key: entry, path: [list, String(position)] }))
      : lists.map(({ list, entry, position }) => {
          const field = keyFieldOf.get(list) ?? ''
          return { list, key: memberOf(entry, field), path: [list, String(position), field] }
        })
  const customer = members
    .filter(([name]) => name === 'customer_key')
    .map(([list, key]) => ({ list, key, path: [list] }))
  return [...customer, ...found].filter((each): each is NamedKey => typeof each.key === 'string')
}

function memberOf(entry: unknown, field: string): unknown {
  return typeof entry === 'object' && entry !== null
    ? Object.entries(entry).find(([name]) => name === field)?.[1]
    : undefined
}
