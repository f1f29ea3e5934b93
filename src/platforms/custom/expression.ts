import jsonata from 'jsonata'

/** Something that keeps an expression from being used, and where: characters from its beginning. */
export interface Mistake {
  message: string
  offset: number
}

/** What the same body must not be read differently for on another day, and what would build an expression out of a body. */
const withheld = new Map([
  ['now', 'take $event.time: the same body must mean the same whenever it is read'],
  ['millis', 'take $event.time: the same body must mean the same whenever it is read'],
  ['random', 'the same body must mean the same whenever it is read'],
  ['shuffle', 'the same body must mean the same whenever it is read'],
  ['eval', 'what is evaluated stands in the connections file']
])

/** The first thing that is wrong with an expression, as far as it can be told without a body. */
export function mistakeIn(expression: string): Mistake | undefined {
  try {
    return withheldIn(jsonata(expression).ast())
  } catch (error) {
    const { code, message, position = 0, token = '' } = error as Partial<jsonata.JsonataError>
    // Anything else than a finding of the parser is its own trouble: nesting that is too deep.
    if (code === undefined) return { message: 'is nested too deeply to be read', offset: 0 }
    return { message: `${code}: ${message}`, offset: offsetOf(expression, position, token) }
  }
}

/** The library tells where a token ends. */
export function offsetOf(expression: string, position: number, token: unknown): number {
  const start = position - String(token).length
  const atStart =
    typeof token === 'string' && token !== '' && expression.slice(Math.max(start, 0), position) === token
  return atStart ? start : Math.max(Math.min(position, expression.length) - 1, 0)
}

function withheldIn(node: unknown, seen = new Set<unknown>()): Mistake | undefined {
  if (typeof node !== 'object' || node === null || seen.has(node)) return undefined
  seen.add(node)
  const { type, value, position } = node as { type?: unknown; value?: unknown; position: number }
  const reason = type === 'variable' ? withheld.get(String(value)) : undefined
  if (reason !== undefined) {
    return {
      message: `$${value} is not available here; ${reason}`,
      offset: position - `${value}`.length - 1
    }
  }
  for (const member of Object.values(node)) {
    const found = withheldIn(member, seen)
    if (found !== undefined) return found
  }
  return undefined
}

/** The library quotes the expression: where that may hold a secret, no more of its message can be shown than the code. */
export function withoutWords(message: string): string {
  return message.replace(/^([A-Z]\d{4}): .*$/s, '$1: the rest is not shown, as it contains variables')
}

/** The line of an expression on which an offset lies, trimmed and cut short, for people. */
export function lineAt(expression: string, offset: number): string {
  const from = expression.lastIndexOf('\n', offset - 1) + 1
  const end = expression.indexOf('\n', offset)
  const line = expression.slice(from, end === -1 ? undefined : end).trim()
  return line.length > 100 ? `${line.slice(0, 99)}…` : line
}

/** `line 3, column 7`, from 1. */
export function placeAt(expression: string, offset: number): string {
  const before = expression.slice(0, offset)
  return `line ${before.split('\n').length}, column ${offset - before.lastIndexOf('\n')}`
}
