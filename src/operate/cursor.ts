import { hash } from 'node:crypto'
import type { RelayError } from '../errors.ts'
import { badRequest } from './bad-request.ts'

/**
 * Where a list goes on: behind the last row that was shown, so that what is added meanwhile moves nothing. Opaque to
 * clients; it also says which filters it belongs to, since behind a row of one list is nowhere in another.
 */
export type Position = (string | number)[]

export function cursorOf(position: Position, filter: object): string {
  return Buffer.from(JSON.stringify([markOf(filter), ...position])).toString('base64url')
}

/**
 * @param shape what the position consists of @returns undefined where the list is to begin
 * @throws RelayError RELAY_BAD_REQUEST for what is no cursor of this list
 */
export function positionIn(
  cursor: string | undefined,
  filter: object,
  shape: ('string' | 'number')[]
): Position | undefined {
  if (cursor === undefined) return undefined
  const [mark, ...position] = parsed(cursor)
  if (position.length !== shape.length || !position.every((each, at) => isPlace(each, shape[at]))) {
    throw badCursor('is none of this list; begin without one')
  }
  if (mark !== markOf(filter)) throw badCursor('belongs to other filters; begin without one')
  return position as Position
}

/** No engine has to take what none of them can hold. */
function isPlace(value: unknown, type: string | undefined): boolean {
  if (typeof value === 'string') return type === 'string' && !value.includes('\0')
  return type === 'number' && Number.isSafeInteger(value)
}

function parsed(cursor: string): unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    return Array.isArray(value) ? value : []
  } catch {
    return []
  }
}

function badCursor(problem: string): RelayError {
  return badRequest(`cursor: ${problem}.`)
}

/** Members in any order are the same filters. */
function markOf(filter: object): string {
  const given = Object.entries(filter).filter(([, value]) => value !== undefined)
  return hash('sha256', JSON.stringify(given.sort(([a], [b]) => (a < b ? -1 : 1)))).slice(0, 12)
}
