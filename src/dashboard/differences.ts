/** What differs between two states of the same thing, member by member. */

export interface Difference {
  /** `guest.name`, `rooms[0].id` */
  path: string
  /** Undefined where there was none. */
  before: string | undefined
  after: string | undefined
}

const MOST = 200

export function differences(before: unknown, after: unknown): Difference[] {
  const was = flat(before)
  const is = flat(after)
  const paths = [...new Set([...was.keys(), ...is.keys()])]
  return paths
    .map(path => ({ path, before: was.get(path), after: is.get(path) }))
    .filter(each => each.before !== each.after)
    .slice(0, MOST)
}

/** Every member with its value as text; empty objects and lists too. Absent altogether: none. */
export function flat(value: unknown): Map<string, string> {
  const all = new Map<string, string>()
  add(value, '', all)
  return all
}

function add(value: unknown, path: string, all: Map<string, string>): void {
  if (value === undefined || (value === null && path === '')) return
  if (typeof value !== 'object' || value === null) {
    all.set(path, text(value))
    return
  }
  const members = Array.isArray(value)
    ? value.map((each, at) => [`${path}[${at}]`, each] as const)
    : Object.entries(value).map(([name, each]) => [path === '' ? name : `${path}.${name}`, each] as const)
  if (members.length === 0) all.set(path, Array.isArray(value) ? '[]' : '{}')
  for (const [name, each] of members) add(each, name, all)
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
