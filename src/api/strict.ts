import { isDeepStrictEqual } from 'node:util'
import type { BodyProblem } from '../model/body-problem.ts'
import { guestFields, stayLists } from '../model/kind.ts'
import { type Entry, type PushData, UNKNOWN_FIELD } from '../seam/contract.ts'
import { listsIn } from './lists.ts'
import { PushData as pushSchema } from './schemas/push-data.ts'

/** What is wrong with a body that Seam would take, and then do nothing with. */
export function silentProblems(body: PushData): BodyProblem[] {
  const problems: BodyProblem[] = []
  for (const { list, keyField, isOfStays, entries } of listsIn(body)) {
    if (entries.length > 1) problems.push(...twiceIn(list, keyField, entries))
    if (!isOfStays) continue
    entries.forEach((stay, position) => {
      problems.push(...usersBesideTheFirst(stay, [list, String(position)]))
      if (!endsTooEarly(stay)) return
      const path = [list, String(position), 'ends_at']
      problems.push({ path, message: 'must be after starts_at; swap or correct them' })
    })
  }
  return problems
}

function usersBesideTheFirst(stay: Entry, path: string[]): BodyProblem[] {
  const [first, ...others] = [...guestFields.keys()].filter(field => stay[field] !== undefined)
  return others.map(field => ({
    path: [...path, field],
    message: `must not be there beside ${first}: a stay has one user; push a stay for each`
  }))
}

/** Saying the same twice is harmless. */
function twiceIn(list: string, keyField: string, entries: Entry[]): BodyProblem[] {
  const firsts = new Map<unknown, Entry>()
  const problems: BodyProblem[] = []
  for (const [position, entry] of entries.entries()) {
    const key = entry[keyField]
    const first = firsts.get(key)
    if (first === undefined) firsts.set(key, entry)
    else if (!isDeepStrictEqual(first, entry)) {
      problems.push({
        path: [list, String(position), keyField],
        message: 'is in this list already, with other content; send each key once'
      })
    }
  }
  return problems
}

function endsTooEarly({ starts_at, ends_at }: Entry): boolean {
  if (starts_at === undefined || ends_at === undefined) return false
  const [start, end] = [String(starts_at), String(ends_at)]
  // In UTC to the second, as most are, they are in the order of their letters.
  if (start.length === 20 && end.length === 20) return end <= start
  return Date.parse(end) <= Date.parse(start)
}

/** An object's schema, or a list's of objects. */
interface Schema {
  properties: Record<string, Schema>
  items: Schema
}

/** Fields that are often written where Seam does not read them. */
const advice: Record<string, string> = {
  property_listing_keys: 'is not read on a stay; put these keys into space_keys',
  site_keys: 'is not read on a stay; name the places themselves, in space_keys and the like'
}

function isStayList(name: unknown): boolean {
  return stayLists.some(list => list === name)
}

/** Says what to do about fields that Seam does not know, and about what is no object. */
export function advised({ path, message }: BodyProblem): BodyProblem {
  if (path.length === 0) return { path, message: 'must be an object with customer_key and lists' }
  if (message !== UNKNOWN_FIELD) return { path, message }
  const name = String(path.at(-1))
  const remedy = isStayList(path[0]) && path.length === 3 ? advice[name] : undefined
  if (remedy !== undefined) return { path, message: remedy }
  const known = fieldsAt(path.slice(0, -1))
  const meant = known.find(each => bare(each) === bare(name))
  return { path, message: `${message}; ${meant === undefined ? 'leave it out' : `write ${meant}`}` }
}

/** `customer_key` is no scope of a deletion, although many take it for one. */
export function advisedOfDeletion({ path, message }: BodyProblem): BodyProblem {
  if (path.length === 0) return { path, message: 'must be an object with lists of keys' }
  if (message !== UNKNOWN_FIELD) return { path, message }
  if (path[0] === 'customer_key') {
    return {
      path,
      message: 'is not a field of delete_data; leave it out, as keys are deleted whoever they belong to'
    }
  }
  return { path, message: `${message}; leave it out` }
}

/** @param path to an object in which the documents allow nothing more */
function fieldsAt(path: string[]): string[] {
  let schema = pushSchema as unknown as Schema
  for (const step of path) schema = /^\d+$/.test(step) ? schema.items : (schema.properties[step] as Schema)
  return Object.keys(schema.properties)
}

/** Case, marks and the plural are what is mistaken most. */
function bare(name: string): string {
  return name
    .replace(/[^a-z]/gi, '')
    .toLowerCase()
    .replace(/s$/, '')
}
