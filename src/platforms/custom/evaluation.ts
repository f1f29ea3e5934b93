import jsonata from 'jsonata'
import { offsetOf } from './expression.ts'

/** One evaluation, as it is handed to the process that does it. */
export interface Job {
  expression: string
  /** JSON of what the expression looks at. */
  input: string
  /** JSON of what it finds under `$` and a name. */
  bindings: string
  limits: Limits
}

export interface Limits {
  milliseconds: number
  depth: number
  sequence: number
}

export type Outcome = { yields: unknown } | { fails: Failure }

/** Why an expression came to nothing. Quotes the expression, and never what it looked at. */
export interface Failure {
  message: string
  offset: number
  /** It was stopped; the same may succeed on a calmer machine. */
  stopped?: true
}

/** Larger than any event of ours, which is a page of text. */
const MOST_CHARACTERS = 1_000_000

/** Expressions stay the same as long as the relay runs. */
const compiled = new Map<string, jsonata.Expression>()

/** An evaluation within its limits. Regular expressions and large texts know none: whoever calls this must be able to end it. */
export async function evaluated({ expression, input, bindings, limits }: Job): Promise<Outcome> {
  try {
    const result = await compiledOf(expression, limits).evaluate(JSON.parse(input), JSON.parse(bindings))
    const text = JSON.stringify(result, plain)
    if (text === undefined) return { yields: undefined }
    if (text.length > MOST_CHARACTERS) return { fails: { message: 'it yields too much', offset: 0 } }
    return { yields: JSON.parse(text) }
  } catch (error) {
    return { fails: failureOf(error as Thrown, expression, limits) }
  }
}

function compiledOf(expression: string, { milliseconds, depth, sequence }: Limits): jsonata.Expression {
  const name = `${milliseconds} ${depth} ${sequence} ${expression}`
  const known = compiled.get(name)
  if (known !== undefined) return known
  const made = jsonata(expression, { timeout: milliseconds, stack: depth, sequence })
  compiled.set(name, made)
  return made
}

const A_FUNCTION = 'RELAY_FUNCTION'

/** Functions of the library are objects whose members begin so. */
function plain(_name: string, value: unknown): unknown {
  const isFunction =
    typeof value === 'function' ||
    (typeof value === 'object' &&
      value !== null &&
      ('_jsonata_lambda' in value || '_jsonata_function' in value))
  if (isFunction) throw { code: A_FUNCTION, position: 0 }
  return value
}

/** What the library throws is no Error. Its message quotes `value` and the like, which come from the body. */
interface Thrown {
  code?: unknown
  message?: unknown
  position?: unknown
  token?: unknown
  [more: string]: unknown
}

function failureOf(thrown: Thrown, expression: string, limits: Limits): Failure {
  const { code, position = 0, token } = thrown
  const offset = offsetOf(expression, Number(position), token)
  switch (code) {
    case 'D1012':
      return { message: `it took longer than ${limits.milliseconds} ms`, offset, stopped: true }
    case 'D1011':
      return { message: `it goes deeper than ${limits.depth} steps`, offset }
    case 'D2014':
    case 'D2015':
      return { message: `a list in it becomes longer than ${limits.sequence}`, offset }
    case 'D3137':
    case 'D3141':
      return { message: `${code}: it says itself that something is wrong ($error or $assert)`, offset }
    case A_FUNCTION:
      return { message: 'it yields a function', offset }
  }
  if (typeof code !== 'string' || typeof thrown.message !== 'string')
    return { message: 'it cannot be evaluated over this body', offset }
  return { message: `${code}: ${withoutValues(thrown, thrown.message)}`, offset }
}

function withoutValues(thrown: Thrown, message: string): string {
  return ['value', 'value2', 'exp'].reduce((text, name) => {
    const quoted = quotedOf(thrown[name])
    return quoted === undefined ? text : text.replaceAll(quoted, '…')
  }, message)
}

/** As the library quotes it; undefined where it cannot, because it is a function of the expression. */
function quotedOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch {
    return undefined
  }
}
