import type { StandInRequest, StandInResponse } from '../../src/platforms/samples.ts'
import { isMembers } from '../../src/platforms/told.ts'

/** One thing that is odd about what an API answers to one question. */
export interface Distortion {
  /** Of all that the adapter asks, by {@link questionOf}. */
  question: string
  /**
   * `spelling`: the same is said in another type. `member`: one member of the answer says nothing or something else. `answer`: in the
   * place of it comes something else, for as long as it is asked for. `answer once`: to the first question only.
   */
  kind: 'spelling' | 'member' | 'answer' | 'answer once'
  /** The member, from the body's beginning; empty where it is about all of the answer. */
  member: string
  /** What stands there instead. */
  as: string
  distorted(answer: StandInResponse): StandInResponse
}

/** What is asked, apart from who asks. */
export function questionOf({ method, path, query, body }: StandInRequest): string {
  const asked = Object.entries(query).flatMap(([name, values]) => values.map(value => `${name}=${value}`))
  const rest = [...asked.sort(), ...(body === undefined ? [] : [JSON.stringify(body)])]
  return [method, path, ...rest].join(' ')
}

export function nameOf({ question, kind, member, as }: Distortion): string {
  const [method, path] = question.split(' ')
  return `${method} ${path}: ${member === '' ? kind : member} ${as}`
}

/** Everything that can be odd about an answer, one at a time. @param words of which the case may be another one */
export function distortionsOf(question: string, answer: StandInResponse, words: Set<string>): Distortion[] {
  const members = [...membersIn(answer.body)]
  return [
    ...instead.flatMap(([as, other]) =>
      (['answer', 'answer once'] as const).map(kind => ({
        question,
        kind,
        member: '',
        as,
        distorted: () => other
      }))
    ),
    {
      question,
      kind: 'spelling',
      member: '',
      as: 'with all numbers and flags as text',
      distorted: odd => (odd.status === 200 ? { ...odd, body: inText(odd.body) } : odd)
    },
    ...(['spelling', 'member'] as const).flatMap(kind =>
      members.flatMap(({ path, value }) =>
        (kind === 'spelling' ? spellings(value, words) : nothings).map(([as, other]) => ({
          question,
          kind,
          member: path.join('.'),
          as,
          distorted: (odd: StandInResponse) =>
            odd.status === 200 ? { ...odd, body: replaced(odd.body, path, other) } : odd
        }))
      )
    )
  ]
}

const page = { headers: { 'content-type': 'text/html' }, body: '<html><body>Nothing here.</body></html>' }

const instead: [as: string, answer: StandInResponse][] = [
  ['404', { status: 404, body: { message: 'not found' } }],
  ['404 with a page', { status: 404, ...page }],
  ['403', { status: 403, body: { message: 'forbidden' } }],
  ['401', { status: 401, body: { message: 'unauthorized' } }],
  ['400', { status: 400, body: { message: 'bad request' } }],
  ['500', { status: 500, body: { message: 'internal error' } }],
  ['200 with null', json('null')],
  ['200 with a list', json('[]')],
  ['200 without members', json('{}')],
  ['200 with a page', { status: 200, ...page }]
]

/** Sent as it is. */
function json(body: string): StandInResponse {
  return { status: 200, headers: { 'content-type': 'application/json' }, body }
}

type Path = (string | number)[]

function* membersIn(value: unknown, path: Path = []): Generator<{ path: Path; value: unknown }> {
  if (path.length > 0) yield { path, value }
  if (Array.isArray(value))
    for (const [index, each] of value.entries()) yield* membersIn(each, [...path, index])
  else if (isMembers(value))
    for (const name of Object.keys(value)) yield* membersIn(value[name], [...path, name])
}

const leftOut = Symbol('left out')

const nothings: [as: string, value: unknown][] = [
  ['left out', leftOut],
  ['null', null],
  ['empty', ''],
  ['a list', []],
  ['no members', {}]
]

function spellings(value: unknown, words: Set<string>): [as: string, value: unknown][] {
  if (typeof value === 'number') return [['as text', String(value)]]
  if (typeof value === 'boolean') return [['as text', String(value)]]
  if (typeof value !== 'string') return []
  if (value === 'true' || value === 'false') return [['as boolean', value === 'true']]
  if (value !== '' && String(Number(value)) === value) return [['as number', Number(value)]]
  if (!words.has(value)) return []
  const cases: [string, string][] = [
    ['in upper case', value.toUpperCase()],
    ['in lower case', value.toLowerCase()]
  ]
  return cases.filter(([, other]) => other !== value)
}

function inText(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inText)
  if (isMembers(value))
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, inText(inner)]))
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value
}

function replaced(body: unknown, path: Path, other: unknown): unknown {
  const copy = structuredClone(body)
  let inner = copy as Record<string | number, unknown> | undefined
  for (const step of path.slice(0, -1)) inner = inner?.[step] as typeof inner
  const last = path.at(-1) as string | number
  // Another answer to the same question may lack what the first one had.
  if (typeof inner !== 'object' || inner === null || !(last in inner)) return copy
  if (other !== leftOut) inner[last] = other
  else if (Array.isArray(inner)) inner.splice(Number(last), 1)
  else delete inner[last]
  return copy
}
